/**
 * Chunks in memory, for tests and for building sealed files.
 *
 * @module
 */
import {
  type AbortOptions,
  compareBytes,
  packSpans,
  throwIfAborted,
} from "@cairn/core";
import type {
  ChunkChange,
  ChunkEntries,
  ChunkReader,
  ChunkStore,
  KeyRange,
} from "./chunk_store.ts";

const RANGE_ENTRIES = 1024;

/** Keys and values of one moment; never changed once somebody can see them. */
interface State {
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** Made at the first range. */
  sorted: Uint8Array[] | undefined;
}

/**
 * A chunk store in memory. A batch costs a copy of the table of keys when a
 * snapshot is open, else the keys it changes.
 *
 * @example Two batches and a snapshot between
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryChunkStore } from "@cairn/bitmap";
 *
 * await using store = new MemoryChunkStore();
 * const key = Uint8Array.of(1);
 * const snapshot = await store.snapshot();
 * await store.batch([{ key, value: Uint8Array.of(2) }]);
 * assertEquals(await store.get(key), Uint8Array.of(2));
 * assertEquals(await snapshot.get(key), undefined);
 * ```
 */
export class MemoryChunkStore implements ChunkStore {
  /** Name for messages. */
  readonly name: string;
  #values = new Map<string, Uint8Array>();
  #state: State | undefined;
  #closed = false;

  /** Makes an empty store. @param name Name for messages. */
  constructor(name = "memory") {
    this.name = name;
  }

  /** Gets the value of a key. See {@linkcode ChunkReader.get}. */
  get(
    key: Uint8Array,
    options?: AbortOptions,
  ): Promise<Uint8Array | undefined> {
    return this.#reader().get(key, options);
  }

  /** Gets many values. See {@linkcode ChunkReader.getMany}. */
  getMany(
    keys: readonly Uint8Array[],
    options?: AbortOptions,
  ): Promise<(Uint8Array | undefined)[]> {
    return this.#reader().getMany(keys, options);
  }

  /** Walks over entries. See {@linkcode ChunkReader.range}. */
  range(
    range: KeyRange,
    options?: AbortOptions,
  ): AsyncIterableIterator<ChunkEntries> {
    return this.#reader().range(range, options);
  }

  /** Applies changes. See {@linkcode ChunkStore.batch}. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async batch(changes: readonly ChunkChange[]): Promise<void> {
    this.#assertOpen();
    if (this.#state !== undefined) {
      this.#values = new Map(this.#values);
      this.#state = undefined;
    }
    for (const { key, value } of changes) {
      if (value === undefined) this.#values.delete(keyText(key));
      else this.#values.set(keyText(key), value.slice());
    }
  }

  /** Gives a reader of the state as it is now. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async snapshot(): Promise<ChunkReader> {
    return this.#reader();
  }

  /** Forgets everything. */
  close(): Promise<void> {
    this.#closed = true;
    this.#values = new Map();
    this.#state = undefined;
    return Promise.resolve();
  }

  /** Closes the store. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #reader(): ChunkReader {
    this.#assertOpen();
    this.#state ??= { values: this.#values, sorted: undefined };
    return new MemoryReader(this.name, this.#state);
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new TypeError(`Cannot use "${this.name}": it is closed`);
    }
  }
}

class MemoryReader implements ChunkReader {
  readonly name: string;
  #state: State | undefined;

  constructor(name: string, state: State) {
    this.name = name;
    this.#state = state;
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async get(
    key: Uint8Array,
    options: AbortOptions = {},
  ): Promise<Uint8Array | undefined> {
    throwIfAborted(options.signal);
    return this.#open().values.get(keyText(key));
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async getMany(
    keys: readonly Uint8Array[],
    options: AbortOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    throwIfAborted(options.signal);
    const { values } = this.#open();
    return keys.map((key) => values.get(keyText(key)));
  }

  async *range(
    range: KeyRange,
    options: AbortOptions = {},
  ): AsyncGenerator<ChunkEntries, void, undefined> {
    const state = this.#open();
    state.sorted ??= [...state.values.keys()].map(textKey).sort(compareBytes);
    const { sorted, values } = state;
    const end = lowerBound(sorted, range.to);
    for (let i = lowerBound(sorted, range.from); i < end; i += RANGE_ENTRIES) {
      throwIfAborted(options.signal);
      const keys = sorted.slice(i, Math.min(end, i + RANGE_ENTRIES));
      yield {
        count: keys.length,
        keys: packSpans(keys),
        values: packSpans(keys.map((key) => values.get(keyText(key))!)),
      };
    }
  }

  close(): Promise<void> {
    this.#state = undefined;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): State {
    if (this.#state === undefined) {
      throw new TypeError(`Cannot read "${this.name}": the reader is closed`);
    }
    return this.#state;
  }
}

/** One character a byte: short, and it hashes and compares well. */
function keyText(key: Uint8Array): string {
  let text = "";
  for (let i = 0; i < key.length; i++) text += String.fromCharCode(key[i]!);
  return text;
}

function textKey(text: string): Uint8Array {
  const key = new Uint8Array(text.length);
  for (let i = 0; i < key.length; i++) key[i] = text.charCodeAt(i);
  return key;
}

function lowerBound(keys: readonly Uint8Array[], key: Uint8Array): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(keys[middle]!, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
