/**
 * The contract of a codec: the package that writes and opens one kind of store.
 *
 * @module
 */
import type { Schema } from "./schema.ts";
import type { Scratch } from "./scratch.ts";
import type { Sink } from "./sink.ts";
import type { Source } from "./source.ts";
import type { Store } from "./store.ts";
import type { StoreWriter } from "./store_writer.ts";

/** What a codec can do, so that nobody has to try. */
export interface Capabilities {
  /** Trail keys it can store, by length in bytes; both inclusive. */
  readonly trailKeyBytes: { readonly min: number; readonly max: number };
  /** Times it can store; both inclusive. */
  readonly timestamps: { readonly min: number; readonly max: number };
  /** Most fields of a schema. */
  readonly fieldsMax: number;
  /** Field names it can store, as a sentence for people and a test. */
  readonly fieldNames: {
    readonly rule: string;
    readonly allows: (name: string) => boolean;
  };
  /** Whether an event may have no value in any field. */
  readonly emptyEvents: boolean;
  /** Kind of the columns that scans give. */
  readonly columns: "ids" | "bytes";
  /** The order of time in which scanning costs least. */
  readonly cheapOrder: "ascending" | "descending";
  /**
   * Whether opening a store, and scanning some of its trails, read only what
   * they need. False: the whole file is read, and the whole store held.
   */
  readonly partialReads: boolean;
  /** Whether stores it writes answer `index()`. */
  readonly index: boolean;
  /** Whether field types survive writing and opening. */
  readonly fieldTypes: boolean;
  /** Whether `verify` finds any single flipped bit in stores it writes. */
  readonly checksums: boolean;
}

/** What a codec looks at to tell whether a file is its own. */
export interface Probe {
  /** The file's first bytes: 4,096, or all of a smaller file. */
  readonly head: Uint8Array;
  /** The file's last bytes: 4,096, or all of a smaller file. */
  readonly tail: Uint8Array;
  /** The file's length in bytes. */
  readonly size: number;
}

/** What every codec understands when it writes. Codecs add members of their own. */
export interface CreateOptions {
  /** Memory for events on their way, in bytes; 1 GiB if left out. Past it, runs go to `scratch`. */
  readonly memoryBytes?: number;
  /** Where runs go that do not fit; the system's folder for temporary files if left out. */
  readonly scratch?: Scratch;
  /** Stops the writer; what is not finished is aborted. */
  readonly signal?: AbortSignal;
}

/** What every codec understands when it opens. Codecs add members of their own. */
export interface OpenOptions {
  /** Stops opening. */
  readonly signal?: AbortSignal;
}

/**
 * Writes and opens one kind of store.
 *
 * @typeParam Create What `create` understands.
 * @typeParam Open What `open` understands.
 */
export interface Codec<
  Create extends CreateOptions = CreateOptions,
  Open extends OpenOptions = OpenOptions,
> {
  /** One lower-case word, such as `trail`. */
  readonly name: string;
  /** File extensions with their dot, the usual one first. */
  readonly extensions: readonly string[];
  /** What it can do. */
  readonly capabilities: Capabilities;

  /**
   * Tells whether a file looks like one of this codec. Cheap, and never throws:
   * opening decides.
   */
  detect(probe: Probe): boolean;

  /**
   * Begins a store.
   *
   * The writer owns the sink: finishing or aborting the one does it to the other.
   *
   * @throws {CairnError} `invalid-input` or `limit` when the schema does not
   * fit the codec; the sink is then aborted.
   */
  create(sink: Sink, schema: Schema, options?: Create): Promise<StoreWriter>;

  /**
   * Opens a store, reading only what finding a trail needs: the cost does not
   * grow with the size of the store.
   *
   * The store owns the source and closes it, also when opening fails.
   *
   * @throws {CairnError} `corrupt`, `unsupported` or `io`, with the file's name.
   */
  open(source: Source, options?: Open): Promise<Store>;
}

/**
 * Reads what codecs need to tell whether a file is theirs.
 *
 * @param source The file; stays open.
 * @returns Its first and last bytes.
 */
export async function readProbe(source: Source): Promise<Probe> {
  const length = Math.min(4096, source.size);
  const [head, tail] = await Promise.all([
    source.read(0, length),
    source.read(source.size - length, length),
  ]);
  return { head, tail, size: source.size };
}
