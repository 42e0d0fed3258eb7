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
  InputBatch,
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
  /**
   * The member of the codec's options that it sets; `folder`, with true, asks
   * for a folder instead of a file.
   */
  readonly member: string;
  /**
   * Reads the flag's value; what it gives is the member's value.
   *
   * @throws {UsageError} When the value makes no sense.
   */
  readonly parse?: (value: string | boolean) => unknown;
}

/** How to open a store on disk. */
export interface OpenPathOptions extends AbortOptions {
  /**
   * The file with an index of the store; `false` for none. If left out, the
   * one beside the store is used if there is one.
   */
  readonly index?: string | false;
  /** Which keyspace of the store is meant, where it may have several. */
  readonly keyspace?: string;
}

/** Indexes of a codec that are files beside the stores. */
export interface SideIndexes {
  /** Opens a store that is a file, with its index. */
  open(path: string, options: OpenPathOptions): Promise<Store>;
  /** Finds the index that a store at a path is opened with, if it is there. */
  find(path: string): Promise<string | undefined>;
  /** Tells where the index of a store belongs. */
  pathOf(path: string): Promise<string>;
  /** Builds the index of a store; gives its length in bytes. */
  build(path: string, sink: Sink, options: AbortOptions): Promise<number>;
}

/** Stores of a codec that are folders instead of files. */
export interface FolderStores {
  /** Tells whether a folder looks like a store. */
  detect(path: string): Promise<boolean>;
  /** Opens one. */
  open(path: string, options: OpenPathOptions): Promise<Store>;
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

/** Events of a stream. */
export interface StreamRows {
  /** Number of events. */
  readonly count: number;
  /** Walks over them; views. */
  events(): Iterable<StreamRow>;
}

/** One event of a stream. */
export interface StreamRow {
  /** Where it begins in the file. */
  readonly offset: number;
  /** Its data. */
  readonly data: Uint8Array;
  /** Its keys: index name, colon and value. */
  readonly keys: readonly { readonly key: Uint8Array }[];
}

/** Which events of a stream to read. */
export interface StreamReadOptions extends AbortOptions {
  /** Offset of the first event. */
  readonly from?: number;
  /** Most events. */
  readonly limit?: number;
  /** Only events of this index and value. */
  readonly index?: { readonly name: string; readonly value: string };
  /** Newest first; only with an index. */
  readonly newest?: boolean;
}

/** A stream that takes events. */
export interface StreamAppender extends AsyncDisposable {
  /** Bytes cut off behind the last whole event when it was opened. */
  readonly cutBytes: number;
  /** Where the next event will begin. */
  readonly end: number;
  /** Appends an event; done when it is as safe as was asked for. */
  append(
    data: Uint8Array,
    indexes: Iterable<readonly [string, string]>,
  ): Promise<unknown>;
  /** Closes the stream for good. @param options Whether to add checksums. */
  seal(options: { readonly checksums: boolean }): Promise<void>;
}

/** When appended events are put onto the disk. */
export type SyncPolicy = "each" | "none" | { readonly intervalMs: number };

/** Which values of a stream's events become events of a store. */
export interface StreamImportOptions extends AbortOptions {
  /** Index, or member of the data, that names the trail. */
  readonly trail: string;
  /** Index, or member of the data, that holds the time. */
  readonly time: string;
  /** Reads a time; `undefined` for what is none. */
  readonly readTime: (text: Uint8Array) => number | undefined;
  /**
   * Indexes, or members of the data, that become fields; if left out, all
   * indexes that are neither trail nor time, and `data`, the data itself.
   */
  readonly fields?: readonly string[];
  /** Told of each event without trail or time, which is then left out; without it, one stops. */
  readonly onBad?: (error: CairnError) => void;
}

/** A stream as input of a store. */
export interface StreamImport {
  /** Names of the fields, in the order of the batches' columns. */
  readonly fields: readonly string[];
  /** Reads the events. */
  batches(): AsyncIterable<InputBatch>;
  /** Lets go of the stream. */
  close(): Promise<void>;
}

/** Append-only streams of a codec. */
export interface StreamFiles {
  /** Tells whether a file is a stream, by its first bytes. */
  detect(path: string): Promise<boolean>;
  /** Opens a stream as input of a store. */
  import(path: string, options: StreamImportOptions): Promise<StreamImport>;
  /** Opens a stream to append to. @throws {CairnError} `immutable` when it is closed. */
  append(
    path: string,
    options: { readonly create: boolean; readonly sync: SyncPolicy },
  ): Promise<StreamAppender>;
  /** Reads what is there. */
  read(path: string, options: StreamReadOptions): AsyncIterable<StreamRows>;
  /** Reads what is there, or what is new, and waits for more until the stream is closed. */
  follow(
    path: string,
    options: AbortOptions & {
      readonly from?: number;
      readonly onlyNew: boolean;
    },
  ): AsyncIterable<StreamRows>;
  /** Writes all events of several streams as a new closed one. */
  merge(
    sink: Sink,
    paths: readonly string[],
    options: AbortOptions & { readonly checksums: boolean },
  ): Promise<{ readonly events: number }>;
}

/** A codec of the command. */
export interface CodecEntry {
  /** The codec. */
  readonly codec: Codec;
  /** Its flags for writing. */
  readonly writeFlags: readonly CodecFlag[];
  /** Options for writing that `--tdb-style` stands for, unless flags say otherwise. */
  readonly tdbStyle?: Readonly<Record<string, unknown>>;
  /** How it keeps stores in folders, if it does. */
  readonly folders?: FolderStores;
  /** The member of its options for writing that says what times count, if it wants to know. */
  readonly timeUnitMember?: string;
  /** Whether its stores may have several keyspaces, of which one is opened. */
  readonly hasKeyspaces?: boolean;
  /** Its indexes beside stores, if it has any. */
  readonly sideIndexes?: SideIndexes;
  /** How its stores grow, if they do. */
  readonly live?: LiveStores;
  /** Its streams, if it has any. */
  readonly streams?: StreamFiles;
}

/** The codecs that a command can use. */
export type CodecTable = readonly CodecEntry[];
