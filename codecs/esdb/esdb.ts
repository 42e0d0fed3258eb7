/**
 * Stores of the ESDB layout, open for reading: the native API.
 *
 * @module
 */
import {
  type AbortOptions,
  type ByteSpans,
  CairnError,
  type Finding,
  type OpenOptions,
  type Source,
  throwIfAborted,
} from "@cairn/core";
import { ChunkCache } from "./_chunk_cache.ts";
import { bulkScan } from "./bulk_scan.ts";
import { EsdbEvents } from "./esdb_events.ts";
import {
  type EsdbName,
  EsdbSpace,
  indexSectionName,
  toBytes,
} from "./esdb_space.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import type { EsdbScanOptions } from "./scan_order.ts";
import { SpaceDecoder } from "./space_decoder.ts";
import { runId, SpaceDirectory } from "./space_directory.ts";
import { SpaceReader } from "./space_reader.ts";
import { verifyStore } from "./verify.ts";

/** How to open a store. */
export interface OpenEsdbOptions extends OpenOptions {
  /**
   * Bytes of the file that `find` and scans of single spaces may keep; 64 MiB
   * if left out, 0 for none. Scans of all spaces keep nothing, and nothing is
   * kept of a source that can be read at once (`readSync`).
   */
  readonly cacheBytes?: number;
}

/** Which spaces to walk over. */
export interface EsdbSpacesOptions extends AbortOptions {
  /** The first id, or where it would be; the first of all if left out. */
  readonly from?: EsdbName;
  /** Only ids that begin so. */
  readonly prefix?: EsdbName;
}

/** What to scan in all spaces, and in which order within each. */
export interface EsdbScanSpacesOptions extends EsdbScanOptions {
  /** Most events of a batch; 65,536 if left out. */
  readonly batchEvents?: number;
}

/** Events of a run of spaces; valid until the next batch is asked for. */
export interface EsdbBatch {
  /** Ids of the spaces that have events here, in bytewise order. */
  readonly ids: readonly Uint8Array[];
  /** Where each space's events begin, and the end of the last: one more entry. */
  readonly offsets: Uint32Array;
  /** The events. */
  readonly events: EsdbEvents;
}

const BATCH_EVENTS = 65_536;
const CACHE_BYTES = 67_108_864;

/**
 * Opens a store, reading only its end: the cost does not grow with its size.
 *
 * @example Write a store and read it
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeText, MemorySink, MemorySource } from "@cairn/core";
 * import { createEsdb, openEsdb } from "@cairn/esdb";
 *
 * const sink = new MemorySink();
 * const writer = await createEsdb(sink);
 * await writer.add("user-1", encodeText("hello"), 100, { indexes: { type: "greet" } });
 * await writer.finish();
 *
 * await using store = await openEsdb(new MemorySource(sink.bytes()));
 * const space = await store.find("user-1");
 * for await (const events of space!.scanIndex("type", "greet")) {
 *   assertEquals([...events].map((event) => event.timestamp), [100]);
 * }
 * ```
 * @param source A source, or the path of a file. The store owns it and closes
 * it, also when opening fails.
 * @param options Stops opening.
 * @throws {CairnError} `corrupt`, `unsupported` or `io`, with the file's name.
 */
export async function openEsdb(
  source: Source | string,
  options: OpenEsdbOptions = {},
): Promise<Esdb> {
  const file = typeof source === "string" ? await openPath(source) : source;
  try {
    const cache = new ChunkCache(file, options.cacheBytes ?? CACHE_BYTES);
    const { signal } = options;
    const directory = await SpaceDirectory.open(file, {
      ...(signal === undefined ? {} : { signal }),
      lookups: cache,
    });
    const manifest = await readManifest(directory.table, options);
    return new Esdb(file, cache, directory, manifest);
  } catch (error) {
    await file.close();
    throw error instanceof CairnError ? error.within(file.name) : error;
  }
}

/** What a store is made of, for what stands on this API within the package. */
export interface EsdbParts {
  /** The file. */
  readonly source: Source;
  /** The space table. */
  readonly directory: SpaceDirectory;
  /** Fails once the store is closed. @throws {TypeError} */
  readonly assertOpen: () => void;
}

/** Gives the parts of a store. */
export let partsOf: (esdb: Esdb) => EsdbParts;

/** A store of the ESDB layout. Any number of calls may run at once. */
export class Esdb implements AsyncDisposable {
  /** Name of the file, for messages. */
  readonly name: string;
  /** What we wrote into the file beside Go's layout; absent in Go's files. */
  readonly manifest: Manifest | undefined;
  readonly #source: Source;
  readonly #cache: ChunkCache;
  readonly #directory: SpaceDirectory;
  readonly #decoder: SpaceDecoder;
  #isClosed = false;

  static {
    partsOf = (esdb) => ({
      source: esdb.#source,
      directory: esdb.#directory,
      assertOpen: () => esdb.#assertOpen(),
    });
  }

  /** Not for callers: see {@linkcode openEsdb}. */
  constructor(
    source: Source,
    cache: ChunkCache,
    directory: SpaceDirectory,
    manifest: Manifest | undefined,
  ) {
    this.name = source.name;
    this.manifest = manifest;
    this.#source = source;
    this.#cache = cache;
    this.#directory = directory;
    this.#decoder = new SpaceDecoder(source.name);
  }

