import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "fflate";
import { capturedRun } from "../testdata/captured_run.ts";
import { inFolder } from "../testdata/sample_store.ts";
import { builtInCodecs } from "../codecs.ts";
import { esdbStreams } from "./esdb_streams.ts";

const GOLDEN = new URL("../../../conformance/golden/bitmap/", import.meta.url);
const SMALL = fileURLToPath(new URL("sealed-small.sst", GOLDEN));

function run(...args: string[]) {
  return capturedRun(args, { codecs: builtInCodecs });
}

const SCHEMA = JSON.stringify({
  name: "users",
  row_id: ["product", "user"],
  fields: [
    { name: "visit", type: "counter", quantum: "YM" },
    { name: "campaign", type: "set" },
    { name: "signup", type: "flag" },
  ],
});
const LINES = [
  {
    row: ["p", "ann"],
    ts: "2013-05-01T00:00:00Z",
    add: { visit: 2 },
    put: { campaign: ["a", "b"] },
  },
  {
    row: ["p", "bob"],
    ts: "2013-06-01T00:00:00Z",
    add: { visit: 1 },
    mark: ["signup"],
  },
  { row: ["p", "ann"], ts: "2013-06-02T00:00:00Z", add: { visit: 5 } },
].map((line) => `${JSON.stringify(line)}\n`).join("");

Deno.test("cairn keeps and asks rows, live and sealed", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/schema.json`, SCHEMA);
    await Deno.writeTextFile(`${folder}/rows.ndjson`, LINES);
    const live = `${folder}/live`;
    const sealed = `${folder}/sealed.cairn-bitmap`;
    const added = await run(
      "add",
      live,
      "--schema",
      `${folder}/schema.json`,
      `${folder}/rows.ndjson`,
    );
    assertEquals(added.code, 0, added.stderr);
    assertEquals((await run("seal", live, "-o", sealed)).code, 0);
    for (const store of [live, sealed]) {
      const ask = async (query: string) =>
        JSON.parse(
          (await run("query", store, query, "--format", "json")).stdout,
        );
      assertEquals(await ask('(slice "visit_2013_06" (> 1))'), {
        rows: [["p", "ann"]],
      });
      assertEquals(await ask('(slice "signup")'), { rows: [["p", "bob"]] });
      assertEquals(await ask('(sum "visit")'), { sum: 8, count: 2 });
      const table = await run(
        "query",
        store,
        '(select (fields "campaign" "signup") (all))',
      );
      assertEquals(
        table.stdout,
        "product  user  campaign  signup\np        ann   a, b\np        bob             yes\n",
      );
      const facts = JSON.parse((await run("info", "--json", store)).stdout);
      assertEquals([facts.codec, facts.trails, facts.events, facts.index], [
        "bitmap",
        2,
        3,
        true,
      ]);
      assertEquals(facts.fields, [
        { name: "visit", type: "counter", distinct: null, quantum: "YM" },
        { name: "campaign", type: "set", distinct: 2, quantum: "" },
        { name: "signup", type: "flag", distinct: null, quantum: "" },
      ]);
      const dump = await run("dump", store);
      assertEquals([dump.code, dump.stdout], [1, ""]);
      assertStringIncludes(dump.stderr, "store of rows");
      assertEquals((await run("verify", store)).code, 0);
    }
  });
});

Deno.test("cairn query answers the golden queries of every keyspace", async () => {
  const queries: {
    readonly keyspace: string;
    readonly query: string;
    readonly count?: number;
    readonly answer?: unknown;
  }[] = JSON.parse(
    await Deno.readTextFile(new URL("small-queries.json", GOLDEN)),
  );
  for (const { keyspace, query, count, answer } of queries) {
    const { code, stdout, stderr } = await run(
      "query",
      SMALL,
      "--keyspace",
      keyspace,
      "--format",
      "json",
      query,
    );
    assertEquals([code, stderr], [0, ""], query);
    const given = JSON.parse(stdout);
    if (answer !== undefined) assertEquals(given, answer, query);
    else if (count !== undefined) assertEquals(given.rows.length, count, query);
  }
});

Deno.test("cairn asks which keyspace is meant", async () => {
  const none = await run("query", SMALL, "(all)");
  assertEquals(none.code, 1);
  assertStringIncludes(none.stderr, "user_events");
  const wrong = await run("query", SMALL, "(all)", "--keyspace", "nope");
  assertEquals(wrong.code, 1);
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, "trail,time\na,1\n");
    await run("import", `${folder}/a.csv`, "-o", `${folder}/a.esdb`);
    const other = await run("dump", `${folder}/a.esdb`, "--keyspace", "x");
    assertEquals(other.code, 2);
    assertStringIncludes(other.stderr, "has no keyspaces");
    const index = await run("dump", `${folder}/a.esdb`, "--index", "x");
    assertEquals(index.code, 2);
  });
});

Deno.test("cairn import makes counters and views for the bitmap codec", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/a.csv`,
      "trail,time,page,n\nann,2013-05-01,x,2\nann,2013-06-01,y,3\nbob,2013-06-01,x,\n",
    );
    const path = `${folder}/a.cairn-bitmap`;
    const made = await run(
      "import",
      `${folder}/a.csv`,
      "-o",
      path,
      "--counter",
      "total=n",
      "--set",
      "page",
      "--quantum",
      "page=YM,total=Y",
      "--time-unit",
      "ms",
    );
    assertEquals(made.code, 0, made.stderr);
    for (
      const [query, rows] of [
        ['(slice "page_2013_06" (= "x"))', [["bob"]]],
        ['(slice "total_2013" (> 4))', [["ann"]]],
        ['(slice "total")', [["ann"]]],
      ] as const
    ) {
      const { stdout, stderr } = await run(
        "query",
        path,
        query,
        "--format",
        "json",
        "--explain",
      );
      assertEquals(JSON.parse(stdout), { rows }, query);
      assertStringIncludes(stderr, "index (bitmap)");
    }
    for (
      const flags of [["--counter", "n"], ["--quantum", "D"], [
        "--quantum",
        "page=D",
      ]]
    ) {
      const bad = await run(
        "import",
        `${folder}/a.csv`,
        "-o",
        path,
        "--replace",
        ...flags,
      );
      assertEquals(bad.code, 2, flags.join(" "));
    }
  });
});

