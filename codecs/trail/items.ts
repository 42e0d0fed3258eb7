/**
 * Items: a field and a value id in one integer of 64 bits.
 *
 * | form   | bits 0 to 6      | bit 7 | the rest                                  |
 * | ------ | ---------------- | ----- | ----------------------------------------- |
 * | narrow | field            | 0     | value in 8 to 31                          |
 * | wide   | field, low bits  | 1     | field, high bits, in 8 to 14; value in 16 to 63 |
 *
 * Field 0 is the time; user fields count from 1. Hot loops keep field and value
 * apart: an item stands only in the codebook and at the public edge.
 *
 * @module
 */
import { NARROW_FIELD_MAX, NARROW_VALUE_MAX, WIDE_FLAG } from "./layout.ts";

/** A field and a value id, packed as TrailDB packs them. */
export type TrailItem = bigint;

const FIELD_MAX = 2 ** 14 - 1;
const VALUE_MAX = 2 ** 48 - 1;

/**
 * Packs an item; narrow where it fits.
 *
 * @example Both ways
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { itemField, itemValue, makeItem } from "@cairn/trail";
 *
 * const item = makeItem(3, 7);
 * assertEquals(item, 0x703n);
 * assertEquals([itemField(item), itemValue(item)], [3, 7]);
 * assertEquals(makeItem(0, 2 ** 24), 0x0000010000000080n);
 * ```
 * @param field 0 to 16,383; user fields count from 1.
 * @param value Value id, or time difference for field 0: 0 to 2^48 - 1.
 * @throws {RangeError} When one of them does not fit.
 */
export function makeItem(field: number, value: number): TrailItem {
  if (!isCount(field, FIELD_MAX) || !isCount(value, VALUE_MAX)) {
    throw new RangeError(`Cannot make item of field ${field}, value ${value}`);
  }
  if (field <= NARROW_FIELD_MAX && value <= NARROW_VALUE_MAX) {
    return BigInt(field + value * 256);
  }
  return BigInt((field & 0x7f) | WIDE_FLAG | (field >> 7) << 8) |
    BigInt(value) << 16n;
}

/** Gets the field of an item. @param item The item. @returns 0 for the time. */
export function itemField(item: TrailItem): number {
  const low = Number(item & 0x7fffn);
  return isItem32(item) ? low & 0x7f : (low & 0x7f) | (low >> 8) << 7;
}

/** Gets the value id of an item. @param item The item. */
export function itemValue(item: TrailItem): number {
  return isItem32(item)
    ? Number(item >> 8n & 0xffff_ffffn)
    : Number(item >> 16n & 0xffff_ffff_ffffn);
}

/** Tells whether an item has the narrow form, which fits 32 bits. @param item The item. */
export function isItem32(item: TrailItem): boolean {
  return (item & BigInt(WIDE_FLAG)) === 0n;
}

function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
