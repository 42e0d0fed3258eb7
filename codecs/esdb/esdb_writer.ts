/**
 * Writing stores of the ESDB layout: the native API.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  type CreateOptions,
  EMPTY_BYTES,
  equalBytes,
  type Sink,
  throwIfAborted,
  type WriteSummary,
} from "@cairn/core";
import { EventSorter } from "@cairn/core/sort";
import { type EsdbName, toBytes } from "./esdb_space.ts";
import { RecordBatch } from "./event_record.ts";
import { NAME_COLON, TIMESTAMP_MAX } from "./layout.ts";
import { latin1, writeStore } from "./store_output.ts";

/**
 * How blocks lie in the file. Go reads both layouts.
 *
 * - `right-answers`: laid out so that Go's reader gives right answers.
 * - `same-bytes`: the very bytes that Go's writer gives, and nothing of ours;
 *   Go's reader then misses events of longer indexes.
 */
export type EsdbLayout = "right-answers" | "same-bytes";

/** How to write a store. */
export interface CreateEsdbOptions extends CreateOptions {
  /** How blocks lie in the file; `right-answers` if left out. */
  readonly layout?: EsdbLayout;
  /**
   * Whether our additions are written (counts, times, checksums, for `verify`
   * and for cheap statistics); true if left out, but for `same-bytes`.
   */
  readonly manifest?: boolean;
  /** Whether events may be without data, behind which Go reads nothing; false if left out. */
  readonly emptyData?: boolean;
  /**
   * Whether index names may have a colon. Go takes them, but the same name and
   * value can then not be told from another; false if left out.
   */
  readonly colonNames?: boolean;
  /** With a path: whether an existing file is replaced; false if left out. */
  readonly replace?: boolean;
}

/** What belongs to an event beside its data and time. */
export interface EsdbAddOptions {
  /** Its grouping; the empty one if left out. */
  readonly grouping?: EsdbName;
  /** Its indexes: name and value, each name once. */
  readonly indexes?:
    | Readonly<Record<string, EsdbName>>
    | Iterable<readonly [EsdbName, EsdbName]>;
}

/** Texts whose bytes a writer keeps. */
const TEXTS_MAX = 4096;
const NO_INDEXES: readonly Uint8Array[] = [];

/**
 * Begins a store.
 *
 * @param sink A sink, or the path of a file, which must not exist. The writer
 * owns it: finishing or aborting the one does it to the other.
 * @param options Layout and memory.
 * @returns A writer; nothing is in place before its `finish`.
 * @throws {CairnError} `exists`, `io`.
 */
export async function createEsdb(
  sink: Sink | string,
  options: CreateEsdbOptions = {},
): Promise<EsdbWriter> {
  throwIfAborted(options.signal);
  if (typeof sink !== "string") return new EsdbWriter(sink, options);
  const { createFile } = await import("@cairn/core/file");
  const file = await createFile(sink, { replace: options.replace ?? false });
  return new EsdbWriter(file, options);
}

/**
 * Takes events in any order and writes a store. Calls come one after the
 * other: a promise, where there is one, is awaited before the next call.
 */
export class EsdbWriter implements AsyncDisposable {
  readonly #sink: Sink;
  readonly #options: CreateEsdbOptions;
  readonly #sorter: EventSorter;
  readonly #rows = new RecordBatch();
  readonly #texts = new Map<string, Uint8Array>();
  /** Keys of indexes by name and value. */
  readonly #keys = new Map<string, Map<string, Uint8Array>>();
  #keyCount = 0;
  readonly #flushed = new Map<string, number>();
  #state: "open" | "finished" | "aborted" = "open";
  #failure: { readonly error: unknown } | undefined;