Deno.test("cairn import --live makes a store that grows of ordinary events", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/a.csv`,
      "trail,time,page,n\nann,2013-05-01,x,2\nann,2013-06-01,y,3\nbob,2013-06-01,,oops\n",
    );
    const path = `${folder}/live.cairn-bitmap`;
    const flags = ["--counter", "total=n", "--set", "page", "--quantum", "YM"];
    const made = await run(
      "import",
      `${folder}/a.csv`,
      "--live",
      "-o",
      path,
      ...flags,
      "--json",
    );
    assertEquals(made.code, 0, made.stderr);
    const { events, trails } = JSON.parse(made.stdout);
    assertEquals([events, trails], [3, 2]);
    const ask = async (query: string) =>
      JSON.parse((await run("query", path, query, "--format", "json")).stdout);
    assertEquals(await ask('(slice "page_2013_06" (= "y"))'), {
      rows: [["ann"]],
    });
    assertEquals(await ask('(sum "total")'), { sum: 5, count: 1 });
    assertEquals(await ask('(sum ".events_2013_06")'), { sum: 2, count: 2 });
    assertEquals(await ask("(count (all))"), { count: 2 });
    await Deno.writeTextFile(
      `${folder}/more.ndjson`,
      '{"row":["cyd"],"add":{"total":9},"ts":1370044800}\n',
    );
    const added = await run("add", path, `${folder}/more.ndjson`);
    assertEquals(added.code, 0, added.stderr);
    assertEquals(await ask('(slice "total_2013_06" (> 3))'), {
      rows: [["cyd"]],
    });
    assertEquals(
      (await run("import", `${folder}/a.csv`, "--live", "-o", path)).code,
      1,
    );
    const bad = await run(
      "import",
      `${folder}/a.csv`,
      "--live",
      "-o",
      `${folder}/b.cairn-bitmap`,
      "--set",
      "nope",
    );
    assertEquals(bad.code, 1);
    const other = await run(
      "import",
      `${folder}/a.csv`,
      "--live",
      "-o",
      `${folder}/b.esdb`,
    );
    assertEquals(other.code, 2);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(names, ["a.csv", "live.cairn-bitmap", "more.ndjson"]);
  });
});

Deno.test("cairn reads stores on the web", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, "trail,time,a\nk,1,x\n");
    const stores = builtInCodecs.map(({ codec }) => `a${codec.extensions[0]}`);
    for (const name of stores) {
      const made = await run(
        "import",
        `${folder}/a.csv`,
        "--key",
        "hash",
        "-o",
        `${folder}/${name}`,
      );
      assertEquals(made.code, 0, made.stderr);
    }
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      async (request) => {
        const path = `${folder}${new URL(request.url).pathname}`;
        const bytes = await Deno.readFile(path).catch(() => undefined);
        if (bytes === undefined) return new Response(null, { status: 404 });
        const range = /^bytes=(\d+)-(\d+)$/.exec(
          request.headers.get("range") ?? "",
        )!;
        const [start, last] = [
          Number(range[1]),
          Math.min(Number(range[2]), bytes.length - 1),
        ];
        return new Response(bytes.slice(start, last + 1), {
          status: 206,
          headers: {
            "content-range": `bytes ${start}-${last}/${bytes.length}`,
          },
        });
      },
    );
    try {
      const root = `http://127.0.0.1:${server.addr.port}`;
      for (const name of stores) {
        const local = await run("dump", `${folder}/${name}`);
        assertEquals(await run("dump", `${root}/${name}`), local);
        const facts = JSON.parse(
          (await run("info", "--json", `${root}/${name}`)).stdout,
        );
        assertEquals([facts.events, facts.bytes], [
          1,
          (await Deno.stat(`${folder}/${name}`)).size,
        ]);
      }
      const none = await run("info", `${root}/none.tdb`);
      assertEquals(none.code, 1);
      assertStringIncludes(none.stderr, `${root}/none.tdb`);
    } finally {
      await server.shutdown();
    }
  });
});

