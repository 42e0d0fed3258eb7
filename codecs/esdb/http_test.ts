import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, MemorySink, MemorySource } from "@cairn/core";
import { openHttp } from "@cairn/core/http";
import { createEsdb, type Esdb, openEsdb } from "./mod.ts";

const SPACES = 26;
const EVENT_BYTES = 100_000;

/** Bytes that cannot be packed. */
function noise(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed + 1;
  for (let i = 0; i < length; i++) {
    state = Math.imul(state, 1_103_515_245) + 12_345 | 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

/** Three windows of small spaces, and one space that is read piece by piece. */
async function makeStore(): Promise<Uint8Array> {
  const sink = new MemorySink();
  const writer = await createEsdb(sink);
  for (let space = 0; space < SPACES; space++) {
    const events = space === SPACES - 1 ? 30 : 7;
    for (let i = 0; i < events; i++) {
      await writer.add(`space ${space}`, noise(space * 31 + i, EVENT_BYTES), i);
    }
  }
  await writer.finish();
  return sink.bytes();
}

let made: Promise<Uint8Array> | undefined;

interface Server {
  readonly url: string;
  /** Ranges asked for, in order. */
  readonly asked: [start: number, end: number][];
  /** Holds back answers while it is set. */
  gate: Promise<void> | undefined;
}

/** Runs a test with a server on this machine that knows ranges. */
async function withServer(run: (server: Server) => Promise<void>) {
  const bytes = await (made ??= makeStore());
  const answer = async (request: Request): Promise<Response> => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range")!)!;
    const start = Number(range[1]);
    const end = Math.min(Number(range[2]) + 1, bytes.length);
    state.asked.push([start, end]);
    await state.gate;
    return new Response(bytes.slice(start, end), {
      status: 206,
      headers: { "content-range": `bytes ${start}-${end - 1}/${bytes.length}` },
    });
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    answer,
  );
  const state: Server = {
    url: `http://127.0.0.1:${server.addr.port}/a.esdb`,
    asked: [],
    gate: undefined,
  };
  try {
    await run(state);
  } finally {
    await server.shutdown();
  }
}

/** Waits until something has happened, which it will. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((done) => setTimeout(done, 1));
}

async function openRemote(server: Server): Promise<Esdb> {
  return await openEsdb(await openHttp(server.url, { retryDelayMs: 0 }));
}

/** Times and lengths of all events, by space. */
async function read(esdb: Esdb): Promise<string[]> {
  const rows: string[] = [];
  for await (const { ids, offsets, events } of esdb.scan()) {
    for (let space = 0; space < ids.length; space++) {
      const { bytes, starts, ends } = events.data;
      for (let row = offsets[space]!; row < offsets[space + 1]!; row++) {
        const sum = bytes.subarray(starts[row]!, ends[row]!)
          .reduce((sum, byte) => sum + byte, 0);
        rows.push(`${ids[space]} ${events.timestamps[row]} ${sum}`);
      }
    }
  }
  return rows;
}

Deno.test("Esdb.scan() gives over HTTP what it gives from memory", () =>
  withServer(async (server) => {
    await using local = await openEsdb(new MemorySource(await made!));
    await using remote = await openRemote(server);
    const rows = await read(remote);
    assertEquals(rows, await read(local));
    assertEquals(rows.length, 7 * (SPACES - 1) + 30);
    const size = (await made!).length;
    const total = server.asked.reduce((sum, [from, to]) => sum + to - from, 0);
    assert(total < 1.1 * size, `${total} bytes asked for of ${size}`);
  }));

Deno.test("Esdb.scan() asks for what comes next before it is wanted", () =>
  withServer(async (server) => {
    await using remote = await openRemote(server);
    const batches = remote.scan();
    const first = await batches.next();
    assert(!first.done && first.value.offsets[1]! > 0);
    // The second window lies behind the first 8 MiB, and nobody wanted it yet.
    await until(() => server.asked.some(([, end]) => end > 12_000_000));
    await batches.return?.();
  }));

Deno.test("Esdb.scan() asks for no more when it is left early", () =>
  withServer(async (server) => {
    await using remote = await openRemote(server);
    for await (const { events } of remote.scan()) {
      assert(events.count > 0);
      break;
    }
    const [, end] = server.asked.at(-1)!;
    assert(end < (await made!).length, "not all was asked for");
    // Whoever finds a space afterwards is served as ever.
    const space = await remote.find("space 3");
    let count = 0;
    for await (const events of space!.scan("")) count += events.count;
    assertEquals(count, 7);
  }));

Deno.test("Esdb.scan() stops at the caller's signal while an answer is awaited", () =>
  withServer(async (server) => {
    await using remote = await openRemote(server);
    const abort = new AbortController();
    const batches = remote.scan({ signal: abort.signal });
    const before = server.asked.length;
    const { promise, resolve } = Promise.withResolvers<void>();
    server.gate = promise;
    const first = batches.next();
    await until(() => server.asked.length > before);
    abort.abort("enough");
    const error = await assertRejects(() => first, CairnError);
    assertEquals([error.code, error.cause], ["aborted", "enough"]);
    resolve();
    assertEquals((await batches.next()).done, true);
  }));

Deno.test("EsdbSpace.scan() reads a large space over HTTP piece by piece", () =>
  withServer(async (server) => {
    await using remote = await openRemote(server);
    const space = await remote.find(`space ${SPACES - 1}`);
    const before = server.asked.length;
    for await (const events of space!.scan("", { limit: 1 })) {
      assertEquals(events.timestamps[0], 29);
    }
    const few = server.asked.slice(before)
      .reduce((sum, [from, to]) => sum + to - from, 0);
    assert(few < 1_000_000, `${few} bytes asked for one event`);
    let count = 0;
    for await (const events of space!.scan("")) count += events.count;
    assertEquals(count, 30);
  }));
