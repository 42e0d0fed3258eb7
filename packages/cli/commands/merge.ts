/**
 * `cairn merge`, also `cairn convert`: stores in, one store out.
 *
 * @module
 */
import { Command } from "commander";
import { CairnError, createSchema, type StoreWriter } from "@cairn/core";
import type { CommandContext } from "../command_context.ts";
import { changeKeys, KEY_CHANGES, type KeyChange } from "../change_keys.ts";
import { copyEvents } from "../copy_events.ts";
import { assertFree, createStore, removeSideIndex } from "../create_store.ts";
import { haveSameFields, mergeSchemas } from "../merge_schemas.ts";
import { type OpenedStore, openStore } from "../open_store.ts";
import { startProgress } from "../progress.ts";
import {
  addSelectionFlags,
  selectedEvents,
  selectedTrails,
  type SelectionFlags,
  withKnownUnit,
} from "../selection.ts";
import { typeFields } from "../text/field_types.ts";
import { UsageError } from "../usage_error.ts";
import { oneOf } from "../text/flag_value.ts";
import { keyStyleOf } from "./store_flags.ts";
import {
  addWriteFlags,
  planWriting,
  reportWriting,
  type WriteFlags,
} from "./write_flags.ts";

interface MergeFlags extends SelectionFlags, WriteFlags {
  readonly fields?: string;
  readonly types?: string;
  readonly key?: string;
  readonly fromCodec?: string;
  readonly tdbStyle?: boolean;
}

/** Makes the command. @param context What it works with. */
export function mergeCommand(context: CommandContext): Command {
  const command = new Command("merge")
    .alias("convert")
    .description("make one store of several, or of one in another codec")
    .argument("<store...>", "the stores")
    .requiredOption("-o, --output <store>", "the store to write");
  addSelectionFlags(command)
    .optionsGroup("What to keep:")
    .option("-f, --fields <list>", "only these fields, in this order: A,B,C")
    .option("--types <list>", "types of fields: A:integer,B:text")
    .option(
      "--key <format>",
      "read keys, as they are shown, as uuid, hex or text, or hash them",
    )
    .option("--from-codec <name>", "the codec of the stores, if nothing tells")
    .option(
      "--tdb-style",
      "at equal times, later stores come first, as in `tdb merge`",
    );
  return addWriteFlags(command, context)
    .addHelpText("after", HELP)
    .action((paths: string[], flags: MergeFlags) =>
      merge(context, command, paths, flags)
    );
}

const HELP = `
Trails with the same key become one, sorted by time; at equal times earlier
stores come first. Stores with the same fields in the same order keep them;
else the new store has the fields of all, sorted by name. Filter and trails are
looked up in each store by itself.

Examples:
  cairn merge monday.tdb tuesday.tdb -o week.tdb
  cairn convert events.esdb -o events.tdb --key hash
  cairn merge events.tdb --filter "type=buy" --fields page,price -o buys.tdb`;

async function merge(
  context: CommandContext,
  command: Command,
  paths: string[],
  given: MergeFlags,
): Promise<void> {
  const started = performance.now();
  const { signal } = context.io;
  planWriting(command, given, context); // mistakes are told before anything is opened
  const key = given.key === undefined
    ? undefined
    : oneOf("--key", given.key, KEY_CHANGES);
  const replace = given.replace ?? false;
  await assertFree(given.output, replace);
  await using stack = new AsyncDisposableStack();
  const stores = await openAll(context, paths, { given, stack });
  const flags = await withKnownUnit(
    given,
    stores.map(({ store }) => store),
    signal,
  );
  const { entry, create, folder } = planWriting(command, flags, context);
  const writer = await createStore(
    entry,
    flags.output,
    schemaOf(stores, flags),
    {
      create,
      replace,
      folder,
    },
  );
  stack.use(writer);
  const progress = startProgress(context.io.stderr);
  try {
    // What is added first comes first at equal times, unless the codec itself
    // turns equal times around.
    const turned = flags.tdbStyle && entry.tdbStyle === undefined;
    // Fields that were put together: values are numbered as events come.
    const usedValues = !haveSameFields(stores.map(({ store }) => store.schema));
    for (const opened of turned ? stores.toReversed() : stores) {
      try {
        await mergeOne(context, opened, writer, { flags, key, usedValues });
      } catch (error) {
        throw refusedBy(error, opened.path, flags);
      }
    }
    progress.phase("sorting and writing");
    // Before the store appears: no store is ever beside a wrong index.
    await removeSideIndex(entry, flags.output, replace);
    const summary = await writer.finish({ signal });
    progress.stop();
    const seconds = (performance.now() - started) / 1000;
    await reportWriting(context, flags, {
      summary,
      entry,
      skipped: 0,
      seconds,
    });
  } finally {
    progress.stop();
  }
}

/** Opens all stores, for as long as the stack lasts. */
async function openAll(
  context: CommandContext,
  paths: readonly string[],
  { given, stack }: {
    readonly given: MergeFlags;
    readonly stack: AsyncDisposableStack;
  },
): Promise<OpenedStore[]> {
  const stores: OpenedStore[] = [];
  for (const path of paths) {
    const opened = await openStore(context.codecs, path, {
      codec: given.fromCodec,
      signal: context.io.signal,
    });
    stack.use(opened.store);
    stores.push(opened);
  }
  return stores;
}

/** Names the store in place of a row of a batch, and what helps. */
function refusedBy(error: unknown, file: string, flags: MergeFlags): unknown {
  if (!(error instanceof CairnError)) return error;
  const { line, ...where } = error.where;
  if (line === undefined || where.file !== undefined) return error;
  const hint = error.reason === "trail-key" && flags.key === undefined
    ? "; --key uuid reads keys that are UUIDs in text, --key hash makes keys of any"
    : "";
  return new CairnError(error.code, `${error.detail}${hint}`, {
    where: { ...where, file },
    cause: error,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
  });
}

function schemaOf(stores: readonly OpenedStore[], flags: MergeFlags) {
  const merged = mergeSchemas(stores.map(({ store }) => store.schema));
  const { fields } = merged;
  const names = fields.map(({ name }) => name);
  const kept = flags.fields?.split(",") ?? names;
  for (const name of kept) {
    if (!names.includes(name)) {
      throw new UsageError(
        `Cannot keep field "${name}": fields are ${names.join(", ")}`,
      );
    }
  }
  const typed = typeFields(kept, flags.types);
  return createSchema(
    typed.map((field) =>
      field.type === "bytes" ? fields[names.indexOf(field.name)]! : field
    ),
  );
}

async function mergeOne(
  context: CommandContext,
  opened: OpenedStore,
  writer: StoreWriter,
  options: {
    readonly flags: MergeFlags;
    readonly key: KeyChange | undefined;
    readonly usedValues: boolean;
  },
): Promise<void> {
  const { store } = opened;
  const { flags, key, usedValues } = options;
  const { signal } = context.io;
  const filter = selectedEvents(flags, context);
  const style = await keyStyleOf(opened, undefined, signal);
  const selected = await selectedTrails(flags, store, style, context);
  // A codec may know a faster way for a store as it is.
  const whole = selected === undefined && key === undefined &&
    flags.fields === undefined;
  if (whole) {
    await writer.append(store, {
      signal,
      usedValues,
      ...(filter === undefined ? {} : { filter }),
    });
    return;
  }
  await copyEvents(store, writer, {
    signal,
    filter,
    trails: selected?.trails,
    mapKeys: key === undefined ? undefined : changeKeys(key),
  });
}
