/**
 * Events from one store into the writer of another.
 *
 * @module
 */
import {
  type Bitmap,
  type ByteSpans,
  type Column,
  type EventBatch,
  type Filter,
  findField,
  type Lexicon,
  type ScanOptions,
  type Store,
  type StoreWriter,
} from "@cairn/core";
import { OutputBuffer } from "./output/output_buffer.ts";

/** Which events to copy, and how. */
export interface CopyOptions {
  /** Which events; all if left out. */
  readonly filter?: Filter | undefined;
  /** Which trails; all if left out. */
  readonly trails?: Bitmap | undefined;
  /** Changes the keys of some rows; they stay as they are if left out. */
  readonly mapKeys?:
    | ((keys: ByteSpans, count: number) => ByteSpans)
    | undefined;
  /** Told how many events have been copied. */
  readonly onProgress?: (events: number) => void;
  /** Stops the copy. */
  readonly signal?: AbortSignal;
}

/**
 * Copies events. Fields are matched by name: those that the writer lacks are
 * left out, those that the store lacks are empty.
 *
 * @param store Where from.
 * @param writer Where to.
 * @param options Which events, and how.
 */
export async function copyEvents(
  store: Store,
  writer: StoreWriter,
  options: CopyOptions = {},
): Promise<void> {
  const positions: number[] = [];
  const fields: string[] = [];
  for (const { name } of writer.schema.fields) {
    const there = findField(store.schema, name) >= 0;
    positions.push(there ? fields.push(name) - 1 : -1);
  }
  const scan: ScanOptions = {
    fields,
    ...(options.filter === undefined ? {} : { filter: options.filter }),
    ...(options.trails === undefined ? {} : { trails: options.trails }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const values = new Map<Lexicon, PackedLexicon>();
  let copied = 0;
  for await (const batch of store.scan(scan)) {
    const { count } = batch;
    const columns = batch.columns.map((column) => spansOf(column, values));
    const none = noValues(count);
    const keys = await keysOf(store, batch, options.signal);
    await writer.addBatch({
      count,
      trailKeys: options.mapKeys === undefined
        ? keys
        : options.mapKeys(keys, count),
      timestamps: batch.timestamps,
      columns: positions.map((at) => at < 0 ? none : columns[at]!),
    });
    copied += count;
    options.onProgress?.(copied);
  }
}

function noValues(count: number): ByteSpans {
  const zeros = new Uint32Array(count);
  return { bytes: new Uint8Array(0), starts: zeros, ends: zeros };
}

/** The trail key of each row. */
async function keysOf(
  store: Store,
  { trailOrdinals, trailOffsets, count }: EventBatch,
  signal: AbortSignal | undefined,
): Promise<ByteSpans> {
  const out = new OutputBuffer();
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  // Trails far apart are asked for apart, so that what lies between is not read.
  const gap = 1024;
  for (let first = 0; first < trailOrdinals.length;) {
    let next = first + 1;
    while (
      next < trailOrdinals.length &&
      trailOrdinals[next]! - trailOrdinals[next - 1]! < gap
    ) next++;
    const start = trailOrdinals[first]!;
    const keys = await store.keys(
      { start, end: trailOrdinals[next - 1]! + 1 },
      signal === undefined ? {} : { signal },
    );
    for (let t = first; t < next; t++) {
      const at = trailOrdinals[t]! - start;
      const from = out.byteLength;
      out.span(keys.bytes, keys.starts[at]!, keys.ends[at]!);
      starts.fill(from, trailOffsets[t]!, trailOffsets[t + 1]!);
      ends.fill(out.byteLength, trailOffsets[t]!, trailOffsets[t + 1]!);
    }
    first = next;
  }
  return { bytes: out.view(), starts, ends };
}

function spansOf(
  column: Column,
  known: Map<Lexicon, PackedLexicon>,
): ByteSpans {
  if (column.kind === "bytes") return column;
  const { lexicon, ids } = column;
  let packed = known.get(lexicon);
  if (packed === undefined) {
    packed = new PackedLexicon(lexicon);
    known.set(lexicon, packed);
  }
  const starts = new Uint32Array(ids.length);
  const ends = new Uint32Array(ids.length);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    packed.need(id);
    starts[row] = packed.starts[id]!;
    ends[row] = packed.ends[id]!;
  }
  return { bytes: packed.arena.view(), starts, ends };
}

/** The values of a lexicon in one array, each when first asked for. */
class PackedLexicon {
  readonly arena = new OutputBuffer();
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly #lexicon: Lexicon;

  constructor(lexicon: Lexicon) {
    this.#lexicon = lexicon;
    this.starts = new Uint32Array(lexicon.size);
    this.ends = new Uint32Array(lexicon.size);
    // No value begins at 0, so that an end of 0 means "not there yet".
    this.arena.byte(0);
  }

  need(id: number): void {
    if (id === 0 || this.ends[id] !== 0) return;
    this.starts[id] = this.arena.byteLength;
    this.arena.all(this.#lexicon.value(id));
    this.ends[id] = this.arena.byteLength;
  }
}
