/**
 * The item index of `tdb index`: which pages of trails have an item.
 *
 * ```text
 * u64 version | u64 checksum | u64 trails of a page
 * F + 1 u64: where the table of each field is; entry 0 is 0
 * for each field: lists of pages | table: u32 width, a list's offset for each
 *                                  value id from 0 on
 * a list: u16 count, pages rising, u16 each; page of trail t is 1 + floor(t / P)
 * ```
 *
 * Layout: docs/formats/traildb.md, part "Item index".
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  BitmapBuilder,
  ByteReader,
  CairnError,
  type CompiledFilter,
  type CompiledTerm,
  type OrdinalRange,
  type Source,
} from "@cairn/core";
import { INDEX_CHECKSUM_SEED, INDEX_PAGES_MAX } from "./layout.ts";
import type { TrailFile } from "./trail_file.ts";
import { xxh64Words } from "./xxh64.ts";

/** Bytes in front of the field table. */
export const INDEX_HEADER_BYTES = 24;
/** Values looked up for a term before it is easier to take all trails. */
const VALUES_MAX = 4096;

/** Trails of a page, for a number of trails. @param trails Trails of the file. */
export function indexPageTrails(trails: number): number {
  return 1 + Math.floor(trails / INDEX_PAGES_MAX);
}

/**
 * Computes the checksum that ties an index to a file. It covers the numbers of
 * `info`, not the content.
 */
export function indexChecksum(file: TrailFile): bigint {
  const { trails, events, minTime, maxTime } = file.info;
  return xxh64Words([
    BigInt(trails),
    BigInt(events),
    BigInt(file.schema.fields.length + 1),
    minTime,
    maxTime,
    BigInt(file.version),
  ], BigInt(INDEX_CHECKSUM_SEED));
}

/** An open index file. Lists are read when they are asked for. */
export class TrailIndexFile implements AsyncDisposable {
  readonly #source: Source;
  readonly #trails: number;
  readonly #pageTrails: number;
  readonly #tables: readonly number[];
  readonly #valueCounts: Float64Array;

  private constructor(
    source: Source,
    trails: number,
    tables: readonly number[],
    valueCounts: Float64Array,
  ) {
    this.#source = source;
    this.#trails = trails;
    this.#pageTrails = indexPageTrails(trails);
    this.#tables = tables;
    this.#valueCounts = valueCounts;
  }

  /**
   * Opens an index of a file.
   *
   * @param source The index; owned, closed also when opening fails.
   * @param file The TrailDB.
   * @throws {CairnError} `corrupt` when it is damaged; `invalid-input`, reason
   * `index-mismatch`, when it belongs to another file.
   */
  static async open(
    source: Source,
    file: TrailFile,
    options: AbortOptions = {},
  ): Promise<TrailIndexFile> {
    try {
      const fieldCount = file.schema.fields.length;
      const byteLength = INDEX_HEADER_BYTES + 8 * (fieldCount + 1);
      const reader = new ByteReader(
        await source.read(0, Math.min(byteLength, source.size), options),
        { part: "index header", file: source.name },
      );
      reader.skip(8, "version");
      if (reader.bigU64("checksum") !== indexChecksum(file)) {
        throw new CairnError(
          "invalid-input",
          `Cannot use index: it was made for another file than "${file.name}"`,
          {
            where: { file: source.name, part: "index header", offset: 8 },
            reason: "index-mismatch",
          },
        );
      }
      const pageTrails = reader.u64("trails of a page");
      if (pageTrails !== indexPageTrails(file.info.trails)) {
        throw reader.corrupt(
          `Cannot read index: ${pageTrails} trails a page, ${
            indexPageTrails(file.info.trails)
          } wanted`,
          16,
        );
      }
      const tables = Array.from(
        { length: fieldCount + 1 },
        () => reader.u64("field table", source.size),
      );
      return new TrailIndexFile(
        source,
        file.info.trails,
        tables,
        await file.valueCounts(options),
      );
    } catch (error) {
      await source.close().catch(() => {});
      throw error;
    }
  }

  /** Whether a page is one trail, so that answers are exact. */
  get isExact(): boolean {
    return this.#pageTrails === 1;
  }

  /**
   * Gives the trails that may have an event that matches.
   *
   * @param filter With verdict `some`.
   * @returns A superset; `undefined` when the index says nothing.
   */
  async candidates(
    filter: CompiledFilter,
    options: AbortOptions = {},
  ): Promise<Bitmap | undefined> {
    let candidates: Bitmap | undefined;
    for (const clause of filter.clauses) {
      const pages = await this.#clausePages(clause, options);
      if (pages === undefined) continue;
      candidates = candidates === undefined ? pages : candidates.and(pages);
      if (candidates.isEmpty) break;
    }
    return candidates && this.#trailsOf(candidates);
  }

