/**
 * Where `cairn import` takes events from: text, or a stream.
 *
 * @module
 */
import { type CairnError, type InputBatch, UUID_BYTES } from "@cairn/core";
import { type ChangeKeys, changeKeys } from "../change_keys.ts";
import type {
  CodecEntry,
  StreamFiles,
  StreamImportOptions,
} from "../codec_entry.ts";
import type { CommandContext } from "../command_context.ts";
import { openInputs } from "../input_lines.ts";
import type { EventPlace } from "../input/event_reader.ts";
import { openEvents } from "../input/read_events.ts";
import { timeReader } from "../input/read_time.ts";
import type { ProgressState } from "../progress.ts";
import { oneOf } from "../text/flag_value.ts";
import { UsageError } from "../usage_error.ts";
import { type ImportFlags, readOptions } from "./import_options.ts";

/** Events on their way in. */
export interface ImportReader extends AsyncDisposable {
  /** Names of the fields, in the order of the batches' columns. */
  readonly fields: readonly string[];
  /** Changes trail keys; they stay as they are if absent. */
  readonly changeKeys: ChangeKeys | undefined;
  /** Reads the events; once only. */
  batches(): AsyncIterable<InputBatch>;
  /** Says where an event of the latest batch stands, where lines are read. */
  readonly place?: (row: number) => EventPlace;
  /** Names of the input that are no fields though nobody chose fields; some. */
  leftOut(): ReadonlySet<string>;
  /** How many lines or events were left out so far. */
  skipped(): number;
}

/** What a reader tells, and what its events are for. */
export interface OpenReaderOptions {
  /** The codec of the new store. */
  readonly entry: CodecEntry;
  /** Told of each line left out. */
  readonly onBad: (error: CairnError) => void;
  /** Told how far it is. */
  readonly onProgress: (state: ProgressState) => void;
}

/**
 * Opens the inputs of an import.
 *
 * @param context Knows standard input, and which codec has streams.
 * @param inputs Paths; `-` is standard input.
 * @param flags The flags.
 * @param options What to tell.
 * @throws {UsageError} For values that make no sense.
 * @throws {CairnError} What reading throws.
 */
export async function openReader(
  context: CommandContext,
  inputs: readonly string[],
  flags: ImportFlags,
  options: OpenReaderOptions,
): Promise<ImportReader> {
  const { signal } = context.io;
  const read = readOptions(flags, options.entry, signal);
  const streams = await streamsOf(context, inputs);
  if (streams !== undefined) {
    return await openStreamReader(streams, inputs[0]!, flags, {
      ...options,
      readTime: timeReader(read),
      signal,
    });
  }
  const files = await openInputs(context, inputs);
  const { onBad, onProgress } = options;
  const reader = await openEvents(files, { ...read, onBad, onProgress });
  return {
    fields: reader.fields,
    changeKeys: flags.key === "hash" ? changeKeys("hash") : undefined,
    batches: () => reader.batches(),
    place: (row) => reader.place(row),
    leftOut: () => reader.leftOut,
    skipped: () => reader.progress.skipped,
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

/** How to read the inputs when they are a stream. */
async function streamsOf(
  context: CommandContext,
  inputs: readonly string[],
): Promise<StreamFiles | undefined> {
  for (const { streams } of context.codecs) {
    if (streams === undefined) continue;
    for (const input of inputs) {
      if (input === "-" || !await streams.detect(input)) continue;
      if (inputs.length === 1) return streams;
      throw new UsageError(
        `Cannot import stream "${input}" together with other inputs: merge streams first`,
      );
    }
  }
  return undefined;
}

async function openStreamReader(
  streams: StreamFiles,
  path: string,
  flags: ImportFlags,
  { entry, onBad, readTime, signal }:
    & OpenReaderOptions
    & Pick<StreamImportOptions, "readTime">
    & { signal: AbortSignal },
): Promise<ImportReader> {
  let skipped = 0;
  const reader = await streams.import(path, {
    signal,
    trail: flags.trail ?? "trail",
    time: flags.time ?? "time",
    readTime,
    ...(flags.fields === undefined ? {} : { fields: flags.fields.split(",") }),
    ...(flags.skipBad
      ? {
        onBad: (error: CairnError) => {
          skipped++;
          onBad(error);
        },
      }
      : {}),
  });
  return {
    fields: reader.fields,
    changeKeys: keyChangeOf(flags.key, entry),
    batches: () => reader.batches(),
    leftOut: () => new Set(),
    skipped: () => skipped,
    [Symbol.asyncDispose]: () => reader.close(),
  };
}

/** Keys of a stream are text until something else is asked for. */
function keyChangeOf(
  key: string,
  { codec }: CodecEntry,
): ChangeKeys | undefined {
  const { min, max } = codec.capabilities.trailKeyBytes;
  const isUuid = min === UUID_BYTES && max === UUID_BYTES;
  if (key === "text" || (key === "auto" && !isUuid)) return undefined;
  return changeKeys(
    key === "auto" ? "uuid" : oneOf("--key", key, ["uuid", "hex", "hash"]),
  );
}
