import {
  CLAUSES,
  fileStorage,
  MEMORY_STORAGE,
  modelCodec,
  runSuite,
  type Storage,
  STORAGE_CLAUSES,
  testCodec,
  testStorage,
  Workbench,
} from "@cairn/conformance";
import {
  assertRange,
  type Codec,
  concatBytes,
  MemorySink,
  MemorySource,
  type Sink,
  type Source,
  throwIfAborted,
} from "@cairn/core";
import { openHttp } from "@cairn/core/http";
import { openMappedFile } from "@cairn/core/mmap";
import { assert, assertEquals } from "@std/assert";
import { CODECS } from "../tools/fuzz/codecs.ts";
import { override } from "./broken/override.ts";

/** What an author might have: pieces of a few bytes in a map. */
const pieces: Storage = {
  makeSource: (bytes, name) => new PieceSource(bytes, name),
  makeSink: () => {
    const sink = new PieceSink();
    return { sink, bytes: () => sink.file };
  },
};

class PieceSource implements Source {
  readonly name: string;
  readonly size: number;
  #pieces: Map<number, Uint8Array> | undefined = new Map();

  constructor(bytes: Uint8Array, name: string) {
    this.name = name;
    this.size = bytes.length;
    for (let at = 0; at < bytes.length; at += 1000) {
      this.#pieces!.set(at / 1000, bytes.slice(at, at + 1000));
    }
  }

