/**
 * Which events a command is about: the flags that several commands share.
 *
 * @module
 */
import type { Command } from "commander";
import {
  type Bitmap,
  BitmapBuilder,
  CairnError,
  Filter,
  parseUuid,
  type Store,
  timeRange,
} from "@cairn/core";
import type { CommandContext } from "./command_context.ts";
import { parseFilterExpression } from "./text/filter_expression.ts";
import { type KeyStyle, parseKey } from "./text/key_text.ts";
import { parseNameList } from "./text/name_list.ts";
import { oneOf } from "./text/flag_value.ts";
import { parseTimeBound, TIME_UNITS } from "./text/time_bound.ts";
import { UsageError } from "./usage_error.ts";

/** The flags as they were given. */
export interface SelectionFlags {
  /** `--filter`. */
  readonly filter?: string;
  /** `--from`. */
  readonly from?: string;
  /** `--to`. */
  readonly to?: string;
  /** `--time-unit`. */
  readonly timeUnit?: string;
  /** `--trails`. */
  readonly trails?: string;
  /** `--uuids`. */
  readonly uuids?: string;
}

/**
 * Adds the flags to a command.
 *
 * @param command The command.
 */
export function addSelectionFlags(command: Command): Command {
  return command
    .optionsGroup("Which events:")
    .option(
      "-F, --filter <expression>",
      'only events that match, such as "type=click & page=/a page=/b"',
    )
    .option("--from <time>", "only events of this time and later")
    .option("--to <time>", "only events before this time")
    .option(
      "--time-unit <unit>",
      "what the store's times count since 1970: s, ms, us or ns; so that --from and --to can be dates; s, if the store does not know",
    )
    .option(
      "--trails <list>",
      "only these trails: A,B or @FILE with one a line",
    )
    .option(
      "--uuids <list>",
      "as --trails, with UUIDs; those that are not there are passed over",
    );
}

/**
 * Reads `--filter`, `--from` and `--to`.
 *
 * @param flags The flags.
 * @param context How to read files.
 * @returns The filter, or `undefined` when everything is wanted.
 * @throws {UsageError} For bounds that are no times.
 */
export function selectedEvents(
  flags: SelectionFlags,
  context: CommandContext,
): Filter | undefined {
  let filter = flags.filter === undefined
    ? undefined
    : parseFilterExpression(flags.filter, context.readFile);
  if (flags.from !== undefined || flags.to !== undefined) {
    const unit = oneOf("--time-unit", flags.timeUnit ?? "s", TIME_UNITS);
    const from = flags.from === undefined
      ? 0
      : parseTimeBound(flags.from, unit);
    const to = flags.to === undefined
      ? Infinity
      : parseTimeBound(flags.to, unit);
    // An empty range is no mistake here: a script may well make one.
    const bounds = from < to
      ? new Filter([[timeRange(from, to)]])
      : Filter.none;
    filter = filter === undefined ? bounds : filter.and(bounds);
  }
  return filter;
}

/**
 * Adds what stores know of the unit of their times, where no flag says it.
 *
 * @param flags The flags.
 * @param stores The stores.
 * @param signal Stops asking.
 * @returns The flags; without a unit if no store knows it.
 * @throws {UsageError} When two stores differ.
 */
export async function withKnownUnit<Flags extends SelectionFlags>(
  flags: Flags,
  stores: readonly Store[],
  signal: AbortSignal,
): Promise<Flags> {
  if (flags.timeUnit !== undefined) return flags;
  let known: string | undefined;
  for (const store of stores) {
    const unit = (await store.index({ signal }))?.timeUnit;
    if (known !== undefined && unit !== undefined && unit !== known) {
      throw new UsageError(
        `Times of one store count ${known}, those of another ${unit}: give --time-unit`,
      );
    }
    known ??= unit;
  }
  return known === undefined ? flags : { ...flags, timeUnit: known };
}

/** Tells whether `--trails` or `--uuids` was given. @param flags The flags. */
function selectsTrails(flags: SelectionFlags): boolean {
  return flags.trails !== undefined || flags.uuids !== undefined;
}

/** Trails that were asked for. */
export interface SelectedTrails {
  /** Their ordinals. */
  readonly trails: Bitmap;
  /** How many were named. */
  readonly named: number;
  /** How many of these the store does not have. */
  readonly missing: number;
  /** How many are no UUIDs. */
  readonly invalid: number;
}

/**
 * Finds the trails of `--trails` and `--uuids` in a store.
 *
 * @param flags The flags.
 * @param store The store.
 * @param keyStyle How its keys are written.
 * @param context How to read files.
 * @returns `undefined` when all are wanted.
 * @throws {CairnError} `not-found` for a trail of `--trails` that is not there.
 * @throws {UsageError} When both were given.
 */
export async function selectedTrails(
  flags: SelectionFlags,
  store: Store,
  keyStyle: KeyStyle,
  context: CommandContext,
): Promise<SelectedTrails | undefined> {
  if (flags.trails !== undefined && flags.uuids !== undefined) {
    throw new UsageError("Give --trails or --uuids, not both");
  }
  if (!selectsTrails(flags)) return undefined;
  const builder = new BitmapBuilder();
  const lenient = flags.uuids !== undefined;
  const names = parseNameList((flags.uuids ?? flags.trails)!, context.readFile);
  let missing = 0;
  let invalid = 0;
  for (const name of names) {
    if (lenient && !/^[0-9a-f]{32}$/i.test(name)) {
      invalid++;
      continue;
    }
    const key = lenient ? parseUuid(name) : parseKey(name, keyStyle);
    const ordinal = await store.find(key, { signal: context.io.signal });
    if (ordinal !== undefined) {
      builder.add(ordinal);
      continue;
    }
    missing++;
    if (lenient) continue;
    throw new CairnError("not-found", `Cannot find trail "${name}"`);
  }
  return { trails: builder.finish(), named: names.length, missing, invalid };
}
