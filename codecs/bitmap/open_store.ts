/**
 * Opening stores: sealed files and live directories.
 *
 * @module
 */
import {
  CairnError,
  type OpenOptions,
  type Source,
  type Store,
} from "@cairn/core";
import type { BitmapIndex } from "./bitmap_index.ts";
import type { ChunkReader } from "./chunk_store.ts";
import { EVENTS, LONG_MEMBER, TRAILS } from "./events/event_layout.ts";
import { EventStore, isEventSchema } from "./events/event_store.ts";
import type { Superblock } from "./superblock.ts";
import { readKeyspace, readSuperblock } from "./keyspace_records.ts";
import { KeyspaceReader } from "./keyspace_reader.ts";
import { openLevelChunkStore } from "./level_chunk_store.ts";
import { RowStore } from "./row_store.ts";
import { LongValueReader } from "./long_values.ts";
import {
  openTableChunkReader,
  TableChunkReader,
} from "./table_chunk_reader.ts";

/** What the codec understands when it opens. */
export interface BitmapOpenOptions extends OpenOptions {
  /**
   * The keyspace of rows to serve. Left out: the events of a store of events,
   * or the only keyspace there is.
   */
  readonly keyspace?: string;
  /** Bytes of bitmaps that are kept in memory; 64 MiB if left out. */
  readonly cacheBytes?: number;
}

const CACHE_BYTES = 64 << 20;

/**
 * Opens a sealed file as a store.
 *
 * @param source The file; the store owns it.
 * @param options The keyspace, the cache.
 * @throws {CairnError} `corrupt`, `io`; `unsupported`, also when there are
 * several keyspaces and none is named; `not-found` for one that is not there.
 */
export async function openSealed(
  source: Source,
  options: BitmapOpenOptions = {},
): Promise<Store> {
  const reader = await openTableChunkReader(source, options);
  return await openReader(reader, options);
}

/**
 * Opens a live directory as a store of what it holds now. LevelDB's lock
 * admits one process; close the store to let go of it.
 *
 * @param path The directory.
 * @param options The keyspace, the cache.
 * @throws {CairnError} As {@linkcode openSealed}.
 */
export async function openBitmapDirectory(
  path: string,
  options: BitmapOpenOptions = {},
): Promise<Store> {
  const store = await openLevelChunkStore(path, { create: false });
  return await openReader(await store.snapshot(), options, () => store.close());
}

/**
 * Opens what a live index holds now as a store: whole batches, whatever is
 * added later. The index stays open.
 *
 * @param index The live index.
 * @param options The keyspace, the cache.
 * @throws {CairnError} As {@linkcode openSealed}.
 */
export async function openSnapshot(
  index: BitmapIndex,
  options: BitmapOpenOptions = {},
): Promise<Store> {
  return await openReader(await index.snapshot(), options);
}

/** Opens a store over a reader, which it owns. @param close Closes what lies behind the reader. */
async function openReader(
  reader: ChunkReader,
  options: BitmapOpenOptions,
  close: () => Promise<void> = () => Promise.resolve(),
): Promise<Store> {
  try {
    const superblock = await readSuperblock(reader, options);
    if (superblock === undefined) {
      // Its key is the first of all, so it should begin the file.
      throw new CairnError("corrupt", "Cannot open store: no superblock", {
        where: { file: reader.name, part: "superblock", offset: 0 },
      });
    }
    const { cacheBytes = CACHE_BYTES } = options;
    const events = await openEvents(reader, superblock, options);
    if (events !== undefined) return new EventStore({ ...events, reader });
    const entry = chooseKeyspace(superblock.keyspaces, options, reader.name);
    const keyspace = new KeyspaceReader(
      reader,
      await readKeyspace(reader, entry, options),
      { cacheBytes },
    );
    return new RowStore({ keyspace, reader, close });
  } catch (error) {
    await reader.close();
    await close();
    throw error;
  }
}

/** Opens both keyspaces of a store of events, where it is one. */
async function openEvents(
  reader: ChunkReader,
  { keyspaces }: Superblock,
  options: BitmapOpenOptions,
): Promise<
  { trails: KeyspaceReader; events: KeyspaceReader } | undefined
> {
  const trails = keyspaces.get(TRAILS.name);
  const events = keyspaces.get(EVENTS.name);
  if (
    options.keyspace !== undefined || trails === undefined ||
    events === undefined
  ) return undefined;
  const records = await readKeyspace(reader, [EVENTS.name, events], options);
  if (!isEventSchema(records.schema.extra)) return undefined;
  const { cacheBytes = CACHE_BYTES } = options;
  const long = records.schema.extra?.has(LONG_MEMBER) &&
    reader instanceof TableChunkReader;
  const half = {
    cacheBytes: cacheBytes / 2,
    ...(long ? { long: new LongValueReader(reader.table) } : {}),
  };
  return {
    trails: new KeyspaceReader(
      reader,
      await readKeyspace(reader, [TRAILS.name, trails], options),
      half,
    ),
    events: new KeyspaceReader(reader, records, { ...half, numbered: true }),
  };
}

function chooseKeyspace(
  keyspaces: ReadonlyMap<string, number>,
  options: BitmapOpenOptions,
  file: string,
): readonly [string, number] {
  const names = [...keyspaces.keys()];
  const name = options.keyspace ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    throw new CairnError(
      "unsupported",
      `Cannot open store: it has keyspaces ${names.join(", ")}; name one`,
      { where: { file }, reason: "keyspace" },
    );
  }
  const number = keyspaces.get(name);
  if (number === undefined) {
    throw new CairnError(
      "not-found",
      `Cannot open store: no keyspace "${name}", of ${names.join(", ")}`,
      { where: { file }, reason: "keyspace" },
    );
  }
  return [name, number];
}