  async read(
    offset: number,
    length: number,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Uint8Array> {
    throwIfAborted(options.signal);
    assertRange(this.size, offset, length);
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    if (this.#pieces === undefined) throw new TypeError("The pieces are gone");
    const first = Math.floor(offset / 1000);
    const last = Math.floor((offset + length) / 1000);
    const parts = [];
    for (let at = first; at <= last; at++) {
      parts.push(this.#pieces.get(at) ?? new Uint8Array(0));
    }
    const start = offset - first * 1000;
    return concatBytes(parts).subarray(start, start + length);
  }

  close(): Promise<void> {
    this.#pieces = undefined;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

class PieceSink implements Sink {
  readonly name = "pieces";
  byteLength = 0;
  file: Uint8Array | undefined;
  #pieces: Uint8Array[] | undefined = [];

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#pieces === undefined) throw new TypeError("The sink has ended");
    this.#pieces.push(bytes.slice());
    this.byteLength += bytes.length;
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async finish(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#pieces === undefined) throw new TypeError("The sink has ended");
    const pieces = this.#pieces;
    this.#pieces = undefined;
    throwIfAborted(options.signal);
    this.file = concatBytes(pieces);
  }

  abort(): Promise<void> {
    this.#pieces = undefined;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }
}

/** A folder for one test; gone after it. */
async function withFolder(
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "cairn-storage-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A server on this machine for one test; sources read from it by range. */
async function withHttp(run: (storage: Storage) => Promise<void>) {
  const files = new Map<string, Uint8Array>();
  const answer = (request: Request) => {
    const bytes = files.get(new URL(request.url).pathname);
    if (bytes === undefined) return new Response(null, { status: 404 });
    const range = /^bytes=(\d+)-(\d+)$/.exec(
      request.headers.get("range") ?? "",
    );
    const [start, end] = [Number(range?.[1]), Number(range?.[2]) + 1];
    const headers = (range: string) => ({
      "content-range": `bytes ${range}/${bytes.length}`,
    });
    if (start >= bytes.length) {
      return new Response(null, { status: 416, headers: headers("*") });
    }
    const body = bytes.slice(start, end);
    return new Response(body, {
      status: 206,
      headers: headers(`${start}-${start + body.length - 1}`),
    });
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    answer,
  );
  try {
    await run({
      ...MEMORY_STORAGE,
      makeSource: (bytes) => {
        const path = `/${files.size}`;
        files.set(path, bytes);
        const url = `http://127.0.0.1:${server.addr.port}${path}`;
        return openHttp(url, { retryDelayMs: 0 });
      },
    });
  } finally {
    await server.shutdown();
  }
}

/** All clauses on storage in one test, since they share what is made for it. */
async function storageHolds(storage: Storage, only = ""): Promise<void> {
  for (const { id, run } of STORAGE_CLAUSES) {
    if (id.startsWith(only)) await run(storage);
  }
}

testStorage({ ...MEMORY_STORAGE, name: "memory", test: Deno.test });
testStorage({ ...pieces, name: "pieces", test: Deno.test });
testCodec({
  codec: modelCodec,
  test: (name, run) => Deno.test(`over pieces, ${name}`, run),
  effort: { mutations: 20, propertyRuns: 5 },
  ...pieces,
});

Deno.test("files keep every clause on sources and sinks", () =>
  withFolder((folder) => storageHolds(fileStorage(folder))));

Deno.test("mapped files keep every clause on sources", () =>
  withFolder((folder) =>
    storageHolds(fileStorage(folder, { open: openMappedFile }), "source.")
  ));

Deno.test("HTTP keeps every clause on sources", () =>
  withHttp((storage) => storageHolds(storage, "source.")));

/** Clauses that write and read in every way, and what a file must bear. */
const OVER_FILES =
  /^(codec\.(owns|names)|writer\.(summary|append|abort|create)|scan\.(ascending|trails|abort)|leaks\.sinks)/;
/** Clauses that read in pieces, at once, and not to the end. */
const OVER_HTTP =
  /^(codec\.open-abort|store\.(find|close|concurrent)|scan\.(trails|lazy|abort)|leaks\.sources)/;

for (const codec of [...CODECS.values()]) {
  Deno.test(`${codec.name} keeps the contracts over files`, () =>
    withFolder((folder) => holds(codec, OVER_FILES, fileStorage(folder))));
  Deno.test(`${codec.name} keeps the contracts of reading over HTTP`, () =>
    withHttp((storage) => holds(codec, OVER_HTTP, storage)));
}

async function holds(
  codec: Codec,
  clauses: RegExp,
  storage: Storage,
): Promise<void> {
  const bench = new Workbench(codec, undefined, storage);
  for (const { id, run, excuse } of CLAUSES) {
    if (!clauses.test(id) || excuse?.(codec.capabilities)) continue;
    try {
      await run(bench);
    } catch (error) {
      throw new Error(`${id}: ${(error as Error).message}`, { cause: error });
    }
  }
}

type SourceFault = (source: Source, bytes: Uint8Array) => Partial<Source>;
type SinkFault = (sink: MemorySink) => Partial<Sink>;

const SOURCE_FAULTS: readonly [string, string, SourceFault][] = [
  ["reads come back short", "source.read", (source) => ({
    read: async (offset, length) => {
      return (await source.read(offset, length)).subarray(0, 4096);
    },
  })],
  ["reads begin a byte late", "source.read", (source) => ({
    read: (offset, length) =>
      source.read(Math.min(offset + 1, source.size - length), length),
  })],
  ["reading at once gives other bytes", "source.read", (source) => ({
    readSync: (offset, length) =>
      (source as MemorySource).readSync(Math.max(0, offset - 1), length),
  })],
  ["the size is rounded up", "source.read", (source) => ({
    size: Math.ceil(source.size / 512) * 512,
  })],
  ["a read beyond the end gives what there is", "source.range", (_, bytes) => ({
    read: (offset, length) =>
      Promise.resolve(bytes.subarray(offset, offset + length)),
  })],
  ["all reads share one buffer", "source.views", (source) => {
    const shared = new Uint8Array(1 << 20);
    return {
      read: async (offset, length) => {
        const bytes = await source.read(offset, length);
        shared.set(bytes);
        return shared.subarray(0, length);
      },
    };
  }],
  ["a closed source still reads", "source.close", () => ({
    close: () => Promise.resolve(),
  })],
  ["closing twice fails", "source.close", (source) => {
    let closed = false;
    return {
      close: () => {
        if (closed) return Promise.reject(new Error("closed twice"));
        closed = true;
        return source.close();
      },
    };
  }],
  ["a signal is ignored", "source.abort", (source) => ({
    read: (offset, length) => source.read(offset, length),
  })],
];

const SINK_FAULTS: readonly [string, string, SinkFault][] = [
  ["the last write is lost", "sink.finish", (sink) => {
    let last = new Uint8Array(0);
    return {
      write: async (bytes) => {
        await sink.write(last);
        last = bytes.slice();
      },
    };
  }],
  ["what is written is not copied", "sink.copies", (sink) => {
    const kept: Uint8Array[] = [];
    return {
      write: (bytes) => Promise.resolve(void kept.push(bytes)),
      finish: async () => {
        for (const bytes of kept.splice(0)) await sink.write(bytes);
        await sink.finish();
      },
    };
  }],
  ["abort finishes", "sink.abort", (sink) => ({
    abort: () => sink.finish().catch(() => {}),
  })],
  ["writing goes on after the end", "sink.ended", (sink) => ({
    write: (bytes) => sink.write(bytes).catch(() => {}),
  })],
  ["a signal is ignored", "sink.abort-signal", (sink) => ({
    finish: () => sink.finish(),
  })],
];

for (const [fault, caughtBy, members] of SOURCE_FAULTS) {
  Deno.test(`${caughtBy} fails when ${fault}`, () =>
    seen(caughtBy, {
      ...MEMORY_STORAGE,
      makeSource(bytes, name) {
        const source = new MemorySource(bytes, { name });
        return override<Source>(source, members(source, bytes));
      },
    }));
}

for (const [fault, caughtBy, members] of SINK_FAULTS) {
  Deno.test(`${caughtBy} fails when ${fault}`, () =>
    seen(caughtBy, {
      ...MEMORY_STORAGE,
      makeSink() {
        const { sink, bytes } = MEMORY_STORAGE.makeSink() as {
          sink: MemorySink;
          bytes: () => Uint8Array | undefined;
        };
        return { sink: override<Sink>(sink, members(sink)), bytes };
      },
    }));
}

async function seen(caughtBy: string, storage: Storage): Promise<void> {
  const clause = STORAGE_CLAUSES.find(({ id }) => id === caughtBy)!;
  let failed = false;
  await clause.run(storage).catch(() => failed = true);
  assert(failed, `${caughtBy} does not see it`);
}

Deno.test("runSuite() sees a store's bytes spoilt on their way into a source or out of a sink", async () => {
  const spoilt: Record<string, Storage> = {
    source: {
      ...MEMORY_STORAGE,
      makeSource: (bytes, name) =>
        MEMORY_STORAGE.makeSource(bytes.subarray(0, -1), name),
    },
    sink: {
      ...MEMORY_STORAGE,
      makeSink: () => ({
        sink: new MemorySink(),
        bytes: () => undefined,
      }),
    },
  };
  for (const [name, storage] of Object.entries(spoilt)) {
    const results = await runSuite(
      modelCodec,
      { mutations: 2, propertyRuns: 1 },
      storage,
    );
    const failed = results.filter(({ outcome }) => outcome === "fail");
    assert(failed.length > 30, `${name}: ${failed.length} clauses fail`);
    assert(failed.some(({ clause }) => clause.id === "writer.round-trip"));
  }
});

Deno.test("testCodec() tests the sources and sinks that it is given, and no others", () => {
  const registered = (options: Partial<Storage>) => {
    const names: string[] = [];
    const test = (name: string) => names.push(name);
    testCodec({ codec: modelCodec, test, ...options });
    return names.filter((name) => /: (source|sink)\./.test(name)).length;
  };
  const { makeSource, makeSink } = pieces;
  assertEquals(registered({}), 0);
  assertEquals(registered({ makeSource }), 5);
  assertEquals(registered({ makeSink }), 5);
  assertEquals(registered({ makeSource, makeSink }), 10);
});
