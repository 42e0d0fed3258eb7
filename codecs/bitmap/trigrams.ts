/**
 * Trigrams of values.
 *
 * @module
 */
import { decodeText } from "@cairn/core";
import { SLOT_BYTES } from "./layout.ts";

/**
 * Gives the distinct trigrams of a value as slots: three code points in a row,
 * 32 bits each.
 *
 * @param value Bytes; what is not UTF-8 has none.
 */
export function valueTrigrams(value: Uint8Array): Uint8Array[] {
  const text = decodeText(value);
  if (text === undefined) return [];
  const points = Array.from(text);
  const grams = new Set<string>();
  for (let i = 0; i + 3 <= points.length; i++) {
    grams.add(points[i]! + points[i + 1]! + points[i + 2]!);
  }
  return Array.from(grams, gramSlot);
}

/**
 * Makes the slot of a trigram.
 *
 * @param gram Text of three code points.
 */
export function gramSlot(gram: string): Uint8Array {
  const slot = new Uint8Array(SLOT_BYTES);
  const view = new DataView(slot.buffer);
  let at = 4;
  for (const point of gram) {
    view.setUint32(at, point.codePointAt(0)!);
    at += 4;
  }
  return slot;
}