Deno.test("cairn index lets a dump skip trails, and refuses another store's", async () => {
  await inFolder(async (folder) => {
    let csv = "trail,time,a\n";
    for (let i = 0; i < 300; i++) csv += `${i},1,v${i % 100}\n`;
    await Deno.writeTextFile(`${folder}/a.csv`, csv);
    await Deno.writeTextFile(`${folder}/b.csv`, csv.replace("0,1,v0\n", ""));
    const [a, b] = [`${folder}/a.tdb`, `${folder}/b.tdb`];
    for (const name of ["a", "b"]) {
      const made = await run(
        "import",
        `${folder}/${name}.csv`,
        "--key",
        "hash",
        "-o",
        `${folder}/${name}.tdb`,
      );
      assertEquals(made.code, 0, made.stderr);
    }
    const plain = await run("dump", a, "-F", "a=v7", "-v");
    assertStringIncludes(plain.stderr, "Not using an index.");
    const made = await run("index", a, "--json");
    assertEquals(JSON.parse(made.stdout), {
      index: `${a}.index`,
      store: a,
      bytes: (await Deno.stat(`${a}.index`)).size,
    });
    const indexed = await run("dump", a, "-F", "a=v7", "-v");
    assertEquals(indexed.stdout, plain.stdout);
    assertStringIncludes(
      indexed.stderr,
      "Using an index. Evaluating 3/300 (1.00%) trails.",
    );
    assertStringIncludes(
      (await run("dump", a, "-F", "a=v7", "-v", "--no-index")).stderr,
      "Not using",
    );
    assertEquals(
      (await run("dump", a, "-F", "a=nope", "-v")).stdout,
      "trail,time,a\n",
    );
    assertEquals((await run("index", a)).code, 1);
    assertEquals((await run("index", a, "--replace")).code, 0);
    const other = await run("dump", b, "-F", "a=v7", "--index", `${a}.index`);
    assertEquals([other.code, other.stdout], [1, ""]);
    assertEquals((await run("dump", b, "--index", `${folder}/none`)).code, 1);
    await run("import", `${folder}/a.csv`, "-o", `${folder}/a.esdb`);
    assertEquals((await run("index", `${folder}/a.esdb`)).code, 2);
  });
});

Deno.test("cairn import says how to make keys that a codec can hold", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, "trail,time\nann,1\n");
    const args = ["import", `${folder}/a.csv`, "-o", `${folder}/a.tdb`];
    const refused = await run(...args);
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "--key hash makes keys of any text");
    assertStringIncludes(refused.stderr, "line 2");
    const told = await run(...args, "--key", "uuid");
    assertEquals([told.code, told.stderr.includes("--key hash")], [1, false]);
  });
});

