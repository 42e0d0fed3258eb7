/**
 * Keys of index blocks: short ones that still part two data blocks.
 *
 * @module
 */

/**
 * Makes a key at or after `last` and before `next`, shorter where one byte can
 * be raised, as LevelDB does.
 *
 * @param last Last key of a block.
 * @param next First key of the next; greater than `last` as unsigned bytes.
 * @returns `last` itself, or a copy of its beginning with one byte raised.
 */
export function separatorKey(last: Uint8Array, next: Uint8Array): Uint8Array {
  const shorter = Math.min(last.length, next.length);
  let i = 0;
  while (i < shorter && last[i] === next[i]) i++;
  if (i >= last.length || last[i] === 0xff || last[i]! + 1 >= next[i]!) {
    return last;
  }
  return raised(last, i);
}

/**
 * Makes a short key at or after `last`, for the last block of a table.
 *
 * @param last Its last key.
 * @returns `last` itself when all bytes are 0xff or there are none, else a copy
 * of its beginning with one byte raised.
 */
export function successorKey(last: Uint8Array): Uint8Array {
  let i = 0;
  while (i < last.length && last[i] === 0xff) i++;
  return i === last.length ? last : raised(last, i);
}

function raised(key: Uint8Array, at: number): Uint8Array {
  const short = key.slice(0, at + 1);
  short[at]!++;
  return short;
}
