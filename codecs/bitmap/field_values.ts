/**
 * Which values of a set of strings meet a condition.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  type Condition,
  encodeText,
  equalBytes,
  type Grams,
  parseInteger,
} from "@cairn/core";
import { findSlot } from "./dictionary.ts";
import { namePrefix } from "./key.ts";
import type { KeyspaceReader } from "./keyspace_reader.ts";
import { KEY_BYTES_MAX, KIND } from "./layout.ts";
import { slotOf, slotToBigint } from "./slot.ts";
import { gramSlot } from "./trigrams.ts";
import { loadDictionary, type ValueDictionary } from "./value_dictionary.ts";

/** A field with more values than this has the candidates of a pattern read one by one. */
const LOAD_ALL_MAX = 1 << 16;

/** Makes the test that a condition is. @param condition Any. */
export function conditionTest(
  condition: Condition,
): (value: Uint8Array) => boolean {
  switch (condition.kind) {
    case "in": {
      const values = condition.values;
      return (value) =>
        values.some((v) =>
          v.length === value.length && v.every((byte, i) => byte === value[i])
        );
    }
    case "between":
      return (value) => {
        const number = parseInteger(value);
        return number !== undefined && number >= condition.low &&
          number <= condition.high;
      };
    case "prefix": {
      const { prefix } = condition;
      return (value) =>
        value.length >= prefix.length &&
        prefix.every((byte, i) => byte === value[i]);
    }
    case "test":
      return condition.test;
  }
}

/** Finds values of one field of strings by their bytes. */
export class FieldValues {
  readonly #keyspace: KeyspaceReader;
  readonly #field: string;
  readonly #trigram: boolean;
  #dictionary: Promise<ValueDictionary> | undefined;

  /** Makes the values of a field. @param keyspace Holds it. @param field Its name. */
  constructor(keyspace: KeyspaceReader, field: string) {
    this.#keyspace = keyspace;
    this.#field = field;
    const found = keyspace.schema.fields.find(({ name }) => name === field);
    this.#trigram = found?.type === "set" && found.trigram;
  }

