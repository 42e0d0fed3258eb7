/**
 * Chunks in a LevelDB directory.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  packSpans,
  throwIfAborted,
} from "@cairn/core";
import type { ClassicLevel } from "classic-level";
import type {
  ChunkBatchOptions,
  ChunkChange,
  ChunkEntries,
  ChunkReader,
  ChunkStore,
  KeyRange,
} from "./chunk_store.ts";

/** How to open a LevelDB. */
export interface OpenLevelOptions {
  /** Make the directory if there is none; true if left out. */
  readonly create?: boolean;
}

type Level = ClassicLevel<Uint8Array, Uint8Array>;
type LevelSnapshot = ReturnType<Level["snapshot"]>;

const RANGE_ENTRIES = 1024;
const RANGE_BYTES = 1 << 20;

/**
 * Opens a LevelDB directory. LevelDB's lock admits one process at a time.
 *
 * @param path The directory.
 * @param options Whether to make one.
 * @throws {CairnError} `not-found` when there is none and none is to be made;
 * `io` when it is in use or cannot be opened; `corrupt` when LevelDB says so.
 */
export async function openLevelChunkStore(
  path: string,
  options: OpenLevelOptions = {},
): Promise<ChunkStore> {
  // Loaded here, so that those who read sealed files never load native code.
  const library = await import("classic-level");
  const level: Level = new library.ClassicLevel(path, {
    keyEncoding: "view",
    valueEncoding: "view",
  });
  try {
    await level.open({ createIfMissing: options.create ?? true });
  } catch (error) {
    await level.close().catch(() => {});
    throw levelError(error, path, "open");
  }
  return new LevelStore(path, level);
}

class LevelReader implements ChunkReader {
  readonly name: string;
  readonly level: Level;
  #snapshot: LevelSnapshot | undefined;
  #closed = false;

  constructor(name: string, level: Level, snapshot?: LevelSnapshot) {
    this.name = name;
    this.level = level;
    this.#snapshot = snapshot;
  }

  async get(
    key: Uint8Array,
    options: AbortOptions = {},
  ): Promise<Uint8Array | undefined> {
    this.assertOpen();
    throwIfAborted(options.signal);
    try {
      return await this.level.get(key, this.#at());
    } catch (error) {
      throw levelError(error, this.name, "read");
    }
  }

  async getMany(
    keys: readonly Uint8Array[],
    options: AbortOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    this.assertOpen();
    throwIfAborted(options.signal);
    if (keys.length === 0) return [];
    try {
      return await this.level.getMany(keys as Uint8Array[], this.#at());
    } catch (error) {
      throw levelError(error, this.name, "read");
    }
  }

  async *range(
    range: KeyRange,
    options: AbortOptions = {},
  ): AsyncGenerator<ChunkEntries, void, undefined> {
    this.assertOpen();
    const iterator = this.level.iterator({
      gte: range.from,
      lt: range.to,
      highWaterMarkBytes: RANGE_BYTES,
      ...this.#at(),
    });
    try {
      while (true) {
        throwIfAborted(options.signal);
        const entries = await iterator.nextv(RANGE_ENTRIES).catch((error) => {
          throw levelError(error, this.name, "read");
        });
        if (entries.length === 0) return;
        yield {
          count: entries.length,
          keys: packSpans(entries.map(([key]) => key)),
          values: packSpans(entries.map(([, value]) => value)),
        };
      }
    } finally {
      await iterator.close();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async release(): Promise<void> {
    await this.#snapshot?.close();
  }

  assertOpen(): void {
    if (this.#closed) {
      throw new TypeError(`Cannot read "${this.name}": it is closed`);
    }
  }

  #at(): { snapshot?: LevelSnapshot } {
    return this.#snapshot === undefined ? {} : { snapshot: this.#snapshot };
  }
}

class LevelStore extends LevelReader implements ChunkStore {
  async batch(
    changes: readonly ChunkChange[],
    options: ChunkBatchOptions,
  ): Promise<void> {
    this.assertOpen();
    try {
      await this.level.batch(
        changes.map(({ key, value }) =>
          value === undefined
            ? { type: "del", key }
            : { type: "put", key, value }
        ),
        { sync: options.sync },
      );
    } catch (error) {
      throw levelError(error, this.name, "write");
    }
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async snapshot(): Promise<ChunkReader> {
    this.assertOpen();
    return new LevelReader(this.name, this.level, this.level.snapshot());
  }

  override async release(): Promise<void> {
    await this.level.close();
  }
}

/** Says in our words what LevelDB reports. */
function levelError(error: unknown, file: string, action: string): unknown {
  if (!(error instanceof Error)) return error;
  const codes: unknown[] = [];
  let message = error.message;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    codes.push((at as Error & { code?: unknown }).code);
    message = at.message;
  }
  const code = codes.includes("LEVEL_CORRUPTION") || /^Corruption/.test(message)
    ? "corrupt"
    : /does not exist/.test(message)
    ? "not-found"
    : "io";
  return new CairnError(code, `Cannot ${action} LevelDB: ${message}`, {
    where: { file },
    cause: error,
  });
}