Deno.test("cairn never leaves the index of another store beside a new one", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, "trail,time,a\nk,1,x\n");
    const path = `${folder}/a.tdb`;
    const args = ["import", `${folder}/a.csv`, "--key", "hash", "-o", path];
    assertEquals((await run(...args)).code, 0);
    assertEquals((await run("index", path)).code, 0);
    assertEquals((await run(...args, "--replace")).code, 0);
    const names = () =>
      [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(names(), ["a.csv", "a.tdb"]);
    assertEquals((await run("index", path)).code, 0);
    await Deno.remove(path);
    const stale = await run(...args);
    assertEquals([stale.code, names()], [1, ["a.csv", "a.tdb.index"]]);
    assertStringIncludes(stale.stderr, "a.tdb.index");
    assertEquals((await run("merge", path, "-o", path)).code, 1);
    assertEquals((await run(...args, "--replace")).code, 0);
    assertEquals(names(), ["a.csv", "a.tdb"]);
  });
});

Deno.test("cairn import reads a named pipe, and nothing replaces it", async () => {
  if (Deno.build.os === "windows") return;
  await inFolder(async (folder) => {
    const pipe = `${folder}/pipe`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    // To look whether it is a stream must not wait for a writer.
    assertEquals(await esdbStreams.detect(pipe), false);
    const writer = new Deno.Command("sh", {
      args: ["-c", 'printf "trail,time,a\\nk,1,x\\n" > "$0"', pipe],
    }).output();
    const path = `${folder}/a.esdb`;
    await Deno.writeTextFile(`${folder}/a.csv`, "trail,time,a\nk,1,x\n");
    const { code, stderr } = await run("import", pipe, "-o", path);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "1 event");
    assertEquals((await writer).code, 0);
    for (const replace of [[], ["--replace"]]) {
      const args = ["-o", pipe, "--codec", "esdb", ...replace];
      const over = await run("import", `${folder}/a.csv`, ...args);
      assertEquals(over.code, 1);
      assertStringIncludes(over.stderr, "a device, pipe or socket is there");
    }
    assertEquals((await Deno.lstat(pipe)).isFifo, true);
  });
});

Deno.test("cairn reads and writes folders of the trail codec", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/plain`;
    await Deno.writeTextFile(`${folder}/a.csv`, "trail,time,a\nk,1,x\n");
    const flags = ["--key", "hash", "--tdb-format", "dir"];
    const made = await run("import", `${folder}/a.csv`, ...flags, "-o", path);
    assertEquals(made.code, 0, made.stderr);
    assertEquals((await Deno.stat(`${path}/info`)).isFile, true);
    const facts = JSON.parse((await run("info", "--json", path)).stdout);
    assertEquals([facts.codec, facts.events], ["trail", 1]);
    assertEquals(facts.bytes > 0, true);
    assertEquals(
      (await run("import", `${folder}/a.csv`, ...flags, "-o", path)).code,
      1,
    );
    const wrong = await run("info", path, "--codec", "esdb");
    assertEquals(wrong.code, 1);
    for (const more of [flags, ["--codec", "esdb"]]) {
      for (const replace of [[], ["--replace"]]) {
        const over = ["import", `${folder}/a.csv`, ...more, "-o", path];
        const { code, stderr } = await run(...over, ...replace);
        assertEquals(code, 1);
        assertStringIncludes(stderr, "a folder lies there");
      }
    }
    assertEquals((await run("verify", path)).code, 0);
  });
});
Deno.test("cairn import --raw-strings gives the bytes of tdb make -j", async () => {
  await inFolder(async (folder) => {
    const golden = new URL(
      "../../../conformance/golden/traildb/",
      import.meta.url,
    );
    const input = await Deno.readTextFile(
      new URL("cli-json-raw.input.ndjson", golden),
    );
    const wanted = gunzipSync(
      await Deno.readFile(new URL("cli-json-raw.tdb.gz", golden)),
    );
    const path = `${folder}/a.tdb`;
    const flags = [
      "--tdb-style",
      "--format",
      "ndjson",
      "--raw-strings",
      "--no-additions",
      "--fields",
      "uuid,time,a,b,c",
    ];
    // "nil" is no JSON; tdb takes any bare word that begins with n for null.
    const made = await capturedRun(["import", "-", ...flags, "-o", path], {
      codecs: builtInCodecs,
      stdin: input.replace(":nil", ":null"),
    });
    assertEquals(made.code, 0, made.stderr);
    const bytes = await Deno.readFile(path);
    assertEquals([bytes.length, bytes.every((byte, i) => byte === wanted[i])], [
      wanted.length,
      true,
    ]);
  });
});
