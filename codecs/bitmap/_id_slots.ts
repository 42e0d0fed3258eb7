/**
 * Slots of the ids of a batch: those that are known, and new ones.
 *
 * @module
 */
import { cacheKey } from "./_row_place.ts";
import type { ChunkChange, ChunkReader } from "./chunk_store.ts";
import { findSlot, homeSlot } from "./dictionary.ts";
import { entryKey, slotPrefix } from "./key.ts";
import type { KeyspaceSchema } from "./keyspace_schema.ts";
import type { KeyspaceState } from "./keyspace_state.ts";
import { slotOf, slotText } from "./slot.ts";

/** What a keyspace is before a batch. */
export interface KeyspaceBefore {
  /** Its number. */
  readonly keyspace: number;
  /** Its schema, with fields that the batch opens. */
  readonly schema: KeyspaceSchema;
  /** Whether the schema has to be written too. */
  readonly schemaChanged: boolean;
  /** Its state. */
  readonly state: KeyspaceState;
  /** Slots of ids that are known; under `kind:name:id`. */
  readonly known: ReadonlyMap<string, Uint8Array>;
}

/** Finds slots for one batch; new entries go to the batch's changes. */
export class IdSlots {
  /** Slots of ids that were looked up, for the cache. */
  readonly found = new Map<string, Uint8Array>();
  readonly #before: KeyspaceBefore;
  readonly #reader: ChunkReader;
  readonly #entries: ChunkChange[];

  /**
   * Begins a batch.
   *
   * @param before The keyspace before it.
   * @param reader The stored keys.
   * @param entries Takes the entries of new ids.
   */
  constructor(
    before: KeyspaceBefore,
    reader: ChunkReader,
    entries: ChunkChange[],
  ) {
    this.#before = before;
    this.#reader = reader;
    this.#entries = entries;
  }

  /**
   * Finds or makes the slots of ids in a dictionary that probes.
   *
   * @param prefix Of the dictionary.
   * @param ids The ids, distinct.
   * @returns Their slots, and the new ones in order.
   */
  async probe(
    prefix: Uint8Array,
    ids: readonly Uint8Array[],
  ): Promise<
    { slots: Uint8Array[]; added: { id: Uint8Array; slot: Uint8Array }[] }
  > {
    const added: { id: Uint8Array; slot: Uint8Array }[] = [];
    const { hashBits } = this.#before.schema;
    const slots: (Uint8Array | undefined)[] = ids.map((id) =>
      this.#before.known.get(cacheKey(prefix, id))
    );
    // Most ids lie where their hash says: ask for those in one go.
    const asked = ids.flatMap((id, i) => slots[i] ? [] : [{ id, i }]);
    const homes = asked.map(({ id }) => homeSlot(id, hashBits));
    const stored = await this.#reader.getMany(
      asked.map(({ id }, n) => entryKey(slotPrefix(prefix, homes[n]!), id)),
    );
    const pending = new Map<string, Uint8Array>();
    for (let n = 0; n < asked.length; n++) {
      const { id, i } = asked[n]!;
      const found = stored[n] !== undefined
        ? { slot: homes[n]!, known: true }
        : await findSlot(this.#reader, { prefix, id }, { hashBits, pending });
      if (!found.known) {
        pending.set(slotText(found.slot), id);
        this.#entries.push({
          key: entryKey(slotPrefix(prefix, found.slot), id),
          value: EMPTY,
        });
        added.push({ id, slot: found.slot });
      }
      slots[i] = found.slot;
      this.found.set(cacheKey(prefix, id), found.slot);
    }
    return { slots: slots as Uint8Array[], added };
  }

  /**
   * Finds the numbers of ids in a dictionary that has each id in its key; new
   * ids get the next numbers.
   *
   * @param byId Prefix of the dictionary from ids to numbers.
   * @param byNumber Prefix of the one from numbers to ids.
   * @param ids The ids, distinct.
   * @returns Their numbers as slots, and how many are new.
   */
  async numbers(
    byId: Uint8Array,
    byNumber: Uint8Array,
    ids: readonly Uint8Array[],
  ): Promise<{ slots: Uint8Array[]; added: number }> {
    const { hashBits } = this.#before.schema;
    const first = this.#before.state.rows;
    let added = 0;
    const slots: (Uint8Array | undefined)[] = ids.map((id) =>
      this.#before.known.get(cacheKey(byId, id))
    );
    const asked = ids.flatMap((id, i) => slots[i] ? [] : [{ id, i }]);
    const keys = asked.map(({ id }) =>
      entryKey(slotPrefix(byId, homeSlot(id, hashBits)), id)
    );
    const stored = await this.#reader.getMany(keys);
    asked.forEach(({ id, i }, n) => {
      let slot: Uint8Array | undefined = stored[n]?.slice();
      if (slot === undefined) {
        slot = slotOf(first + added++);
        this.#entries.push(
          { key: entryKey(slotPrefix(byNumber, slot), id), value: EMPTY },
          { key: keys[n]!, value: slot },
        );
      }
      slots[i] = slot;
      this.found.set(cacheKey(byId, id), slot);
    });
    return { slots: slots as Uint8Array[], added };
  }
}

const EMPTY = new Uint8Array(0);
