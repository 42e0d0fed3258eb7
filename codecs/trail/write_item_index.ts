/**
 * Building the item index, byte for byte as `tdb index` does.
 *
 * @module
 */
import {
  type AbortOptions,
  ByteWriter,
  type Sink,
  type Store,
  throwIfAborted,
} from "@cairn/core";
import {
  INDEX_HEADER_BYTES,
  indexChecksum,
  indexPageTrails,
} from "./item_index.ts";
import { INDEX_SHARED_PAGES_MAX, INDEX_VERSION } from "./layout.ts";
import type { TrailFile } from "./trail_file.ts";

/** The pages of each value of a field: list `id` is `starts[id] .. starts[id + 1]`. */
interface FieldPages {
  readonly starts: Float64Array;
  readonly pages: Uint16Array;
}

/** Most events times fields that one scan collects: each may be a new pair. */
const PAIRS_AT_ONCE = 4_000_000;
/** Most fields of one scan. */
const FIELDS_AT_ONCE = 64;

/**
 * Writes the item index of a file. Fields of large files are scanned one after
 * the other, many at once of small ones; the memory it takes grows with the
 * pairs of page and value of one field, and with the index.
 *
 * @param sink Where it goes; finished, or aborted on failure.
 * @param store The store that serves the file.
 * @param file The file.
 * @returns Bytes of the index.
 */
export async function writeItemIndex(
  sink: Sink,
  store: Pick<Store, "scan" | "schema">,
  file: TrailFile,
  options: AbortOptions = {},
): Promise<number> {
  try {
    const counts = await file.valueCounts(options);
    const tableEnd = INDEX_HEADER_BYTES + 8 * counts.length;
    const head = new ByteWriter(tableEnd);
    const checksum = indexChecksum(file);
    head.u64(INDEX_VERSION);
    head.u32(Number(checksum & 0xffff_ffffn));
    head.u32(Number(checksum >> 32n));
    head.u64(indexPageTrails(file.info.trails));
    head.u64(0);
    const parts: Uint8Array[] = [];
    const shared = new Map<string, number>();
    let offset = tableEnd;
    const names = store.schema.fields.map(({ name }) => name);
    const step = fieldsAtOnce(file.info.events);
    for (let first = 0; first < names.length; first += step) {
      const fields = names.slice(first, first + step);
      const collectors = fields.map((_, i) =>
        new PageCollector(counts[first + i + 1]!)
      );
      await collectPages(store, file, { ...options, fields, collectors });
      for (const collector of collectors) {
        const part = new FieldPart(offset, shared);
        part.writeLists(collector.finish());
        head.u64(part.tableOffset);
        const bytes = part.finish();
        parts.push(bytes);
        offset += bytes.length;
      }
    }
    await sink.write(head.take());
    for (const part of parts) await sink.write(part);
    await sink.finish(options);
    return offset;
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/** Says how many fields to scan together. */
function fieldsAtOnce(events: number): number {
  const fitting = Math.floor(PAIRS_AT_ONCE / Math.max(1, events));
  return Math.max(1, Math.min(FIELDS_AT_ONCE, fitting));
}

/** Finds the pages of each value of some fields, by one scan. */
async function collectPages(
  store: Pick<Store, "scan">,
  file: TrailFile,
  options: AbortOptions & {
    readonly fields: readonly string[];
    readonly collectors: readonly PageCollector[];
  },
): Promise<void> {
  const { collectors, fields, signal } = options;
  const pageTrails = indexPageTrails(file.info.trails);
  const scan = store.scan({
    fields,
    ...signal === undefined ? {} : { signal },
  });
  for await (const batch of scan) {
    throwIfAborted(signal);
    const { trailOrdinals, trailOffsets } = batch;
    for (const [i, column] of batch.columns.entries()) {
      if (column.kind !== "ids") continue;
      for (let t = 0; t < trailOrdinals.length; t++) {
        const page = 1 + Math.floor(trailOrdinals[t]! / pageTrails);
        const [start, end] = [trailOffsets[t]!, trailOffsets[t + 1]!];
        collectors[i]!.add(page, column.ids, start, end);
      }
    }
  }
}

/** Collects the pages of each value of one field. */
class PageCollector {
  readonly #lastPage: Uint16Array;
  readonly #starts: Float64Array;
  #ids = new Uint32Array(4096);
  #pageOf = new Uint16Array(4096);
  #count = 0;

  /** Makes a collector. @param valueCount The last value id. */
  constructor(valueCount: number) {
    this.#lastPage = new Uint16Array(valueCount + 1);
    this.#starts = new Float64Array(valueCount + 2);
  }

  /** Takes rows of a page; pages ascend. */
  add(page: number, ids: Uint32Array, start: number, end: number): void {
    const lastPage = this.#lastPage;
    for (let row = start; row < end; row++) {
      const id = ids[row]!;
      if (lastPage[id] === page) continue;
      lastPage[id] = page;
      if (this.#count === this.#ids.length) this.#grow();
      this.#ids[this.#count] = id;
      this.#pageOf[this.#count++] = page;
      this.#starts[id + 1]!++;
    }
  }

  /** Gives the lists. */
  finish(): FieldPages {
    const [starts, ids, pageOf] = [this.#starts, this.#ids, this.#pageOf];
    for (let id = 0; id + 1 < starts.length; id++) {
      starts[id + 1]! += starts[id]!;
    }
    const next = starts.slice();
    const pages = new Uint16Array(this.#count);
    for (let i = 0; i < this.#count; i++) {
      pages[next[ids[i]!]!++] = pageOf[i]!;
    }
    return { starts, pages };
  }

  #grow(): void {
    const room = 2 * this.#count;
    const [ids, pageOf] = [this.#ids, this.#pageOf];
    this.#ids = new Uint32Array(room);
    this.#ids.set(ids);
    this.#pageOf = new Uint16Array(room);
    this.#pageOf.set(pageOf);
  }
}

/** The lists and the table of one field. */
class FieldPart {
  tableOffset = 0;
  readonly #writer = new ByteWriter(65_536);
  readonly #offset: number;
  readonly #shared: Map<string, number>;

  constructor(offset: number, shared: Map<string, number>) {
    this.#offset = offset;
    this.#shared = shared;
  }

  writeLists({ starts, pages }: FieldPages): void {
    const writer = this.#writer;
    const count = starts.length - 1;
    const offsets = new Float64Array(count);
    for (let id = 0; id < count; id++) {
      offsets[id] = this.#writeList(
        pages.subarray(starts[id]!, starts[id + 1]!),
      );
    }
    this.tableOffset = this.#offset + writer.byteLength;
    const isWide = this.tableOffset > 0xffff_ffff;
    writer.u32(isWide ? 8 : 4);
    for (const offset of offsets) {
      if (isWide) writer.u64(offset);
      else writer.u32(offset);
    }
  }

  finish(): Uint8Array {
    return this.#writer.take();
  }

  /** A short list that was written before, for any field, is shared. */
  #writeList(pages: Uint16Array): number {
    const key = pages.length <= INDEX_SHARED_PAGES_MAX
      ? pages.join()
      : undefined;
    const before = key === undefined ? undefined : this.#shared.get(key);
    if (before !== undefined) return before;
    const offset = this.#offset + this.#writer.byteLength;
    this.#writer.u16(pages.length);
    for (let i = 0; i < pages.length; i++) this.#writer.u16(pages[i]!);
    if (key !== undefined) this.#shared.set(key, offset);
    return offset;
  }
}
