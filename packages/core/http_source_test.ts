import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError } from "@cairn/core";
import { openHttp, type OpenHttpOptions } from "@cairn/core/http";
import fc from "fast-check";

const BYTES = Uint8Array.from({ length: 10_000 }, (_, i) => (i * 7) ^ (i >> 8));
const BLOCK = 256;

/** An answer as a good server gives it, and the way to spoil it. */
interface Asked {
  readonly request: Request;
  readonly start: number;
  readonly last: number;
  /** The right answer, with other headers, status or body. */
  right(changes?: {
    body?: BodyInit | null;
    status?: number;
    headers?: Record<string, string>;
  }): Response;
}

type Answer = (asked: Asked, ordinal: number) => Response | Promise<Response>;

/** Runs a test with a server on this machine, and what it was asked for. */
async function withServer(
  answer: Answer,
  run: (url: string, asked: string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const handler = (request: Request) => {
    const range = request.headers.get("range") ?? "";
    asked.push(range.replace("bytes=", ""));
    const [first, end] = /^bytes=(\d+)-(\d+)$/.exec(range)!.slice(1);
    const [start, last] = [
      Number(first),
      Math.min(Number(end), BYTES.length - 1),
    ];
    const right: Asked["right"] = (changes = {}) =>
      new Response(
        changes.body === undefined
          ? BYTES.slice(start, last + 1)
          : changes.body,
        {
          status: changes.status ?? 206,
          headers: {
            "content-range": `bytes ${start}-${last}/${BYTES.length}`,
            etag: '"1"',
            ...changes.headers,
          },
        },
      );
    return answer({ request, start, last, right }, asked.length - 1);
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    handler,
  );
  try {
    await run(`http://user:word@127.0.0.1:${server.addr.port}/a?key=1`, asked);
  } finally {
    await server.shutdown();
  }
}

const good: Answer = (asked) => asked.right();

function open(url: string, options: OpenHttpOptions = {}) {
  const { username, password, href } = new URL(url);
  assert(username !== "" && password !== "");
  return openHttp(href.replace("user:word@", ""), {
    blockBytes: BLOCK,
    retryDelayMs: 0,
    ...options,
  });
}

async function rejectsWith(
  code: string,
  reason: string | undefined,
  run: () => Promise<unknown>,
): Promise<CairnError> {
  const error = await assertRejects(run, CairnError);
  assertEquals([error.code, error.reason], [code, reason], error.message);
  return error;
}

Deno.test("HttpSource.read() gives the bytes of any range, whatever the limits", () =>
  withServer(good, async (url) => {
    const nat = fc.nat(BYTES.length);
    const limits = fc.record({
      blockBytes: fc.integer({ min: 1, max: 3_000 }),
      cacheBytes: fc.nat(20_000),
      requestBytes: fc.integer({ min: 1, max: 9_000 }),
      gapBytes: fc.nat(1_000),
      requestsMax: fc.integer({ min: 1, max: 4 }),
    });
    const ranges = fc.array(fc.tuple(nat, nat), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(limits, ranges, async (limits, ranges) => {
        // Few requests a case: each block is at least a 50th of the file.
        const blockBytes = Math.max(200, limits.blockBytes);
        await using source = await open(url, { ...limits, blockBytes });
        const reads = await Promise.all(
          ranges.map(([a, b]) => source.read(Math.min(a, b), Math.abs(a - b))),
        );
        ranges.forEach(([a, b], i) => {
          const wanted = BYTES.slice(Math.min(a, b), Math.max(a, b));
          assertEquals(reads[i], wanted);
        });
      }),
      { numRuns: 30 },
    );
  }));

Deno.test("openHttp() learns the length with the first block, and reads no more", () =>
  withServer(good, async (url, asked) => {
    await using source = await open(url);
    assertEquals(source.size, BYTES.length);
    assert(!source.name.includes("word") && !source.name.includes("key"));
    assertEquals(await source.read(10, 20), BYTES.slice(10, 30));
    assertEquals(asked, ["0-255"]);
  }));

Deno.test("HttpSource.read() refuses ranges outside the file, and asks for nothing", () =>
  withServer(good, async (url, asked) => {
    await using source = await open(url);
    const size = source.size;
    assertEquals((await source.read(size, 0)).length, 0);
    for (const [offset, length] of [[size, 1], [-1, 1], [0, size + 1]]) {
      await assertRejects(() => source.read(offset!, length!), RangeError);
    }
    assertEquals(asked.length, 1);
    assertEquals((await source.read(size - 1, 1)).length, 1);
  }));

Deno.test("HttpSource.read() asks once for neighbours, and for what is near", () =>
  withServer(good, async (url, asked) => {
    await using source = await open(url, { gapBytes: BLOCK });
    await Promise.all([
      source.read(5 * BLOCK, 10),
      source.read(4 * BLOCK + 1, 10),
      source.read(7 * BLOCK, 10), // one block between: joined
      source.read(10 * BLOCK, 10), // two between: not
    ]);
    assertEquals(asked.slice(1).sort(), ["1024-2047", "2560-2815"]);
    await source.read(4 * BLOCK, 4 * BLOCK);
    assertEquals(asked.length, 3);
  }));

Deno.test("HttpSource.read() shares a block that is on its way", () =>
  withServer(good, async (url, asked) => {
    await using source = await open(url);
    const early = source.read(2 * BLOCK, 10);
    await Promise.resolve();
    await Promise.resolve();
    const late = source.read(2 * BLOCK + 5, 10);
    await Promise.all([early, late]);
    assertEquals(asked.length, 2);
  }));

Deno.test("HttpSource.read() splits long reads into requests of the given length", () =>
  withServer(good, async (url, asked) => {
    await using source = await open(url, { requestBytes: 4 * BLOCK });
    assertEquals(await source.read(0, BYTES.length), BYTES);
    for (const range of asked) {
      const [first, last] = range.split("-").map(Number) as [number, number];
      assert(last - first + 1 <= 4 * BLOCK);
    }
    assertEquals(asked.length, 1 + Math.ceil((10_000 - BLOCK) / (4 * BLOCK)));
  }));

Deno.test("HttpSource asks for no more at once than told", async () => {
  let running = 0;
  let most = 0;
  const { promise: go, resolve: release } = Promise.withResolvers<void>();
  await withServer(async (asked, ordinal) => {
    most = Math.max(most, ++running);
    // The first two wait for each other; a third would be counted with them.
    if (ordinal === 2) release();
    if (ordinal > 0) await go;
    running--;
    return asked.right();
  }, async (url) => {
    const options = { requestsMax: 2, requestBytes: BLOCK };
    await using source = await open(url, options);
    assertEquals(await source.read(0, BYTES.length), BYTES);
  });
  assertEquals(most, 2);
});

Deno.test("HttpSource forgets the blocks used longest ago", () =>
  withServer(good, async (url, asked) => {
    await using source = await open(url, { cacheBytes: 2 * BLOCK });
    const read = (block: number) => source.read(block * BLOCK, 1);
    await read(1); // keeps 0, 1
    await read(0); // now 0 was used last
    await read(9); // keeps 0, 9
    await read(0);
    assertEquals(asked.length, 3);
    await read(1);
    assertEquals(asked.length, 4);
  }));

Deno.test("HttpSource.advise() loads ahead, and forgets", () =>
  withServer(good, async (url, asked) => {
    await using source = await open(url);
    source.advise(4 * BLOCK, 2 * BLOCK, "soon");
    await source.read(5 * BLOCK, 1);
    await source.read(4 * BLOCK, 1);
    assertEquals(asked.length, 2);
    source.advise(4 * BLOCK + 1, BYTES.length, "no-more");
    await source.read(4 * BLOCK, 1); // only a part of it: kept
    assertEquals(asked.length, 2);
    await source.read(5 * BLOCK, 1);
    assertEquals(asked.length, 3);
    source.advise(-1, 1, "soon");
    source.advise(BYTES.length, 1, "soon");
    source.advise(NaN, NaN, "no-more");
  }));

Deno.test("HttpSource opens an empty file, however the server says so", async () => {
  const answers = [
    () => new Response(null, { headers: { "content-length": "0" } }),
    () =>
      new Response(null, {
        status: 416,
        headers: { "content-range": "bytes */0" },
      }),
  ];
  for (const answer of answers) {
    await withServer(answer, async (url) => {
      await using source = await open(url);
      assertEquals(source.size, 0);
      assertEquals((await source.read(0, 0)).length, 0);
    });
  }
});

Deno.test("HttpSource sends headers, asks for plain bytes and for the same file", async () => {
  const seen: (string | null)[][] = [];
  await withServer(({ request, right }) => {
    const { headers } = request;
    seen.push(
      ["x-word", "accept-encoding", "if-match"].map((h) => headers.get(h)),
    );
    return right();
  }, async (url) => {
    await using source = await open(url, { headers: { "x-word": "open" } });
    await source.read(5_000, 1);
  });
  assertEquals(seen, [["open", "identity", null], ["open", "identity", '"1"']]);
});

const REFUSED: readonly [string, string, string, Answer][] = [
  [
    "gives all of the file",
    "unsupported",
    "no-ranges",
    () => new Response(BYTES),
  ],
  [
    "knows no such file",
    "not-found",
    "status-404",
    (a) => a.right({ status: 404 }),
  ],
  [
    "has given the file up",
    "not-found",
    "status-410",
    (a) => a.right({ status: 410 }),
  ],
  ["wants a password", "io", "status-401", (a) => a.right({ status: 401 })],
  [
    "compresses",
    "unsupported",
    "content-encoding",
    (a) => a.right({ headers: { "content-encoding": "br" } }),
  ],
  [
    "does not tell the length",
    "unsupported",
    "no-length",
    (a) =>
      a.right({ headers: { "content-range": `bytes ${a.start}-${a.last}/*` } }),
  ],
  [
    "tells no range",
    "io",
    "wrong-range",
    (a) => a.right({ headers: { "content-range": "" } }),
  ],
  [
    "tells a range that is none",
    "io",
    "wrong-range",
    (a) => a.right({ headers: { "content-range": "bytes 1-x/9" } }),
  ],
  [
    "gives another start",
    "io",
    "wrong-range",
    (a) => a.right({ headers: { "content-range": `bytes 1-${a.last}/10000` } }),
  ],
  [
    "gives a shorter range",
    "io",
    "wrong-range",
    (a) => a.right({ headers: { "content-range": "bytes 0-9/10000" } }),
  ],
  [
    "tells a length too large to count",
    "io",
    "wrong-range",
    (a) =>
      a.right({
        headers: { "content-range": "bytes 0-255/99999999999999999999" },
      }),
  ],
  ["gives too many bytes", "io", "long", (a) => a.right({ body: BYTES })],
];

for (const [what, code, reason, answer] of REFUSED) {
  Deno.test(`openHttp() says ${code} (${reason}) when the server ${what}`, () =>
    withServer(answer, async (url, asked) => {
      const error = await rejectsWith(code, reason, () => open(url));
      assert(error.where.file!.endsWith("/a"));
      // What will not pass is not asked for again.
      assertEquals(asked.length, 1);
    }));
}

Deno.test("HttpSource says io, and the same reason, when the server goes wrong later", async () => {
  for (const [, , reason, answer] of REFUSED) {
    if (reason === "no-length") continue;
    await withServer((asked, ordinal) => {
      return ordinal === 0 ? asked.right() : answer(asked, ordinal);
    }, async (url) => {
      await using source = await open(url);
      await rejectsWith("io", reason, () => source.read(BLOCK, BLOCK));
    });
  }
});

Deno.test("HttpSource asks again after 5xx, 408 and 429", () =>
  withServer((asked, ordinal) => {
    const status = [503, 206, 500, 429, 408, 206][ordinal]!;
    return asked.right(status === 206 ? {} : { status, body: null });
  }, async (url, asked) => {
    await using source = await open(url);
    assertEquals(await source.read(BLOCK, 9), BYTES.slice(BLOCK, BLOCK + 9));
    assertEquals(asked.length, 6);
  }));

Deno.test("HttpSource gives up after 5xx for ever, and starts anew next time", () =>
  withServer((asked, ordinal) => {
    const bad = ordinal >= 1 && ordinal <= 3;
    return asked.right(bad ? { status: 502, body: null } : {});
  }, async (url, asked) => {
    await using source = await open(url, { retries: 2 });
    await rejectsWith("io", "status-502", () => source.read(BLOCK, 1));
    assertEquals(asked.length, 4);
    assertEquals(await source.read(BLOCK, 1), BYTES.slice(BLOCK, BLOCK + 1));
  }));

Deno.test("HttpSource goes on where a short answer ended", () =>
  withServer(({ start, last, right }, ordinal) => {
    return right(
      ordinal % 2 === 0 ? {} : { body: BYTES.slice(start, last - 99) },
    );
  }, async (url, asked) => {
    await using source = await open(url);
    assertEquals(await source.read(512, 512), BYTES.slice(512, 1024));
    assertEquals(asked, ["0-255", "512-1023", "924-1023"]);
  }));

Deno.test("HttpSource gives up on answers that are always short", () =>
  withServer(({ right }, ordinal) => {
    return right(ordinal === 0 ? {} : { body: null });
  }, async (url, asked) => {
    await using source = await open(url, { retries: 2 });
    await rejectsWith("io", "short", () => source.read(512, 512));
    assertEquals(asked.length, 4);
  }));

Deno.test("HttpSource goes on after a connection that broke inside the answer", () =>
  withServer(({ start, right }, ordinal) => {
    if (ordinal !== 1) return right();
    const part = BYTES.slice(start, start + 100);
    let sent = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent) controller.error(new Error("the server falls over"));
        else controller.enqueue(part);
        sent = true;
      },
    });
    return right({ body });
  }, async (url) => {
    await using source = await open(url);
    assertEquals(await source.read(512, 512), BYTES.slice(512, 1024));
  }));

