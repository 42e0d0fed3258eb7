/**
 * Ranges of keys.
 *
 * @module
 */
import { type CompareKeys, lowerBound } from "./table_entries.ts";
import type { EntriesOptions, TableBatch } from "./table_options.ts";

/** Folds a prefix into the range. */
export function keyRange(
  options: EntriesOptions,
): { from: Uint8Array | undefined; to: Uint8Array | undefined } {
  const { prefix } = options;
  let { from, to } = options;
  if (prefix === undefined) return { from, to };
  if (from === undefined || isBefore(from, prefix)) from = prefix;
  const end = prefixEnd(prefix);
  if (end !== undefined && (to === undefined || isBefore(end, to))) to = end;
  return { from, to };
}

/** The first key behind all that begin so; `undefined` when there is none. */
function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  const end = prefix.slice(0, length);
  end[length - 1]!++;
  return end;
}

function isBefore(a: Uint8Array, b: Uint8Array): boolean {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    if (a[i] !== b[i]) return a[i]! < b[i]!;
  }
  return a.length < b.length;
}

/** Leaves out what is not in the range. */
export function narrow(
  batch: TableBatch,
  from: Uint8Array | undefined,
  to: Uint8Array | undefined,
  compare: CompareKeys | undefined,
): TableBatch {
  const start = from === undefined ? 0 : lowerBound(batch, from, compare);
  const end = to === undefined ? batch.count : lowerBound(batch, to, compare);
  if (start === 0 && end === batch.count) return batch;
  const { keys, values } = batch;
  return {
    block: batch.block,
    firstRow: start,
    count: Math.max(0, end - start),
    keys: {
      bytes: keys.bytes,
      starts: keys.starts.subarray(start, end),
      ends: keys.ends.subarray(start, end),
    },
    values: {
      bytes: values.bytes,
      starts: values.starts.subarray(start, end),
      ends: values.ends.subarray(start, end),
    },
  };
}