  /** Not for callers: see {@linkcode createEsdb}. */
  constructor(sink: Sink, options: CreateEsdbOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#sorter = new EventSorter({
      columns: ["bytes"],
      // Flushing a space without events does nothing.
      keepKeys: true,
      ...(options.memoryBytes === undefined
        ? {}
        : { memoryBytes: options.memoryBytes }),
      ...(options.scratch === undefined ? {} : { scratch: options.scratch }),
    });
  }

  /**
   * Adds an event. Bytes are copied.
   *
   * @param space Id of its space; not empty.
   * @param data Its data; not empty unless an option allows it.
   * @param timestamp Its time: an integer, 0 to 4,294,967,295.
   * @param options Grouping and indexes.
   * @returns A promise only when the writer must make room first.
   * @throws {CairnError} `invalid-input` or `limit` when the layout cannot hold
   * it; `immutable` after `finish`, and for a space that was flushed.
   */
  add(
    space: EsdbName,
    data: EsdbName,
    timestamp: number,
    options: EsdbAddOptions = {},
  ): Promise<void> | undefined {
    this.#assertOpen();
    const id = toBytes(space);
    const bytes = toBytes(data);
    this.#check(id, bytes, timestamp);
    const grouping = this.#text(options.grouping ?? EMPTY_BYTES);
    this.#rows.add(
      id,
      timestamp,
      grouping,
      this.#indexes(options.indexes),
      bytes,
    );
    return this.#rows.isFull ? this.#handOn() : undefined;
  }

  /**
   * Closes a space to more events; spaces that were flushed lie first in the
   * file, in the order of the flushes. A space without events, and one that
   * was flushed before, are passed over.
   *
   * The file is in place, and safe against a crash, only when `finish` has run.
   */
  flush(space: EsdbName): void {
    if (this.#state !== "open") return;
    const bytes = toBytes(space);
    const id = latin1(bytes);
    if (this.#flushed.has(id)) return;
    if (this.#rows.holds(bytes) || this.#sorter.hasKey(bytes)) {
      this.#flushed.set(id, this.#flushed.size);
    }
  }

  /**
   * Writes everything and makes the store appear. Once only.
   *
   * @throws {CairnError} `immutable` when called again; what the sink throws:
   * nothing is then left behind.
   */
  async finish(options: AbortOptions = {}): Promise<WriteSummary> {
    this.#assertOpen();
    this.#state = "finished";
    const signal = options.signal ?? this.#options.signal;
    const layout = this.#options.layout ?? "right-answers";
    try {
      throwIfAborted(signal);
      if (this.#rows.count > 0) await this.#sorter.add(this.#rows.take());
      const abort = signal === undefined ? {} : { signal };
      const sorted = await this.#sorter.finish(abort);
      const summary = await writeStore(this.#sink, sorted, {
        ...abort,
        avoidGoFaults: layout === "right-answers",
        manifest: this.#options.manifest ?? layout === "right-answers",
        schema: undefined,
        flushed: this.#flushed,
      });
      await this.#sink.finish(abort);
      return summary;
    } finally {
      await this.#discard();
    }
  }

  /** Leaves nothing behind. Does nothing after `finish`; may be called twice. */
  async abort(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    await this.#discard();
  }

  /** Aborts what is not finished. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  async #handOn(): Promise<void> {
    try {
      await this.#sorter.add(this.#rows.take());
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  async #discard(): Promise<void> {
    try {
      await this.#sink.abort();
    } finally {
      await this.#sorter[Symbol.asyncDispose]();
    }
  }

  #check(id: Uint8Array, data: Uint8Array, timestamp: number): void {
    if (id.length === 0) {
      throw refuse("invalid-input", "its space id is empty");
    }
    if (!Number.isSafeInteger(timestamp)) {
      throw refuse("invalid-input", `timestamp ${timestamp} is no integer`);
    }
    if (timestamp < 0 || timestamp > TIMESTAMP_MAX) {
      throw refuse(
        "limit",
        `timestamp ${timestamp}, 0 to ${TIMESTAMP_MAX} wanted`,
      );
    }
    if (data.length === 0 && this.#options.emptyData !== true) {
      throw refuse(
        "invalid-input",
        "it has no data, behind which Go's reader finds nothing; the option emptyData allows it",
      );
    }
    if (this.#flushed.size > 0 && this.#flushed.has(latin1(id))) {
      throw refuse("immutable", "its space has been flushed");
    }
  }

  /** Keys of the indexes: name, colon and value. */
  #indexes(indexes: EsdbAddOptions["indexes"]): readonly Uint8Array[] {
    if (indexes === undefined) return NO_INDEXES;
    const keys: Uint8Array[] = [];
    if (Symbol.iterator in indexes) {
      const given = indexes as Iterable<readonly [EsdbName, EsdbName]>;
      const names: Uint8Array[] = [];
      for (const [name, value] of given) {
        const bytes = toBytes(name);
        if (names.some((other) => equalBytes(other, bytes))) {
          throw refuse("invalid-input", "an index name is given twice");
        }
        names.push(bytes);
        keys.push(this.#key(name, value));
      }
    } else {
      const given = indexes as Readonly<Record<string, EsdbName>>;
      for (const name of Object.keys(given)) {
        keys.push(this.#key(name, given[name]!));
      }
    }
    return keys;
  }

  /** Keys repeat: those of texts are kept. */
  #key(name: EsdbName, value: EsdbName): Uint8Array {
    if (typeof name !== "string" || typeof value !== "string") {
      return this.#join(toBytes(name), toBytes(value));
    }
    let keys = this.#keys.get(name);
    let key = keys?.get(value);
    if (key !== undefined) return key;
    key = this.#join(toBytes(name), toBytes(value));
    if (++this.#keyCount > TEXTS_MAX) {
      this.#keys.clear();
      this.#keyCount = 1;
      keys = undefined;
    }
    if (keys === undefined) this.#keys.set(name, keys = new Map());
    keys.set(value, key);
    return key;
  }

  #join(name: Uint8Array, value: Uint8Array): Uint8Array {
    if (name.includes(NAME_COLON) && this.#options.colonNames !== true) {
      throw refuse(
        "invalid-input",
        "an index name has a colon, which parts name and value",
      );
    }
    const key = new Uint8Array(name.length + 1 + value.length);
    key.set(name);
    key[name.length] = NAME_COLON;
    key.set(value, name.length + 1);
    return key;
  }

  /** Groupings repeat: the bytes of texts are kept. */
  #text(text: EsdbName): Uint8Array {
    if (typeof text !== "string") return text;
    let bytes = this.#texts.get(text);
    if (bytes === undefined) {
      if (this.#texts.size >= TEXTS_MAX) this.#texts.clear();
      bytes = toBytes(text);
      this.#texts.set(text, bytes);
    }
    return bytes;
  }

  #assertOpen(): void {
    if (this.#state !== "open") {
      throw new CairnError(
        "immutable",
        `Cannot add to store: the writer is ${this.#state}`,
      );
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function refuse(
  code: "invalid-input" | "limit" | "immutable",
  what: string,
): CairnError {
  return new CairnError(code, `Cannot add event: ${what}`);
}