Deno.test("openHttp() says io when nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const url = `http://127.0.0.1:${port}/a`;
  const options = { retries: 1, retryDelayMs: 0 };
  const error = await rejectsWith(
    "io",
    "network",
    () => openHttp(url, options),
  );
  assert(error.cause instanceof Error);
});

Deno.test("HttpSource says io for a file that changes, and for every read after", async () => {
  const changes: Answer[] = [
    (asked) => asked.right({ headers: { etag: '"2"' } }),
    (asked) => asked.right({ headers: { "last-modified": "now" } }),
    (asked) => asked.right({ status: 412, body: null }),
    (asked) => asked.right({ status: 416, body: null }),
    ({ start, last, right }) =>
      right({ headers: { "content-range": `bytes ${start}-${last}/10001` } }),
  ];
  for (const change of changes) {
    await withServer((asked, ordinal) => {
      return ordinal === 1 ? change(asked, ordinal) : asked.right();
    }, async (url) => {
      await using source = await open(url);
      await rejectsWith("io", "changed", () => source.read(BLOCK, 1));
      await rejectsWith("io", "changed", () => source.read(BLOCK, 1));
      await rejectsWith("io", "changed", () => source.read(0, 1));
    });
  }
});

Deno.test("HttpSource compares weak entity tags itself", async () => {
  const conditions: (string | null)[] = [];
  await withServer(({ request, right }, ordinal) => {
    conditions.push(request.headers.get("if-match"));
    return right({ headers: { etag: ordinal < 2 ? 'W/"1"' : 'W/"2"' } });
  }, async (url) => {
    await using source = await open(url);
    await source.read(BLOCK, 1);
    await rejectsWith("io", "changed", () => source.read(5 * BLOCK, 1));
  });
  assertEquals(conditions, [null, null, null]);
});

