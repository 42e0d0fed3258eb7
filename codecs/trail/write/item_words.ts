/**
 * Items as the codebook holds them.
 *
 * Layout: docs/formats/traildb.md, part 9.
 *
 * @module
 */
import { NARROW_FIELD_MAX, NARROW_VALUE_MAX, WIDE_FLAG } from "../layout.ts";

/**
 * Writes an item as two words.
 *
 * @param field The field id, 0 for time.
 * @param value The value id, or time difference.
 * @param words Where; low word first.
 * @param at Index of the low word.
 */
export function writeItem(
  field: number,
  value: number,
  words: Uint32Array,
  at: number,
): void {
  if (field <= NARROW_FIELD_MAX && value <= NARROW_VALUE_MAX) {
    words[at] = field | (value << 8);
    words[at + 1] = 0;
    return;
  }
  words[at] = wideLow(field) | ((value % 0x1_0000) << 16);
  words[at + 1] = Math.floor(value / 0x1_0000);
}

/**
 * Gives a number by which items sort as their 64 bits do.
 *
 * Above 2^53 it is rounded; there are only time differences there, which stay
 * distinct since they differ by 2^16 or more.
 *
 * @param field The field id, 0 for time.
 * @param value The value id, or time difference.
 */
export function itemOrder(field: number, value: number): number {
  return field <= NARROW_FIELD_MAX && value <= NARROW_VALUE_MAX
    ? value * 0x100 + field
    : value * 0x1_0000 + wideLow(field);
}

function wideLow(field: number): number {
  return (field & 0x7f) | WIDE_FLAG | ((field >> 7) << 8);
}
