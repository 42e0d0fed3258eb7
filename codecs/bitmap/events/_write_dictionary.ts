/**
 * Dictionaries and trigrams of values on their way into a table.
 *
 * @module
 */
import { encodeText } from "@cairn/core";
import { type BitmapOutput, compareNames } from "./_bitmap_output.ts";
import { compareSlots, type ValueIds } from "./_value_ids.ts";
import { entryKey, namePrefix, slotPrefix } from "../key.ts";
import { KIND } from "../layout.ts";
import { valueTrigrams } from "../trigrams.ts";

/** Values of a field, by its name. */
export interface NamedValues {
  /** The field's name. */
  readonly name: string;
  /** Its values. */
  readonly values: ValueIds;
}

const EMPTY = new Uint8Array(0);

/** Orders fields as their keys are ordered. @param fields Any. */
export function sortByName<T extends { readonly name: string }>(
  fields: readonly T[],
): T[] {
  const named = fields.map((field) => ({ field, key: encodeText(field.name) }));
  named.sort((a, b) => compareNames(a.key, b.key));
  return named.map(({ field }) => field);
}

/** Writes the trigram bitmaps of fields. */
export async function writeTrigrams(
  output: BitmapOutput,
  keyspace: number,
  fields: readonly NamedValues[],
): Promise<void> {
  for (const { name, values } of sortByName(fields)) {
    const prefix = namePrefix(keyspace, KIND.trigram, encodeText(name));
    const grams = new Map<string, { slot: Uint8Array; ordinals: number[] }>();
    for (let id = 1; id <= values.count; id++) {
      for (const slot of valueTrigrams(values.key(id))) {
        const text = String.fromCharCode(...slot.subarray(4));
        const gram = grams.get(text);
        if (gram === undefined) grams.set(text, { slot, ordinals: [id - 1] });
        else gram.ordinals.push(id - 1);
      }
    }
    const sorted = [...grams.values()];
    sorted.sort((a, b) => compareSlots(a.slot, b.slot));
    for (const { slot, ordinals } of sorted) {
      await output.ordinals(slotPrefix(prefix, slot), ordinals);
    }
  }
}

/** Writes the values of fields by slot, then by ordinal. */
export async function writeDictionaries(
  output: BitmapOutput,
  keyspace: number,
  fields: readonly NamedValues[],
): Promise<void> {
  for (const { name, values } of sortByName(fields)) {
    const prefix = namePrefix(keyspace, KIND.value, encodeText(name));
    for (const id of values.bySlot()) {
      const slot = slotPrefix(prefix, values.slot(id));
      await output.entry(entryKey(slot, values.key(id)), EMPTY);
    }
  }
  for (const { name, values } of sortByName(fields)) {
    const prefix = namePrefix(keyspace, KIND.valueOrdinal, encodeText(name));
    for (let id = 1; id <= values.count; id++) {
      const slot = slotPrefix(prefix, id - 1);
      await output.entry(entryKey(slot, values.key(id)), values.slot(id));
    }
  }
}
