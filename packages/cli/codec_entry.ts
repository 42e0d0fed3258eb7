/**
 * What the command knows of a codec, beside the codec itself.
 *
 * @module
 */
import type {
  Codec,
  CreateOptions,
  Schema,
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

/** A codec of the command. */
export interface CodecEntry {
  /** The codec. */
  readonly codec: Codec;
  /** Its flags for writing. */
  readonly writeFlags: readonly CodecFlag[];
  /** How it keeps stores in folders, if it does. */
  readonly folders?: FolderStores;
}

/** The codecs that a command can use. */
export type CodecTable = readonly CodecEntry[];
