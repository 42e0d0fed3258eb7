/**
 * Where a row's bit is, and how ids are remembered.
 *
 * @module
 */
import { latin1 } from "./_chunk_edits.ts";
import { slotText, splitAddress } from "./slot.ts";

/** Where a row's bit is. */
export interface RowPlace {
  /** The chunk's offset. */
  readonly offset: Uint8Array;
  /** The same as text, for maps. */
  readonly offsetText: string;
  /** The bit in the chunk. */
  readonly bit: number;
}

/** Finds the bit of an address. @param address 16 bytes. */
export function rowPlace(address: Uint8Array): RowPlace {
  const { offset, bit } = splitAddress(address);
  return { offset, offsetText: slotText(offset), bit };
}

/** Names an id of a dictionary for maps. @param prefix Of the dictionary. @param id The bytes. */
export function cacheKey(prefix: Uint8Array, id: Uint8Array): string {
  return latin1(prefix) + latin1(id);
}
