/**
 * Flags that commands on a store share, and what follows from them.
 *
 * @module
 */
import type { Command } from "commander";
import type { CommandContext } from "../command_context.ts";
import { type OpenedStore, openStore } from "../open_store.ts";
import { chooseKeyStyle, type KeyStyle } from "../text/key_text.ts";
import { oneOf } from "../text/flag_value.ts";

/** The flags as they were given. */
export interface StoreFlags {
  /** `--codec`. */
  readonly codec?: string;
  /** `--index`, `--no-index`; of commands that have them. */
  readonly index?: string | false;
  /** `--keyspace`. */
  readonly keyspace?: string;
}

/** Adds `--codec` and `--keyspace`. @param command The command. */
export function addStoreFlags(command: Command): Command {
  return command.option(
    "--codec <name>",
    "the store's codec, if neither name nor content tells",
  ).option(
    "--keyspace <name>",
    "which keyspace, of a store that has several",
  );
}

/**
 * Adds `--index` and `--no-index`.
 *
 * @param command The command.
 */
export function addIndexFlags(command: Command): Command {
  return command
    .option(
      "--index <file>",
      "use this index; else the one beside the store, if there is one",
    )
    .option("--no-index", "use no index");
}

/**
 * Opens a store, does something and closes it.
 *
 * @param context The command's surroundings.
 * @param path The store.
 * @param flags The flags.
 * @param work What to do.
 */
export async function withStore<T>(
  context: CommandContext,
  path: string,
  flags: StoreFlags,
  work: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  const opened = await openStore(context.codecs, path, {
    codec: flags.codec,
    index: flags.index,
    keyspace: flags.keyspace,
    signal: context.io.signal,
  });
  await using _store = opened.store;
  return await work(opened);
}

/**
 * Chooses how the keys of a store are written.
 *
 * @param opened The store.
 * @param wanted What `--key` says, if it was given.
 * @param signal Stops the pass over the keys.
 */
export async function keyStyleOf(
  opened: OpenedStore,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<KeyStyle> {
  if (wanted !== undefined) return oneOf("--key", wanted, KEY_STYLES);
  const { store, entry } = opened;
  const { trails } = await store.stats({ signal });
  const { trailKeyBytes } = entry.codec.capabilities;
  return await chooseKeyStyle(store, trails, trailKeyBytes, signal);
}

/** The ways to write a key. */
const KEY_STYLES = ["uuid", "text", "hex"] as const;