  /** Loads all values, once. */
  dictionary(options: AbortOptions = {}): Promise<ValueDictionary> {
    this.#dictionary ??= loadDictionary(this.#keyspace, this.#field, {
      start: 0,
      end: Infinity,
    }, options).catch((error) => {
      this.#dictionary = undefined;
      throw error;
    });
    return this.#dictionary;
  }

  /** Finds the slots of the values that meet a condition. */
  async slots(
    condition: Condition,
    options: AbortOptions = {},
  ): Promise<Uint8Array[]> {
    if (condition.kind === "in") {
      return await this.#known(condition.values, options);
    }
    const candidates = await this.#candidates(condition, options);
    const test = conditionTest(condition);
    const long = await this.#keyspace.longValues(this.#field, options);
    const { values = 0 } = this.#keyspace.state.fields.get(this.#field) ?? {};
    const slots: Uint8Array[] = [];
    const all = candidates === undefined || values <= LOAD_ALL_MAX ||
      long.size > 0;
    if (all) {
      const dictionary = await this.dictionary(options);
      const ordinals = candidates === undefined
        ? Array.from({ length: dictionary.count }, (_, i) => i)
        // Trigrams of long values are those of their stand-ins: too few.
        : candidates.or(Bitmap.from(long.keys())).toArray();
      for (const ordinal of ordinals) {
        if (ordinal < dictionary.count && test(dictionary.value(ordinal))) {
          slots.push(dictionary.slot(ordinal));
        }
      }
      return slots;
    }
    for (const [start, end] of runs(candidates)) {
      const part = await loadDictionary(this.#keyspace, this.#field, {
        start,
        end,
      }, options);
      for (let i = 0; i < part.count; i++) {
        if (test(part.value(i))) slots.push(part.slot(i));
      }
    }
    return slots;
  }

  async #known(
    values: readonly Uint8Array[],
    options: AbortOptions,
  ): Promise<Uint8Array[]> {
    const prefix = namePrefix(
      this.#keyspace.keyspace,
      KIND.value,
      encodeText(this.#field),
    );
    const { hashBits } = this.#keyspace.schema;
    const slots = new Map<bigint, Uint8Array>();
    for (const id of values) {
      if (id.length > KEY_BYTES_MAX) {
        const long = await this.#keyspace.longValues(this.#field, options);
        for (const [ordinal, value] of long) {
          if (!equalBytes(value, id)) continue;
          const slot = (await this.dictionary(options)).slot(ordinal);
          slots.set(slotToBigint(slot), slot);
        }
        continue;
      }
      // A space that is exactly full has no free slot to stop at.
      const found = await findSlot(this.#keyspace.reader, { prefix, id }, {
        ...options,
        hashBits,
      }).catch((error) => {
        if (error.reason === "slots-full") return undefined;
        throw error;
      });
      if (found?.known) slots.set(slotToBigint(found.slot), found.slot);
    }
    return [...slots.values()];
  }

  /** Ordinals of the values that can meet a condition; `undefined` for all. */
  async #candidates(
    condition: Condition,
    options: AbortOptions,
  ): Promise<Bitmap | undefined> {
    // Bytes that are not UTF-8 have no trigrams, but can have a prefix.
    if (!this.#trigram || condition.kind !== "test") return undefined;
    return await this.#meet(condition.grams, options);
  }

  async #meet(
    grams: Grams,
    options: AbortOptions,
  ): Promise<Bitmap | undefined> {
    if (grams.kind === "any") return undefined;
    if (grams.kind === "gram") {
      if ([...grams.gram].length !== 3) return undefined;
      const slot = gramSlot(grams.gram);
      return (await this.#keyspace.trigram(this.#field, slot, options)).bitmap;
    }
    let met: Bitmap | undefined;
    for (const part of grams.of) {
      const found = await this.#meet(part, options);
      if (grams.kind === "some") {
        if (found === undefined) return undefined;
        met = met === undefined ? found : met.or(found);
      } else if (found !== undefined) {
        met = met === undefined ? found : met.and(found);
        if (met.isEmpty) return met;
      }
    }
    return met ?? (grams.kind === "some" ? Bitmap.empty : undefined);
  }
}

/** Runs of neighbouring ordinals. */
function* runs(set: Bitmap): Generator<[number, number]> {
  const ordinals = set.toArray();
  for (let i = 0; i < ordinals.length;) {
    let end = i + 1;
    while (end < ordinals.length && ordinals[end] === ordinals[end - 1]! + 1) {
      end++;
    }
    yield [ordinals[i]!, ordinals[end - 1]! + 1];
    i = end;
  }
}

/**
 * Finds the numbers that a condition names, for fields of numbers.
 *
 * @param condition Any kind.
 * @returns Ranges, both ends inclusive; `undefined` when each value must be tested.
 */
export function conditionRanges(
  condition: Condition,
): { low: bigint; high: bigint }[] | undefined {
  if (condition.kind === "between") {
    return condition.low > condition.high || condition.high < 0n ? [] : [{
      low: condition.low < 0n ? 0n : condition.low,
      high: condition.high,
    }];
  }
  if (condition.kind !== "in") return undefined;
  return condition.values.flatMap((value) => {
    const number = parseInteger(value);
    // Another spelling of a number, such as 007, is not its decimal text.
    return number === undefined || number < 0n ||
        String(number).length !== value.length
      ? []
      : [{ low: number, high: number }];
  });
}

/** Makes the slots of a range of numbers. @param range Both ends inclusive, not negative. */
export function rangeSlots(
  range: { readonly low: bigint; readonly high: bigint },
): { from: Uint8Array; last: Uint8Array } | undefined {
  const most = (1n << 128n) - 1n;
  if (range.low > most) return undefined;
  return {
    from: slotOf(range.low),
    last: slotOf(range.high > most ? most : range.high),
  };
}
