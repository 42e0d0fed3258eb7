/**
 * Looking a key up in a block that is not decoded.
 *
 * @module
 */
import type { ByteReaderPlace } from "@cairn/core";
import {
  damage,
  restartsStart,
  u32At,
  uvarintWithin,
  varintEnd,
} from "./table_entries.ts";

/** Where the rest of an entry's key and its value lie. */
interface Entry {
  shared: number;
  keyStart: number;
  valueStart: number;
  end: number;
}

/**
 * Finds the value of a key: by the restarts, then from entry to entry.
 *
 * Looks at a few entries only, and checks those; `decodeBlock` checks all.
 *
 * @param block The block, without its trailer; its checksum is right.
 * @param key What to look for, in the order of unsigned bytes.
 * @param place Where the block lies, for errors.
 * @returns A view; `undefined` when the key is not there, `null` when all keys
 * of the block are before it.
 * @throws {CairnError} `corrupt` when an entry on the way is damaged.
 */
export function searchBlock(
  block: Uint8Array,
  key: Uint8Array,
  place: ByteReaderPlace,
): Uint8Array | undefined | null {
  const entriesEnd = restartsStart(block, place);
  if (entriesEnd === 0) return null;
  const entry: Entry = { shared: 0, keyStart: 0, valueStart: 0, end: 0 };
  let low = 0;
  let high = (block.length - 4 - entriesEnd) / 4;
  let at = 0;
  // The last restart whose key is not behind the one looked for.
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = u32At(block, entriesEnd + 4 * middle);
    readEntry(block, start, entriesEnd, 0, place, entry);
    const { keyStart, valueStart } = entry;
    const same = samePrefix(block, keyStart, valueStart, key, 0);
    if (isBehind(block, keyStart + same, valueStart, key, same)) {
      high = middle;
    } else {
      low = middle + 1;
      at = start;
    }
  }
  // How much of the key the entry before had, and how long its own key was.
  let same = 0;
  let lastLength = 0;
  for (; at < entriesEnd; at = entry.end) {
    readEntry(block, at, entriesEnd, lastLength, place, entry);
    const { shared, keyStart, valueStart } = entry;
    lastLength = shared + valueStart - keyStart;
    // With more in common with the entry before than that has with the key,
    // an entry is before the key too.
    if (shared > same) continue;
    same = shared + samePrefix(block, keyStart, valueStart, key, shared);
    const rest = keyStart + same - shared;
    if (same === key.length && rest === valueStart) {
      return block.subarray(valueStart, entry.end);
    }
    if (isBehind(block, rest, valueStart, key, same)) return undefined;
  }
  return null;
}

/** Reads the head of an entry, checked. */
function readEntry(
  block: Uint8Array,
  start: number,
  entriesEnd: number,
  sharedMax: number,
  place: ByteReaderPlace,
  entry: Entry,
): void {
  const shared = uvarintWithin(block, start, entriesEnd);
  let at = varintEnd(block, start);
  const rest = uvarintWithin(block, at, entriesEnd);
  at = varintEnd(block, at);
  const valueLength = uvarintWithin(block, at, entriesEnd);
  at = varintEnd(block, at);
  if (
    shared < 0 || rest < 0 || valueLength < 0 || shared > sharedMax ||
    rest > entriesEnd - at || valueLength > entriesEnd - at - rest
  ) {
    throw damage(
      place,
      Math.min(start, block.length),
      "an entry leaves the block",
    );
  }
  entry.shared = shared;
  entry.keyStart = at;
  entry.valueStart = at + rest;
  entry.end = at + rest + valueLength;
}

/** How many bytes agree: of the block from `at` on, and of the key from `from` on. */
function samePrefix(
  block: Uint8Array,
  at: number,
  end: number,
  key: Uint8Array,
  from: number,
): number {
  const most = Math.min(end - at, key.length - from);
  let same = 0;
  while (same < most && block[at + same] === key[from + same]) same++;
  return same;
}

/** Whether bytes `at .. end` come behind the key's from `from` on, the first of which differ. */
function isBehind(
  block: Uint8Array,
  at: number,
  end: number,
  key: Uint8Array,
  from: number,
): boolean {
  return at < end && (from === key.length || block[at]! > key[from]!);
}
