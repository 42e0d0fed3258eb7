/**
 * Slots: unsigned numbers of 128 bits as 16 bytes, big-endian.
 *
 * @module
 */
import { SLOT_BYTES } from "./layout.ts";

/**
 * Makes the slot of a number.
 *
 * @param value 0 to 2^53 - 1, or a bigint up to 2^128 - 1.
 */
export function slotOf(value: number | bigint): Uint8Array {
  const slot = new Uint8Array(SLOT_BYTES);
  writeSlot(slot, 0, value);
  return slot;
}

/**
 * Writes a slot.
 *
 * @param bytes Where to.
 * @param offset Of its first byte.
 * @param value 0 to 2^53 - 1, or a bigint up to 2^128 - 1.
 */
export function writeSlot(
  bytes: Uint8Array,
  offset: number,
  value: number | bigint,
): void {
  bytes.fill(0, offset, offset + SLOT_BYTES);
  let at = offset + SLOT_BYTES - 1;
  if (typeof value === "number") {
    for (; value > 0; at--) {
      bytes[at] = value % 256;
      value = Math.floor(value / 256);
    }
    return;
  }
  for (; value > 0n; at--) {
    bytes[at] = Number(value & 0xffn);
    value >>= 8n;
  }
}

/** Reads a slot as a number of any size. @param slot 16 bytes. */
export function slotToBigint(slot: Uint8Array): bigint {
  let value = 0n;
  for (let i = 0; i < SLOT_BYTES; i += 4) {
    value = value << 32n | BigInt(slotWord(slot, i));
  }
  return value;
}

/**
 * Reads a slot as a safe integer.
 *
 * @param slot 16 bytes.
 * @returns `undefined` when it is 2^53 or more.
 */
export function slotToNumber(slot: Uint8Array): number | undefined {
  for (let i = 0; i < 9; i++) if (slot[i] !== 0) return undefined;
  const high = slotWord(slot, 8);
  if (high >= 0x20_0000) return undefined;
  return high * 0x1_0000_0000 + slotWord(slot, 12);
}

/**
 * Keeps the lowest bits of a slot.
 *
 * @param slot 16 bytes; changed.
 * @param bits 1 to 128.
 * @returns The same slot.
 */
export function maskSlot(slot: Uint8Array, bits: number): Uint8Array {
  const whole = bits >>> 3;
  const first = SLOT_BYTES - whole;
  for (let i = 0; i < first; i++) {
    slot[i]! &= i === first - 1 ? (1 << (bits & 7)) - 1 : 0;
  }
  return slot;
}

/**
 * Gives the slot behind another, in a space of `bits` bits.
 *
 * @param slot 16 bytes; not changed.
 * @param bits 1 to 128.
 * @returns A copy; 0 behind the last.
 */
export function nextSlot(slot: Uint8Array, bits: number): Uint8Array {
  const next = slot.slice();
  for (let i = SLOT_BYTES - 1; i >= 0; i--) {
    next[i] = next[i]! + 1;
    if (next[i] !== 0) break;
  }
  return maskSlot(next, bits);
}

/**
 * Takes a bit address apart.
 *
 * @param address 16 bytes.
 * @returns The chunk's offset, a copy, and the bit in the chunk.
 */
export function splitAddress(
  address: Uint8Array,
): { readonly offset: Uint8Array; readonly bit: number } {
  const offset = new Uint8Array(SLOT_BYTES);
  // A shift by 11: one byte and three bits.
  for (let i = 1; i < SLOT_BYTES; i++) {
    offset[i] = address[i - 1]! >>> 3 |
      (i > 1 ? address[i - 2]! << 5 : 0);
  }
  return { offset, bit: (address[14]! & 7) << 8 | address[15]! };
}

/**
 * Puts a bit address together.
 *
 * @param offset The chunk's offset, 16 bytes, below 2^117.
 * @param bit 0 to 2,047.
 */
export function joinAddress(offset: Uint8Array, bit: number): Uint8Array {
  const address = new Uint8Array(SLOT_BYTES);
  for (let i = 0; i < SLOT_BYTES - 1; i++) {
    address[i] = offset[i + 1]! << 3 |
      (i + 2 < SLOT_BYTES ? offset[i + 2]! >>> 5 : 0);
  }
  address[14]! |= bit >>> 8;
  address[15] = bit & 0xff;
  return address;
}

/** Gives a slot as a string to be used as a key of maps. @param slot 16 bytes. */
export function slotText(slot: Uint8Array): string {
  return String.fromCharCode(
    slot[0]! << 8 | slot[1]!,
    slot[2]! << 8 | slot[3]!,
    slot[4]! << 8 | slot[5]!,
    slot[6]! << 8 | slot[7]!,
    slot[8]! << 8 | slot[9]!,
    slot[10]! << 8 | slot[11]!,
    slot[12]! << 8 | slot[13]!,
    slot[14]! << 8 | slot[15]!,
  );
}

function slotWord(slot: Uint8Array, at: number): number {
  return (slot[at]! << 24 | slot[at + 1]! << 16 | slot[at + 2]! << 8 |
    slot[at + 3]!) >>> 0;
}
