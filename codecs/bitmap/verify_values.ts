/**
 * The checks of the dictionary and trigrams of a set of strings.
 *
 * @module
 */
import { type AbortOptions, BitmapBuilder, concatBytes } from "@cairn/core";
import { ProbeCheck } from "./_probe_check.ts";
import { cityHash128 } from "./city_hash.ts";
import { DenseSpace } from "./address_space.ts";
import type { KeyspaceReader } from "./keyspace_reader.ts";
import type { KeyspaceField } from "./keyspace_schema.ts";
import { KIND } from "./layout.ts";
import { slotText, slotToBigint, slotToNumber } from "./slot.ts";
import { valueTrigrams } from "./trigrams.ts";
import { dictionaryEntries } from "./verify_rows.ts";

/** What to check, and where to put what was found. */
export interface ValueCheck {
  /** A set of strings. */
  readonly field: KeyspaceField;
  /** Takes the slot of every value, as `slotText`. */
  readonly slots: Set<string>;
}

/** Checks that both dictionaries of a field say the same, and its trigrams. */
export async function* verifyValues(
  keyspace: KeyspaceReader,
  check: ValueCheck,
  options: AbortOptions,
): AsyncGenerator<string, void, undefined> {
  const { field, slots } = check;
  const { name } = field;
  const probe = new ProbeCheck(keyspace.schema.hashBits);
  let bySlot = 0n;
  const values = dictionaryEntries(keyspace, KIND.value, name, options);
  for await (const { slot, id } of values) {
    const problem = probe.add(slot, id);
    if (problem !== undefined) yield `values of "${name}": ${problem}`;
    slots.add(slotText(slot));
    bySlot ^= print(slot, id);
  }
  const problem = probe.finish();
  if (problem !== undefined) yield `values of "${name}": ${problem}`;
  let byOrdinal = 0n;
  let count = 0;
  const grams = new Map<string, BitmapBuilder>();
  const trigram = field.type === "set" && field.trigram;
  const ordinals = dictionaryEntries(
    keyspace,
    KIND.valueOrdinal,
    name,
    options,
  );
  for await (const { slot, id, value } of ordinals) {
    if (slotToNumber(slot) !== count) {
      yield `value ordinal ${count} of "${name}" is missing, or there twice`;
      return;
    }
    byOrdinal ^= print(value, id);
    for (const gram of trigram ? valueTrigrams(id) : []) {
      const text = slotText(gram);
      let builder = grams.get(text);
      if (builder === undefined) {
        builder = new BitmapBuilder();
        grams.set(text, builder);
      }
      builder.add(count);
    }
    count++;
  }
  if (byOrdinal !== bySlot || count !== slots.size) {
    yield `the two dictionaries of "${name}" do not hold the same values`;
  }
  const stated = keyspace.state.fields.get(name)?.values ?? 0;
  if (count !== stated) {
    yield `${count} values of "${name}", ${stated} in the state`;
  }
  if (trigram) yield* verifyTrigrams(keyspace, name, count, grams, options);
}

async function* verifyTrigrams(
  keyspace: KeyspaceReader,
  name: string,
  count: number,
  grams: Map<string, BitmapBuilder>,
  options: AbortOptions,
): AsyncGenerator<string, void, undefined> {
  const space = new DenseSpace(count);
  const scan = keyspace.bitmaps(KIND.trigram, name, { ...options, space });
  for await (const { slot, bitmap } of scan) {
    const wanted = grams.get(slotText(slot));
    if (wanted === undefined || !wanted.finish().equals(bitmap)) {
      yield `trigram ${
        slotToBigint(slot).toString(16)
      } of "${name}" names other values`;
    }
    grams.delete(slotText(slot));
  }
  if (grams.size > 0) yield `${grams.size} trigrams of "${name}" are missing`;
}

function print(slot: Uint8Array, id: Uint8Array): bigint {
  return slotToBigint(cityHash128(concatBytes([slot, id])));
}
