/**
 * What a scan through the contract asks of the spaces, and of the rows found.
 *
 * @module
 */
import {
  Bitmap,
  type BytesColumn,
  CHUNK_BITS,
  type Column,
  type CompiledFilter,
  EventBatch,
  type ScanOptions,
} from "@cairn/core";

/** The run that holds all trails wanted, and which of it are. */
export function trailsWanted(trails: ScanOptions["trails"]): {
  start: number;
  end: number;
  wanted: ((ordinal: number) => boolean) | undefined;
} {
  if (trails === undefined) {
    return { start: 0, end: Infinity, wanted: undefined };
  }
  if (!(trails instanceof Bitmap)) {
    return {
      start: Math.max(0, trails.start),
      end: trails.end,
      wanted: undefined,
    };
  }
  if (trails.isEmpty) return { start: 0, end: 0, wanted: undefined };
  const { chunks } = trails;
  return {
    start: chunks[0]! * CHUNK_BITS,
    end: (chunks[chunks.length - 1]! + 1) * CHUNK_BITS,
    wanted: (ordinal) => trails.has(ordinal),
  };
}

/** The range of times outside of which no event can match. */
export function timesWanted(
  filter: CompiledFilter,
): { from: number; to: number } {
  let from = 0;
  let to = Infinity;
  for (const clause of filter.clauses) {
    const [term] = clause;
    if (clause.length !== 1 || term!.kind !== "time") continue;
    from = Math.max(from, term!.from);
    to = Math.min(to, term!.to);
  }
  return { from, to };
}

/** Keeps some rows of a batch. */
export function pickRows(
  parts: {
    trailOrdinals: Uint32Array;
    trailOffsets: Uint32Array;
    timestamps: Float64Array;
    columns: readonly BytesColumn[];
  },
  rows: Uint32Array,
): EventBatch {
  const { trailOrdinals, trailOffsets } = parts;
  const ordinals = new Uint32Array(trailOrdinals.length);
  const offsets = new Uint32Array(trailOrdinals.length + 1);
  let trails = 0;
  let at = 0;
  for (let t = 0; t < trailOrdinals.length; t++) {
    const end = trailOffsets[t + 1]!;
    const from = at;
    while (at < rows.length && rows[at]! < end) at++;
    if (at === from) continue;
    ordinals[trails++] = trailOrdinals[t]!;
    offsets[trails] = at;
  }
  const pick = (values: Uint32Array): Uint32Array => {
    const picked = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) picked[i] = values[rows[i]!]!;
    return picked;
  };
  const timestamps = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    timestamps[i] = parts.timestamps[rows[i]!]!;
  }
  return new EventBatch({
    trailOrdinals: ordinals.slice(0, trails),
    trailOffsets: offsets.slice(0, trails + 1),
    timestamps,
    columns: parts.columns.map((column): Column => ({
      kind: "bytes",
      bytes: column.bytes,
      starts: pick(column.starts),
      ends: pick(column.ends),
    })),
  });
}
