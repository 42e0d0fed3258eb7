/**
 * What the command knows of a codec, beside the codec itself.
 *
 * @module
 */
import type {
  AbortOptions,
  CairnError,
  Codec,
  CreateOptions,
  Schema,
  Sink,
  Store,
  StoreWriter,
} from "@cairn/core";

/** A flag that one codec understands when it writes. */
export interface CodecFlag {
  /** The flag as the argument parser wants it, such as `--grouping <field>`. */
  readonly flags: string;
  /** What it does. */
  readonly description: string;
  /** The member of the codec's options that it sets. */
  readonly member: string;
  /**
   * Reads the flag's value; what it gives is the member's value.
   *
   * @throws {UsageError} When the value makes no sense.
   */
  readonly parse?: (value: string | boolean) => unknown;
}

/** Stores of a codec that are folders instead of files. */
export interface FolderStores {
  /** Tells whether a folder looks like a store. */
  detect(path: string): Promise<boolean>;
  /** Opens one. */
  open(path: string, options: { signal?: AbortSignal }): Promise<Store>;
  /** Begins one; absent where folders cannot be written at once. */
  create?(
    path: string,
    schema: Schema,
    options: CreateOptions,
  ): Promise<StoreWriter>;
}

/** How lines of row events are taken in. */
export interface AddLinesOptions extends AbortOptions {
  /** A parsed schema file: what a new store or keyspace keeps. */
  readonly schema?: unknown;
  /** The keyspace of lines that name none. */
  readonly keyspace?: string;
  /** Whether lines that were taken before a stop are passed over. */
  readonly resume: boolean;
  /** Whether each batch is on the disk before the next is begun. */
  readonly sync: boolean;
  /** Called for each bad line, which is then left out; without it, one stops. */
  readonly onBad?: (error: CairnError) => void;
  /** Told how many events are in so far. */
  readonly onProgress?: (events: number) => void;
}

/** What became of lines of row events. */
export interface AddLinesSummary {
  /** Lines read, empty ones too. */
  readonly lines: number;
  /** Events applied. */
  readonly events: number;
  /** Events passed over because they had been applied before. */
  readonly resumed: number;
  /** Bad lines left out. */
  readonly bad: number;
}

/** Stores of a codec that grow: folders that take lines of row events. */
export interface LiveStores {
  /**
   * Adds lines, making the store if there is none and a schema is given.
   *
   * @throws {CairnError} `invalid-input` with `where.line` for a bad line.
   */
  addLines(
    path: string,
    lines: AsyncIterable<string>,
    options: AddLinesOptions,
  ): Promise<AddLinesSummary>;

  /** Writes what a live store holds now as an immutable file. */
  seal(
    path: string,
    sink: Sink,
    options: AbortOptions,
  ): Promise<{ readonly byteLength: number }>;
}

/** A codec of the command. */
export interface CodecEntry {
  /** The codec. */
  readonly codec: Codec;
  /** Its flags for writing. */
  readonly writeFlags: readonly CodecFlag[];
  /** How it keeps stores in folders, if it does. */
  readonly folders?: FolderStores;
  /** How its stores grow, if they do. */
  readonly live?: LiveStores;
}

/** The codecs that a command can use. */
export type CodecTable = readonly CodecEntry[];