/** An answer that sends nothing until it is cancelled, which it tells. */
function silence() {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const body = () =>
    new ReadableStream<Uint8Array>({
      start: () => begin(),
      cancel: () => resolve(),
    });
  return { body, begun, cancelled };
}

Deno.test("HttpSource.read() stops a slow answer when the caller says so", async () => {
  const { body, begun, cancelled } = silence();
  await withServer((asked, ordinal) => {
    return asked.right(ordinal === 1 ? { body: body() } : {});
  }, async (url) => {
    await using source = await open(url);
    const controller = new AbortController();
    const { signal } = controller;
    const read = source.read(BLOCK, 1, { signal });
    begun.then(() => controller.abort("enough"));
    const error = await rejectsWith("aborted", undefined, () => read);
    assertEquals(error.cause, "enough");
    await cancelled;
    assertEquals(await source.read(BLOCK, 1), BYTES.slice(BLOCK, BLOCK + 1));
  });
});

Deno.test("HttpSource.read() goes on for one caller when another stops", async () => {
  const { promise: go, resolve: release } = Promise.withResolvers<void>();
  await withServer(async (asked, ordinal) => {
    if (ordinal === 1) await go;
    return asked.right();
  }, async (url, asked) => {
    await using source = await open(url);
    const controller = new AbortController();
    const { signal } = controller;
    const stopped = source.read(BLOCK, 1, { signal });
    const kept = source.read(BLOCK, 2);
    controller.abort();
    await rejectsWith("aborted", undefined, () => stopped);
    release();
    assertEquals(await kept, BYTES.slice(BLOCK, BLOCK + 2));
    assertEquals(asked.length, 2);
  });
});

