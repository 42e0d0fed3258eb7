/**
 * From ordinals to ids: last, and only for rows that are given.
 *
 * @module
 */
import { decodeKeyParts, decodeText, spanValue } from "@cairn/core";
import type { QueryRow, QueryValue } from "./answer.ts";
import type { QueryContext } from "./query_context.ts";

/** Keys between two wanted ones that are read along rather than apart. */
const GAP_MAX = 64;
/** Most keys of one read. */
const RUN_MAX = 8192;

/**
 * Gets the ids of trails.
 *
 * @param context The store.
 * @param trails Ordinals, in any order.
 * @returns A row for each, in the same order; ids are copies.
 */
export async function readRows(
  context: QueryContext,
  trails: readonly number[],
): Promise<QueryRow[]> {
  const { store, signal, fields } = context;
  const { keyParts, keyType } = fields.schema;
  const sorted = Float64Array.from(trails).sort();
  const ids = new Map<number, readonly QueryValue[]>();
  for (let first = 0; first < sorted.length;) {
    const start = sorted[first]!;
    let last = first;
    while (
      last + 1 < sorted.length &&
      sorted[last + 1]! - sorted[last]! <= GAP_MAX &&
      sorted[last + 1]! - start < RUN_MAX
    ) last++;
    const end = sorted[last]! + 1;
    const keys = await store.keys({ start, end }, signal ? { signal } : {});
    for (let i = first; i <= last; i++) {
      const key = spanValue(keys, sorted[i]! - start) ?? new Uint8Array(0);
      const parts = decodeKeyParts(key, keyParts.length);
      ids.set(
        sorted[i]!,
        keyType === "uint"
          ? [BigInt(decodeText(key) ?? "0")]
          : parts.map((part) => part.slice()),
      );
    }
    first = last + 1;
  }
  return trails.map((trail) => ({ trail, id: ids.get(trail)! }));
}
