/**
 * Dictionaries: which id has which slot, settled by probing.
 *
 * Layout: docs/formats/bitmap.md, part "Collisions".
 *
 * @module
 */
import { type AbortOptions, CairnError, equalBytes } from "@cairn/core";
import type { ChunkReader } from "./chunk_store.ts";
import { cityHash128 } from "./city_hash.ts";
import { decodeKey, prefixEnd, slotPrefix } from "./key.ts";
import { PROBES_MAX } from "./layout.ts";
import { maskSlot, nextSlot, slotText } from "./slot.ts";

/** Where an id is, or would be. */
export interface FoundSlot {
  /** Its slot, or the free one that it would get. */
  readonly slot: Uint8Array;
  /** Whether the dictionary has the id. */
  readonly known: boolean;
}

/** How to search a dictionary. */
export interface FindSlotOptions extends AbortOptions {
  /** How many bits of hashes are kept. */
  readonly hashBits: number;
  /** Ids by slot that are not stored yet, under their `slotText`. */
  readonly pending?: ReadonlyMap<string, Uint8Array>;
}

/**
 * Hashes an id to the slot where its search begins.
 *
 * @param id The bytes.
 * @param hashBits How many bits are kept.
 */
export function homeSlot(id: Uint8Array, hashBits: number): Uint8Array {
  return maskSlot(cityHash128(id), hashBits);
}

/**
 * Finds the slot of an id, slot by slot from its hash.
 *
 * @param reader Holds the dictionary.
 * @param dictionary Prefix of its keys, and the id.
 * @param options Bits of hashes; ids not stored yet.
 * @returns The slot of the id, or the first free one.
 * @throws {CairnError} `limit` after 65,536 steps or when every slot is taken.
 */
export async function findSlot(
  reader: ChunkReader,
  dictionary: { readonly prefix: Uint8Array; readonly id: Uint8Array },
  options: FindSlotOptions,
): Promise<FoundSlot> {
  const { prefix, id } = dictionary;
  const { hashBits } = options;
  const slots = Math.min(PROBES_MAX, 2 ** Math.min(hashBits, 17));
  let slot = homeSlot(id, hashBits);
  for (let step = 0; step < slots; step++) {
    const taken = options.pending?.get(slotText(slot)) ??
      await slotId(reader, slotPrefix(prefix, slot), options);
    if (taken === undefined) return { slot, known: false };
    if (equalBytes(taken, id)) return { slot, known: true };
    slot = nextSlot(slot, hashBits);
  }
  throw new CairnError(
    "limit",
    `Cannot find a slot: ${slots} slots from the hash on are taken`,
    { reason: "slots-full" },
  );
}

/** Gets the id that a slot holds. @param prefix Of its only key. */
async function slotId(
  reader: ChunkReader,
  prefix: Uint8Array,
  options: AbortOptions = {},
): Promise<Uint8Array | undefined> {
  const range = { from: prefix, to: prefixEnd(prefix) };
  for await (const { keys } of reader.range(range, options)) {
    const key = decodeKey(keys.bytes.slice(keys.starts[0], keys.ends[0]));
    return key.layout === "entry" ? key.id : undefined;
  }
  return undefined;
}