Deno.test("openHttp() stops when the caller says so", async () => {
  const { body, begun, cancelled } = silence();
  await withServer((asked) => asked.right({ body: body() }), async (url) => {
    const controller = new AbortController();
    begun.then(() => controller.abort("enough"));
    const { signal } = controller;
    await rejectsWith("aborted", undefined, () => open(url, { signal }));
    await cancelled;
  });
});

Deno.test("HttpSource gives up on a server that falls silent", () =>
  withServer(
    (asked) => asked.right({ body: silence().body() }),
    async (url) => {
      const options = { timeoutMs: 20, retries: 0 };
      await rejectsWith("io", "network", () => open(url, options));
    },
  ));

Deno.test("HttpSource.close() ends reads under way and may come twice", async () => {
  const { body, begun, cancelled } = silence();
  await withServer((asked, ordinal) => {
    return asked.right(ordinal === 1 ? { body: body() } : {});
  }, async (url) => {
    const source = await open(url);
    const read = source.read(BLOCK, 1);
    begun.then(() => source.close());
    await assertRejects(() => read, TypeError);
    await source.close();
    await assertRejects(() => source.read(0, 1), TypeError);
    await cancelled;
  });
});

Deno.test("openHttp() refuses limits that make no sense", async () => {
  const wrong = [{ blockBytes: 0 }, { cacheBytes: -1 }, { retries: NaN }];
  for (const options of wrong) {
    await assertRejects(() => openHttp("http://[::1]/", options), RangeError);
  }
});
