/**
 * Values that do not fit a key.
 *
 * Their dictionary entries hold a stand-in of 65,535 bytes; the values lie in
 * a block of the table that other readers pass over.
 * Layout: docs/formats/bitmap.md, part "A store of events".
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  concatBytes,
  SharedLoad,
} from "@cairn/core";
import type { Table } from "@cairn/sstable";
import { type CborRecord, decodeRecord, encodeCbor } from "./_cbor.ts";
import { cityHash128 } from "./city_hash.ts";
import { KEY_BYTES_MAX, SLOT_BYTES } from "./layout.ts";

/** Name of the block. */
export const LONG_VALUES_BLOCK = "cairn.long-values";

/** Long values of a field by ordinal. */
export type LongValues = ReadonlyMap<number, Uint8Array>;

/**
 * Gives what the dictionary holds in the place of a value: the value, or its
 * first 65,519 bytes and its hash.
 *
 * @param value Any bytes.
 */
export function standIn(value: Uint8Array): Uint8Array {
  return value.length <= KEY_BYTES_MAX ? value : concatBytes([
    value.subarray(0, KEY_BYTES_MAX - SLOT_BYTES),
    cityHash128(value),
  ]);
}

/** Encodes the block. @param fields Long values of each field, by name. */
export function encodeLongValues(
  fields: ReadonlyMap<string, LongValues>,
): Uint8Array {
  return encodeCbor(
    new Map(
      [...fields].map(([name, values]) => [
        name,
        [...values].map(([ordinal, value]) => [ordinal, value]),
      ]),
    ),
  );
}

/** Loads the block at its first use. */
export class LongValueReader {
  readonly #table: Table;
  readonly #record: SharedLoad<CborRecord> = new SharedLoad((options) =>
    this.#load(options)
  );

  /** Makes a reader. @param table Has the block. */
  constructor(table: Table) {
    this.#table = table;
  }

  /** Gets the long values of a field. @param field Its name. */
  async of(field: string, options: AbortOptions = {}): Promise<LongValues> {
    const record = await this.#record.get(options);
    const values = new Map<number, Uint8Array>();
    if (!record.map.has(field)) return values;
    for (const entry of record.array(field)) {
      const [ordinal, value] = Array.isArray(entry) ? entry : [];
      if (
        !Number.isSafeInteger(ordinal) || !(value instanceof Uint8Array) ||
        value.length <= KEY_BYTES_MAX
      ) throw record.corrupt(`"${field}" is not ordinals and long values`);
      values.set(ordinal, value);
    }
    return values;
  }

  async #load(options: AbortOptions): Promise<CborRecord> {
    const bytes = await this.#table.metaBlock(LONG_VALUES_BLOCK, options);
    if (bytes === undefined) {
      throw new CairnError(
        "corrupt",
        "Cannot read values: the block of long values is missing",
        { where: { part: "values" } },
      );
    }
    return decodeRecord(bytes, "long values");
  }
}
