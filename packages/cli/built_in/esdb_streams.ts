/**
 * Streams of the ESDB codec, as the command uses them.
 *
 * @module
 */
import { open, stat } from "node:fs/promises";
import { CairnError, decodeText, encodeText } from "@cairn/core";
import { openFile } from "@cairn/core/file";
import {
  createStream,
  followStream,
  mergeStreams,
  openStream,
  reopenStream,
  splitStreamKey,
  type StreamEvent,
  streamEvents,
  type StreamReader,
  type StreamWriter,
} from "@cairn/esdb/stream";
import type {
  StreamFiles,
  StreamImportOptions,
  SyncPolicy,
} from "../codec_entry.ts";
import { parseExactJson, plainText } from "../text/exact_json.ts";

/** The first bytes of a stream. */
const MAGIC = "ESDBstream";

/** ESDB's streams. */
export const esdbStreams: StreamFiles = {
  async detect(path) {
    // A pipe must not be opened twice: whoever writes into it would be gone.
    const info = await stat(path).catch(() => undefined);
    if (info === undefined || !info.isFile()) return false;
    const file = await open(path, "r").catch(() => undefined);
    if (file === undefined) return false;
    try {
      const { buffer, bytesRead } = await file.read(
        new Uint8Array(MAGIC.length),
        0,
        MAGIC.length,
        0,
      );
      return decodeText(buffer.subarray(0, bytesRead)) === MAGIC;
    } finally {
      await file.close();
    }
  },

  async import(path, options) {
    const stream = await openStream(await openFile(path), signalOf(options));
    try {
      return await importStream(stream, options);
    } catch (error) {
      await stream.close();
      throw error;
    }
  },

  async append(path, { create, sync }) {
    const writer = await openWriter(path, create, sync);
    return {
      cutBytes: writer.recovered?.byteLength ?? 0,
      get end() {
        return writer.end;
      },
      append: (data, indexes) => writer.append(data, indexes),
      seal: (options) => writer.seal(options),
      [Symbol.asyncDispose]: () => writer.close(),
    };
  },

  async *read(path, options) {
    await using stream = await openStream(
      await openFile(path),
      signalOf(options),
    );
    const { from, limit, index, newest } = options;
    const which = {
      ...signalOf(options),
      ...(from === undefined ? {} : { from }),
      ...(limit === undefined ? {} : { limit }),
    };
    if (index === undefined) {
      yield* stream.scan(which);
      return;
    }
    const order = newest ? "newest" as const : "oldest" as const;
    yield* stream.scanIndex(index.name, index.value, { ...which, order });
  },

  follow(path, options) {
    return followStream(path, {
      ...signalOf(options),
      ...(options.onlyNew ? { from: "end" as const } : {}),
      ...(options.from === undefined ? {} : { from: options.from }),
    });
  },

  async merge(sink, paths, options) {
    await using stack = new AsyncDisposableStack();
    const streams: StreamReader[] = [];
    for (const path of paths) {
      const stream = await openStream(await openFile(path), signalOf(options));
      streams.push(stack.use(stream));
    }
    const { sources } = await mergeStreams(sink, streams, options);
    return { events: sources.reduce((sum, { events }) => sum + events, 0) };
  },
};

async function openWriter(
  path: string,
  create: boolean,
  sync: SyncPolicy,
): Promise<StreamWriter> {
  try {
    return await reopenStream(path, { sync });
  } catch (error) {
    const isAbsent = error instanceof CairnError && error.code === "not-found";
    if (!create || !isAbsent) throw error;
    return await createStream(path, { sync });
  }
}

function signalOf(options: { readonly signal?: AbortSignal }) {
  return options.signal === undefined ? {} : { signal: options.signal };
}

async function importStream(
  stream: StreamReader,
  options: StreamImportOptions,
) {
  const { trail, time, onBad } = options;
  const indexes = options.fields ??
    (await indexNames(stream)).filter((name) =>
      name !== trail && name !== time
    );
  const pick = picker();
  const batches = streamEvents(stream, {
    ...signalOf(options),
    trail: pick(trail),
    time: asTime(pick(time), options.readTime),
    fields: indexes.map((name) => ({ name, from: pick(name) })),
    ...(options.fields === undefined ? {} : { data: false as const }),
    ...(onBad === undefined ? {} : {
      onSkip: (event, reason) =>
        onBad(
          new CairnError("invalid-input", `Cannot use event: ${reason}`, {
            where: { file: stream.name, offset: event.offset },
            reason,
          }),
        ),
    }),
  });
  return {
    fields: options.fields === undefined ? [...indexes, "data"] : indexes,
    batches: () => batches,
    close: () => stream.close(),
  };
}

/** Writes times as the stream's reader wants them; what is none stays. */
function asTime(
  pick: (event: StreamEvent) => Uint8Array | undefined,
  readTime: StreamImportOptions["readTime"],
) {
  return (event: StreamEvent): Uint8Array | undefined => {
    const text = pick(event);
    const time = text === undefined ? undefined : readTime(text);
    return time === undefined ? text : encodeText(String(time));
  };
}

/** Names of the indexes of a stream, in bytewise order. */
async function indexNames(stream: StreamReader): Promise<string[]> {
  const names = new Set<string>();
  for await (const { key } of stream.keys()) {
    const name = decodeText(splitStreamKey(key).name);
    if (name !== undefined && name !== "") names.add(name);
  }
  return [...names];
}

/** Looks values up: an index of that name, else a member of the data. */
function picker() {
  let last: StreamEvent | undefined;
  let members: Record<string, unknown> = {};
  const membersOf = (event: StreamEvent) => {
    if (event !== last) {
      last = event;
      members = parseObject(event.data);
    }
    return members;
  };
  return (name: string) => {
    const wanted = encodeText(`${name}:`);
    return (event: StreamEvent): Uint8Array | undefined => {
      for (const { key } of event.keys) {
        if (startsWith(key, wanted)) return key.subarray(wanted.length);
      }
      const found = membersOf(event);
      const value = Object.hasOwn(found, name) ? found[name] : undefined;
      if (value === undefined || value === null) return undefined;
      return encodeText(plainText(value) ?? JSON.stringify(value));
    };
  };
}

function parseObject(data: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = parseExactJson(decodeText(data) ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : {};
  } catch {
    // Data may be anything; it has no members then.
    return {};
  }
}

function startsWith(key: Uint8Array, start: Uint8Array): boolean {
  if (key.length < start.length) return false;
  for (let i = 0; i < start.length; i++) if (key[i] !== start[i]) return false;
  return true;
}
