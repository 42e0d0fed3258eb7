/**
 * `cairn info`: what a store is.
 *
 * @module
 */
import { Command } from "commander";
import type { Field, Index, IndexField, Store } from "@cairn/core";
import type { CommandContext } from "../command_context.ts";
import { countDistinct } from "../count_distinct.ts";
import type { OpenedStore } from "../open_store.ts";
import { formatTable } from "../output/table.ts";
import { formatByteSize, formatCount } from "../text/byte_size.ts";
import type { KeyStyle } from "../text/key_text.ts";
import { formatTime } from "../text/time_bound.ts";
import {
  addStoreFlags,
  keyStyleOf,
  type StoreFlags,
  withStore,
} from "./store_flags.ts";

interface InfoFlags extends StoreFlags {
  readonly json?: boolean;
  readonly distinct: boolean;
}

/** What `--json` prints; keys are added, never changed. */
interface Facts {
  readonly store: string;
  readonly codec: string;
  readonly bytes: number;
  readonly trails: number;
  readonly events: number;
  readonly minTime: number | null;
  readonly maxTime: number | null;
  readonly keys: KeyStyle;
  readonly fields: readonly FieldFacts[];
  readonly index: boolean;
  readonly checksums: boolean;
}

interface FieldFacts {
  readonly name: string;
  /** `counter`, `set` and `flag` are those of a store of rows. */
  readonly type: Field["type"] | IndexField["kind"];
  readonly distinct: number | null;
  /** Of a store of rows: which periods are kept. */
  readonly quantum?: IndexField["quantum"];
}

/** Makes the command. @param context What it works with. */
export function infoCommand(context: CommandContext): Command {
  return addStoreFlags(
    new Command("info")
      .description("tell what a store is: codec, size, trails, events, fields")
      .argument("<store...>", "the stores")
      .option("--json", "print the facts as JSON")
      .option(
        "--no-distinct",
        "do not count distinct values, which can take a pass over the events",
      ),
  ).addHelpText("after", HELP)
    .action((paths: string[], flags: InfoFlags) => info(context, paths, flags));
}

const HELP = `
With --json: store, codec, bytes, trails, events, minTime, maxTime (null
without events), keys (uuid, text or hex: how trail keys are written), fields
(name, type, distinct: number of different values, not counting none; null if
not counted), index, checksums. Several stores give an array. In a store of rows
types are counter, set and flag, and quantum says which periods are kept.

Examples:
  cairn info events.tdb
  cairn info --json events.esdb`;

async function info(
  context: CommandContext,
  paths: string[],
  flags: InfoFlags,
): Promise<void> {
  const all: Facts[] = [];
  for (const path of paths) {
    const facts = await withStore(
      context,
      path,
      flags,
      (opened) => factsOf(opened, flags, context.io.signal),
    );
    all.push(facts);
    if (!flags.json) {
      if (all.length > 1) await context.print("\n");
      await context.print(await describe(facts));
    }
  }
  if (flags.json) await context.printJson(all.length === 1 ? all[0] : all);
}

async function factsOf(
  opened: OpenedStore,
  flags: InfoFlags,
  signal: AbortSignal,
): Promise<Facts> {
  const { store, entry, path, byteLength } = opened;
  const stats = await store.stats({ signal });
  const index = await store.index({ signal });
  const fields = index?.rowsOnly
    ? await rowFields(index, flags.distinct, signal)
    : await eventFields(store, flags.distinct, signal);
  return {
    store: path,
    codec: store.codec,
    bytes: byteLength,
    trails: stats.trails,
    events: stats.events,
    minTime: stats.minTimestamp ?? null,
    maxTime: stats.maxTimestamp ?? null,
    keys: await keyStyleOf(opened, undefined, signal),
    fields,
    index: index !== undefined,
    checksums: entry.codec.capabilities.checksums,
  };
}

async function eventFields(
  store: Store,
  counts: boolean,
  signal: AbortSignal,
): Promise<FieldFacts[]> {
  const { fields } = store.schema;
  const distinct = counts
    ? await countDistinct(store, signal)
    : fields.map(() => null);
  return fields.map(({ name, type }, i) => ({
    name,
    type,
    distinct: distinct[i]!,
  }));
}

/** A store of rows keeps no events to look at, but its index knows. */
async function rowFields(
  index: Index,
  counts: boolean,
  signal: AbortSignal,
): Promise<FieldFacts[]> {
  const facts: FieldFacts[] = [];
  for (const { name, kind, quantum } of index.fields) {
    // Names that begin with a dot are not of event fields.
    if (name.startsWith(".")) continue;
    let distinct: number | null = null;
    if (counts && kind === "set") {
      distinct = 0;
      for await (const _ of index.values?.(name, { signal }) ?? []) distinct++;
    }
    facts.push({ name, type: kind, distinct, quantum });
  }
  return facts;
}

async function describe(facts: Facts): Promise<string> {
  const rows = [
    ["codec", facts.codec],
    ["size", formatByteSize(facts.bytes)],
    ["trails", formatCount(facts.trails)],
    ["events", formatCount(facts.events)],
    ...facts.minTime === null || facts.maxTime === null
      ? []
      : [["time", describeTimes(facts.minTime, facts.maxTime)]],
    ["keys", KEYS[facts.keys]],
    ["index", facts.index ? "yes" : "no"],
  ];
  let text = `${facts.store}\n`;
  for (const [name, value] of rows) text += `  ${name!.padEnd(8)}${value}\n`;
  if (facts.fields.length === 0) return `${text}  fields  none\n`;
  const table = await formatTable([
    ["field", "type", "distinct"],
    ...facts.fields.map(({ name, type, distinct }) => [
      name,
      type,
      distinct === null ? "?" : formatCount(distinct),
    ]),
  ], { right: [2] });
  return `${text}\n${table.replaceAll(/^/gm, "  ").trimEnd()}\n`;
}

const KEYS: Readonly<Record<KeyStyle, string>> = {
  uuid: "16 bytes, written as 32 hex digits",
  text: "text",
  hex: "bytes, written as hex digits",
};

function describeTimes(least: number, most: number): string {
  const range = `${least} to ${most}`;
  // Seconds are the usual unit; anything else would look absurd as a date.
  const plausible = least >= 1e8 && most < 1e10;
  return plausible
    ? `${range} (${formatTime(least, "s")} to ${
      formatTime(most, "s")
    }, if in seconds)`
    : range;
}
