/**
 * Lines of input into a stream.
 *
 * @module
 */
import { CairnError, encodeText, throwIfAborted } from "@cairn/core";
import type { StreamAppender, SyncPolicy } from "./codec_entry.ts";
import { gunzipped } from "./input/gunzip.ts";
import type { InputFile } from "./input/input_file.ts";
import { readLines } from "./read_lines.ts";
import type { StreamFormat } from "./stream_print.ts";
import { parseExactJson, plainText } from "./text/exact_json.ts";
import { UsageError } from "./usage_error.ts";

/** The flags as they were given. */
export interface AppendFlags {
  /** `--format`. */
  readonly format: string;
  /** `--index`. */
  readonly index?: string;
  /** `--sync`. */
  readonly sync: string;
}

/** How to append. */
export interface AppendInputsOptions {
  /** What lines are. */
  readonly format: StreamFormat;
  /** Members to index, with commas between. */
  readonly index?: string | undefined;
  /** Stops appending. */
  readonly signal: AbortSignal;
}

/** Events on their way at once; they share syncs. */
const WAITING_MAX = 1024;

/**
 * Reads a policy: `each`, `none`, or milliseconds.
 *
 * @param text What `--sync` says.
 * @throws {UsageError} When it is anything else.
 */
export function parseSync(text: string): SyncPolicy {
  if (text === "each" || text === "none") return text;
  if (/^[1-9]\d{0,8}$/.test(text)) return { intervalMs: Number(text) };
  throw new UsageError(
    `Cannot use --sync "${text}": each, none or milliseconds wanted`,
  );
}

/**
 * Appends the lines of inputs.
 *
 * @param stream Where to.
 * @param files The inputs, in order.
 * @param options What lines are.
 * @returns How many events were appended and confirmed.
 * @throws {CairnError} `invalid-input` with file and line; what the stream
 * throws. Lines before are then appended.
 */
export async function appendInputs(
  stream: StreamAppender,
  files: readonly InputFile[],
  options: AppendInputsOptions,
): Promise<number> {
  const members = options.index?.split(",") ?? [];
  let events = 0;
  let waiting: Promise<unknown>[] = [];
  try {
    for (const file of files) {
      let line = 0;
      for await (const text of readLines(gunzipped(file.open()), file.name)) {
        line++;
        throwIfAborted(options.signal);
        const event = readEvent(text, members, options.format);
        if (typeof event === "string") throw badLine(event, file.name, line);
        const appended = stream.append(event.data, event.indexes);
        appended.catch(() => {});
        waiting.push(appended);
        events++;
        if (waiting.length >= WAITING_MAX) {
          await Promise.all(waiting);
          waiting = [];
        }
      }
    }
  } finally {
    // What was read before a failure is appended all the same.
    await Promise.allSettled(waiting);
  }
  await Promise.all(waiting);
  return events;
}

interface NewEvent {
  readonly data: Uint8Array;
  readonly indexes: [string, string][];
}

/** An event, or what is wrong with the line. */
function readEvent(
  text: string,
  members: readonly string[],
  format: StreamFormat,
): NewEvent | string {
  if (format === "lines" && members.length === 0) {
    return { data: encodeText(text), indexes: [] };
  }
  let value: unknown;
  try {
    value = parseExactJson(text);
  } catch {
    return "it is no JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "it is no JSON object";
  }
  const object = value as Record<string, unknown>;
  const indexes: [string, string][] = [];
  for (const member of members) {
    const found = Object.hasOwn(object, member) ? object[member] : undefined;
    if (found === undefined || found === null) continue;
    const plain = plainText(found);
    if (plain === undefined) return `member "${member}" is no plain value`;
    indexes.push([member, plain]);
  }
  return format === "lines"
    ? { data: encodeText(text), indexes }
    : readPrinted(object, indexes);
}

/** An event as `stream cat` prints it. */
function readPrinted(
  object: Record<string, unknown>,
  indexes: [string, string][],
): NewEvent | string {
  const given = object.indexes ?? {};
  if (typeof given !== "object" || Array.isArray(given)) {
    return "indexes is no object";
  }
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== "string") return `index "${name}" is no text`;
    indexes.push([name, value]);
  }
  if (typeof object.data === "string") {
    return { data: encodeText(object.data), indexes };
  }
  if (typeof object.data_b64 !== "string") return "it has no data";
  try {
    return { data: Uint8Array.fromBase64(object.data_b64), indexes };
  } catch {
    return "data_b64 is no base64";
  }
}

function badLine(detail: string, file: string, line: number): CairnError {
  return new CairnError("invalid-input", `Cannot append line: ${detail}`, {
    where: { file, line },
  });
}