  /** Cuts a set of trails to a range. */
  within(trails: Bitmap, range: OrdinalRange): Bitmap {
    if (range.start <= 0 && range.end >= this.#trails) return trails;
    return trails.and(
      Bitmap.range(
        Math.max(0, Math.ceil(range.start)),
        Math.min(this.#trails, Math.floor(range.end)),
      ),
    );
  }

  /**
   * Finds the trails that may have one of some values.
   *
   * @param field Field id, from 1.
   * @param ids Value ids; those that the field does not have give no page.
   */
  async trails(
    field: number,
    ids: Iterable<number>,
    options: AbortOptions = {},
  ): Promise<Bitmap> {
    return this.#trailsOf(await this.#pagesOf(field, ids, options));
  }

  /** Closes the source. */
  close(): Promise<void> {
    return this.#source.close();
  }

  /** Closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Union over the terms; `undefined` when a term may hold in any trail. */
  async #clausePages(
    clause: readonly CompiledTerm[],
    options: AbortOptions,
  ): Promise<Bitmap | undefined> {
    let union = Bitmap.empty;
    for (const term of clause) {
      if (term.kind === "time") return undefined;
      const ids = acceptedIds(term.accepts!);
      if (ids === undefined) return undefined;
      union = union.or(await this.#pagesOf(term.field + 1, ids, options));
    }
    return union;
  }

  async #pagesOf(
    field: number,
    ids: Iterable<number>,
    options: AbortOptions,
  ): Promise<Bitmap> {
    const builder = new BitmapBuilder();
    const table = this.#tables[field];
    if (table === undefined || field === 0) return Bitmap.empty;
    const width = (await this.#read(table, 4, "table width", options)).u32(
      "table width",
    );
    if (width !== 4 && width !== 8) {
      throw this.#corrupt(table, `a table of width ${width}, 4 or 8 wanted`);
    }
    for (const id of ids) {
      if (id > this.#valueCounts[field]!) continue;
      const entry = await this.#read(
        table + 4 + width * id,
        width,
        "list offset",
        options,
      );
      const list = width === 4
        ? entry.u32("list offset")
        : entry.u64("list offset");
      await this.#addPages(list, builder, options);
    }
    return builder.finish();
  }

  async #addPages(
    list: number,
    builder: BitmapBuilder,
    options: AbortOptions,
  ): Promise<void> {
    const count = (await this.#read(list, 2, "page count", options)).u16(
      "page count",
    );
    const reader = await this.#read(list + 2, 2 * count, "pages", options);
    const last = Math.ceil(this.#trails / this.#pageTrails);
    let before = 0;
    for (let i = 0; i < count; i++) {
      const page = reader.u16("page");
      if (page <= before || page > last) {
        throw this.#corrupt(
          list,
          `page ${page} behind ${before}, rising to ${last} wanted`,
        );
      }
      builder.add(page - 1);
      before = page;
    }
  }

  /** Trails of pages; bits of the bitmap are pages less one. */
  #trailsOf(pages: Bitmap): Bitmap {
    if (this.#pageTrails === 1) return pages;
    const builder = new BitmapBuilder();
    for (const page of pages) {
      const start = page * this.#pageTrails;
      const end = Math.min(this.#trails, start + this.#pageTrails);
      for (let trail = start; trail < end; trail++) builder.add(trail);
    }
    return builder.finish();
  }

  async #read(
    offset: number,
    byteLength: number,
    what: string,
    options: AbortOptions,
  ): Promise<ByteReader> {
    const { size } = this.#source;
    if (offset > size || byteLength > size - offset) {
      throw this.#corrupt(
        Math.min(offset, size),
        `${what} of ${byteLength} bytes at ${offset}, the file has ${size}`,
      );
    }
    return new ByteReader(
      await this.#source.read(offset, byteLength, options),
      { part: "index", offset, file: this.#source.name },
    );
  }

  #corrupt(offset: number, state: string): CairnError {
    return new CairnError("corrupt", `Cannot read index: ${state}`, {
      where: { file: this.#source.name, part: "index", offset },
    });
  }
}

/** The ids that a term accepts; `undefined` when there are too many to look up. */
function acceptedIds(accepts: Uint8Array): number[] | undefined {
  const ids: number[] = [];
  let id = accepts.indexOf(1);
  while (id >= 0) {
    if (ids.length === VALUES_MAX) return undefined;
    ids.push(id);
    id = accepts.indexOf(1, id + 1);
  }
  return ids;
}
