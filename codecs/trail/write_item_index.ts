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

/**
 * Writes the item index of a file. Fields are scanned one after the other; the
 * memory it takes grows with the pairs of page and value of one field, and with
 * the index.
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
    for (const [i, { name }] of store.schema.fields.entries()) {
      const pages = await collectPages(
        store,
        file,
        name,
        counts[i + 1]!,
        options,
      );
      const part = new FieldPart(offset, shared);
      part.writeLists(pages);
      head.u64(part.tableOffset);
      const bytes = part.finish();
      parts.push(bytes);
      offset += bytes.length;
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

/** Finds the pages of each value, by one scan of one field. */
async function collectPages(
  store: Pick<Store, "scan">,
  file: TrailFile,
  field: string,
  valueCount: number,
  options: AbortOptions,
): Promise<FieldPages> {
  const pageTrails = indexPageTrails(file.info.trails);
  const lastPage = new Uint16Array(valueCount + 1);
  const starts = new Float64Array(valueCount + 2);
  let ids = new Uint32Array(4096);
  let pageOf = new Uint16Array(4096);
  let count = 0;
  for await (const batch of store.scan({ ...options, fields: [field] })) {
    throwIfAborted(options.signal);
    const [column] = batch.columns;
    if (column?.kind !== "ids") continue;
    const { trailOrdinals, trailOffsets } = batch;
    for (let t = 0; t < trailOrdinals.length; t++) {
      const page = 1 + Math.floor(trailOrdinals[t]! / pageTrails);
      const end = trailOffsets[t + 1]!;
      for (let row = trailOffsets[t]!; row < end; row++) {
        const id = column.ids[row]!;
        if (lastPage[id] === page) continue;
        lastPage[id] = page;
        if (count === ids.length) {
          ids = grow(ids, new Uint32Array(2 * count));
          pageOf = grow(pageOf, new Uint16Array(2 * count));
        }
        ids[count] = id;
        pageOf[count++] = page;
        starts[id + 1]!++;
      }
    }
  }
  for (let id = 0; id <= valueCount; id++) starts[id + 1]! += starts[id]!;
  const next = starts.slice();
  const pages = new Uint16Array(count);
  for (let i = 0; i < count; i++) pages[next[ids[i]!]!++] = pageOf[i]!;
  return { starts, pages };
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

function grow<Words extends Uint32Array | Uint16Array>(
  words: Words,
  grown: Words,
): Words {
  grown.set(words);
  return grown;
}