  /**
   * Finds a space.
   *
   * @returns `undefined` when there is none with this id.
   * @throws {CairnError} `corrupt`, `unsupported`, `aborted`, `io`.
   */
  async find(
    id: EsdbName,
    options: AbortOptions = {},
  ): Promise<EsdbSpace | undefined> {
    this.#assertOpen();
    const bytes = toBytes(id);
    // Mostly nothing must be waited for, and waiting costs more than the rest.
    const directory = this.#directory;
    throwIfAborted(options.signal);
    const known = directory.placeSync(bytes);
    const place = known === null
      ? await directory.place(bytes, options)
      : known;
    if (place === undefined) return undefined;
    const cache = this.#cache;
    const stored = cache.readNow(place.offset, place.length);
    const reader = stored === undefined
      ? await SpaceReader.open(cache, place, this.#decoder, options)
      : SpaceReader.openWhole(cache, place, this.#decoder, stored);
    return new EsdbSpace(bytes.slice(), reader, this.#isSorted);
  }

  /** Walks over spaces in bytewise order of their ids. */
  async *spaces(
    options: EsdbSpacesOptions = {},
  ): AsyncGenerator<EsdbSpace, void, undefined> {
    this.#assertOpen();
    const { from, prefix, signal } = options;
    const abort = signal === undefined ? {} : { signal };
    for await (
      const run of this.#directory.runs({
        from: from === undefined ? undefined : toBytes(from),
        prefix: prefix === undefined ? undefined : toBytes(prefix),
        ...abort,
      })
    ) {
      for (let row = 0; row < run.entries.count; row++) {
        this.#assertOpen();
        const reader = await SpaceReader.open(
          this.#cache,
          {
            offset: run.offsets[row]!,
            length: run.lengths[row]!,
          },
          this.#decoder,
          abort,
        );
        yield new EsdbSpace(runId(run, row).slice(), reader, this.#isSorted);
      }
    }
  }

  /**
   * Lists the ids of spaces in bytewise order, without reading the spaces.
   * Views that stay valid.
   */
  async *ids(
    options: EsdbSpacesOptions = {},
  ): AsyncGenerator<ByteSpans, void, undefined> {
    this.#assertOpen();
    const { from, prefix, signal } = options;
    for await (
      const run of this.#directory.runs({
        from: from === undefined ? undefined : toBytes(from),
        prefix: prefix === undefined ? undefined : toBytes(prefix),
        ...(signal === undefined ? {} : { signal }),
      })
    ) yield run.entries.keys;
  }

  /**
   * Scans the events of all spaces: spaces in bytewise order of their ids, all
   * groupings of a space merged by time. The fast way to read everything.
   */
  scan(
    options: EsdbScanSpacesOptions = {},
  ): AsyncIterableIterator<EsdbBatch> {
    return this.#bulk(undefined, options);
  }

  /** Scans the events of all spaces that were indexed under a name and a value. */
  scanIndex(
    name: EsdbName,
    value: EsdbName,
    options: EsdbScanSpacesOptions = {},
  ): AsyncIterableIterator<EsdbBatch> {
    return this.#bulk(indexSectionName(name, value), options);
  }

  /**
   * Looks at everything and reports what is wrong.
   *
   * Every checksum, order, offset and count, ours too where the file has them.
   * Each space is read whole, stored and unpacked, however large it is.
   */
  async *verify(
    options: AbortOptions = {},
  ): AsyncGenerator<Finding, void, undefined> {
    this.#assertOpen();
    yield* verifyStore(this.#source, this.#directory, this.manifest, options);
  }

  /** Closes the file. May be called twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#cache.close();
    await this.#source.close();
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Our writer has sorted events by their stored times; Go may have not. */
  get #isSorted(): boolean {
    return this.manifest !== undefined;
  }

  async *#bulk(
    section: Uint8Array | undefined,
    options: EsdbScanSpacesOptions,
  ): AsyncGenerator<EsdbBatch, void, undefined> {
    this.#assertOpen();
    const { signal, limit = Infinity } = options;
    let left = limit;
    if (!(left > 0)) return;
    const runs = this.#directory.runs(signal === undefined ? {} : { signal });
    for await (
      const batch of bulkScan(this.#source, runs, {
        ...options,
        section,
        batchEvents: options.batchEvents ?? BATCH_EVENTS,
      })
    ) {
      this.#assertOpen();
      const events = new EsdbEvents(batch.timestamps, batch.data);
      if (events.count >= left) {
        yield cutBatch(batch.ids(), batch.offsets, events.slice(0, left));
        return;
      }
      left -= events.count;
      yield {
        get ids() {
          return batch.ids();
        },
        offsets: batch.offsets,
        events,
      };
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) {
      throw new TypeError(`Cannot read "${this.name}": the store is closed`);
    }
  }
}

/** Leaves out the spaces behind the last event. */
function cutBatch(
  ids: readonly Uint8Array[],
  offsets: Uint32Array,
  events: EsdbEvents,
): EsdbBatch {
  let count = 0;
  while (count < ids.length && offsets[count]! < events.count) count++;
  const cut = offsets.slice(0, count + 1);
  cut[count] = events.count;
  return { ids: ids.slice(0, count), offsets: cut, events };
}

async function openPath(path: string): Promise<Source> {
  const { openFile } = await import("@cairn/core/file");
  return await openFile(path);
}
