import { assertEquals, assertStringIncludes } from "@std/assert";
import { MemorySource } from "@cairn/core";
import { openStream } from "@cairn/esdb/stream";
import { capturedRun } from "../testdata/captured_run.ts";
import { memoryCodec } from "../testdata/memory_codec.ts";
import { inFolder } from "../testdata/sample_store.ts";
import { esdbStreams } from "../built_in/esdb_streams.ts";
import type { CodecTable } from "../codec_entry.ts";

const codecs: CodecTable = [
  { codec: memoryCodec, writeFlags: [], streams: esdbStreams },
];
const LINES =
  '{"user":"ann","at":5,"type":"buy"}\n{"user":"bob","at":"7"}\n{"user":"ann","at":6,"type":"view"}\n';

function stream(args: string[], stdin = "") {
  return capturedRun(["stream", ...args], { codecs, stdin });
}

Deno.test("cairn stream append, cat and close work together", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.stream`;
    const made = await stream(["append", path, "--index", "user,type"], LINES);
    assertEquals([made.code, made.stdout], [0, ""], made.stderr);
    assertStringIncludes(made.stderr, "3 events appended");
    assertEquals((await stream(["cat", path])).stdout, LINES);
    const more = await stream(
      ["append", path, "--sync", "none"],
      "no JSON\r\n",
    );
    assertEquals(more.code, 0);
    const all = await stream(["cat", path]);
    assertEquals(all.stdout, `${LINES}no JSON\n`);
    const ann = await stream([
      "cat",
      path,
      "--index",
      "user=ann",
      "--newest",
      "--format",
      "ndjson",
    ]);
    const events = ann.stdout.trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    assertEquals(events.map(({ data }) => JSON.parse(data).at), [6, 5]);
    assertEquals(events[0].indexes, { user: "ann", type: "view" });
    const from = await stream([
      "cat",
      path,
      "--from",
      `${events[0].offset}`,
      "--limit",
      "1",
    ]);
    assertEquals(from.stdout, `${LINES.split("\n")[2]}\n`);
    assertEquals((await stream(["cat", path, "--limit", "0"])).stdout, "");
    assertEquals(
      (await stream(["cat", path, "--index", "user=ann", "--limit", "1"]))
        .stdout,
      `${LINES.split("\n")[0]}\n`,
    );

    assertEquals((await stream(["close", path])).code, 0);
    const closed = await stream(["append", path], "x\n");
    assertEquals(closed.code, 1);
    assertStringIncludes(closed.stderr, "closed");
    assertEquals((await stream(["cat", path])).stdout, `${LINES}no JSON\n`);
    assertEquals((await stream(["follow", path])).stdout, `${LINES}no JSON\n`);
    assertEquals((await stream(["follow", path, "--new"])).stdout, "");
  });
});

Deno.test("cairn stream append reads what cat prints, bytes too", async () => {
  await inFolder(async (folder) => {
    const lines = '{"indexes":{"a":"1"},"data":"x\\ny"}\n{"data_b64":"/w=="}\n';
    const made = await stream(
      ["append", `${folder}/a`, "--format", "ndjson"],
      lines,
    );
    assertEquals(made.code, 0, made.stderr);
    const printed = await stream(["cat", `${folder}/a`, "--format", "ndjson"]);
    await stream(
      ["append", `${folder}/b`, "--format", "ndjson"],
      printed.stdout,
    );
    assertEquals(
      await Deno.readFile(`${folder}/b`),
      await Deno.readFile(`${folder}/a`),
    );
    const [first, second] = printed.stdout.trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    assertEquals([first.data, first.indexes, second.data_b64], ["x\ny", {
      a: "1",
    }, "/w=="]);
  });
});

Deno.test("cairn stream append keeps what came before a bad line", async () => {
  for (
    const [flags, line, said] of [
      [["--index", "a"], "[1]", "no JSON object"],
      [["--index", "a"], "{", "no JSON"],
      [["--index", "a"], '{"a":{}}', 'member "a"'],
      [["--format", "ndjson"], '{"a":1}', "no data"],
      [["--format", "ndjson"], '{"data_b64":"!"}', "no base64"],
      [["--format", "ndjson"], '{"data":"","indexes":[]}', "no object"],
      [["--format", "ndjson"], '{"data":"","indexes":{"a":1}}', 'index "a"'],
    ] as const
  ) {
    await inFolder(async (folder) => {
      const path = `${folder}/a.stream`;
      const run = await stream(
        ["append", path, ...flags],
        `{"data":"1"}\n${line}\n`,
      );
      assertEquals([run.code, run.stdout], [1, ""]);
      assertStringIncludes(run.stderr, said);
      assertStringIncludes(run.stderr, 'file "-", line 2');
      assertEquals((await stream(["cat", path])).stdout.split("\n").length, 2);
    });
  }
});

Deno.test("cairn stream close and merge add checksums where they are asked for", async () => {
  await inFolder(async (folder) => {
    const size = (path: string): number => Deno.statSync(path).size;
    const path = (name: string): string => `${folder}/${name}.stream`;
    for (const name of ["a", "b"]) {
      await stream(["append", path(name), "--index", "user"], LINES);
    }
    await stream(["close", path("a")]);
    assertEquals((await stream(["close", path("b"), "--checksums"])).code, 0);
    assertEquals(size(path("b")) > size(path("a")), true);
    const inputs = [path("a"), path("b")];
    await stream(["merge", ...inputs, "-o", path("c")]);
    await stream(["merge", ...inputs, "-o", path("d"), "--checksums"]);
    assertEquals(size(path("d")) > size(path("c")), true);
    assertEquals((await stream(["cat", path("d")])).stdout, LINES + LINES);
    // A damaged event is found out by its checksum alone.
    const bytes = Deno.readFileSync(path("d"));
    const at = new TextDecoder("latin1").decode(bytes).indexOf('"at":5');
    bytes[at + 5]! ^= 1;
    await using reader = await openStream(new MemorySource(bytes));
    const found = await Array.fromAsync(reader.verify());
    assertEquals(found.map(({ severity }) => severity), ["corrupt"]);
  });
});

Deno.test("cairn info and verify point at `cairn stream` for a stream", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.stream`;
    await stream(["append", path], LINES);
    for (const command of ["info", "verify"]) {
      const { code, stderr } = await capturedRun([command, path], { codecs });
      assertEquals(code, 1);
      assertStringIncludes(stderr, "cairn stream");
      assertStringIncludes(stderr, path);
    }
  });
});

Deno.test("cairn stream follow waits for what comes, until the stream is closed", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.stream`;
    await stream(["append", path], "one\n");
    let seen = "";
    let two: (() => void) | undefined;
    const both = new Promise<void>((resolve) => two = resolve);
    const following = capturedRun(["stream", "follow", path], {
      codecs,
      stdout: {
        isTerminal: false,
        write: (bytes) => {
          seen += new TextDecoder().decode(bytes);
          if (seen === "one\n") void stream(["append", path], "two\n");
          if (seen === "one\ntwo\n") two!();
          return Promise.resolve();
        },
      },
    });
    await both;
    // The writer of "two" may still be letting go of the stream.
    while ((await stream(["close", path])).code !== 0);
    assertEquals((await following).code, 0);
    assertEquals(seen, "one\ntwo\n");
  });
});

Deno.test("cairn stream merge makes one closed stream", async () => {
  await inFolder(async (folder) => {
    const [a, b, out] = ["a", "b", "m"].map((name) =>
      `${folder}/${name}.stream`
    ) as [string, string, string];
    await stream(["append", a, "--index", "user"], LINES);
    await stream(["append", b], "last\n");
    const merged = await stream(["merge", a, b, "-o", out]);
    assertEquals([merged.code, merged.stderr], [0, `${out}: 4 events\n`]);
    assertEquals((await stream(["cat", out])).stdout, `${LINES}last\n`);
    assertEquals(
      (await stream(["cat", out, "--index", "user=bob"])).stdout,
      `${LINES.split("\n")[1]}\n`,
    );
    assertEquals((await stream(["merge", a, "-o", out])).code, 1);
    assertEquals((await stream(["merge", b, "-o", out, "--replace"])).code, 0);
    assertEquals((await stream(["cat", out])).stdout, "last\n");
  });
});

Deno.test("cairn import reads times and numbers of a stream as those of NDJSON", async () => {
  await inFolder(async (folder) => {
    const lines =
      '{"user":12345678901234567890,"at":"2024-05-01T10:00:00.5Z","cost":1.50}\n' +
      '{"user":7,"at":1714557600,"cost":[2.0]}\n';
    await stream(["append", `${folder}/a.stream`, "--index", "user"], lines);
    await Deno.writeTextFile(`${folder}/a.ndjson`, lines);
    for (
      const units of [[], ["--time-unit", "ms", "--integer-unit", "s"]]
    ) {
      const dumps: string[] = [];
      for (const input of ["a.stream", "a.ndjson"]) {
        const run = await capturedRun([
          ..."import --trail user --time at --replace --fields cost".split(" "),
          ...units,
          `${folder}/${input}`,
          "-o",
          `${folder}/a.mem`,
        ], { codecs });
        assertEquals(run.code, 0, run.stderr);
        dumps.push((await capturedRun(["dump", `${folder}/a`])).stdout);
      }
      assertEquals(dumps[0], dumps[1]);
      assertStringIncludes(
        dumps[0]!,
        units.length === 0 ? ",1.50" : "500,1.50",
      );
    }
  });
});

Deno.test("cairn import makes a store of a stream", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.stream`;
    await stream(["append", path, "--index", "user,type"], LINES);
    await stream(["close", path]);
    const args = [
      "import",
      path,
      "--trail",
      "user",
      "--time",
      "at",
      "-o",
      `${folder}/a.mem`,
    ];
    const all = await capturedRun(args, { codecs });
    assertEquals([all.code, all.stdout], [0, ""], all.stderr);
    const dumped = await capturedRun([
      "dump",
      `${folder}/a`,
      "--fields",
      "type",
      "--no-header",
    ]);
    assertEquals(dumped.stdout, "ann,5,buy\nann,6,view\nbob,7,\n");
    const info = JSON.parse(
      (await capturedRun(["info", "--json", `${folder}/a`])).stdout,
    );
    assertEquals(info.fields.map(({ name }: { name: string }) => name), [
      "type",
      "data",
    ]);
    const some = await capturedRun([
      ...args,
      "--fields",
      "at,type",
      "--replace",
    ], { codecs });
    assertEquals(some.code, 0, some.stderr);
    assertEquals(
      (await capturedRun(["dump", `${folder}/a`])).stdout,
      "trail,time,at,type\nann,5,5,buy\nann,6,6,view\nbob,7,7,\n",
    );
    const none = await capturedRun([...args, "--replace", "--time", "when"], {
      codecs,
    });
    assertEquals(none.code, 1);
    const skipped = await capturedRun([
      ...args,
      "--replace",
      "--trail",
      "type",
      "--skip-bad",
    ], { codecs });
    assertEquals(skipped.code, 0);
    assertStringIncludes(skipped.stderr, "1 line skipped");
    const mixed = await capturedRun([...args, "--replace", "-"], { codecs });
    assertEquals(mixed.code, 2);
  });
});

Deno.test("cairn stream refuses what makes no sense", async () => {
  for (
    const args of [
      [],
      ["cat", "x", "--newest"],
      ["cat", "x", "--index", "a"],
      ["cat", "x", "--format", "xml"],
      ["cat", "x", "--from", "-1"],
      ["append", "x", "--sync", "0"],
      ["append", "x", "--format", "xml"],
      ["follow", "x", "--new", "--from", "1"],
      ["merge", "x"],
    ]
  ) assertEquals((await stream(args)).code, 2, args.join(" "));
  for (const command of ["cat", "follow", "close"]) {
    const run = await stream([command, "/no/such.stream"]);
    assertEquals(run.code, 1);
    assertStringIncludes(run.stderr, "/no/such.stream");
  }
  assertEquals((await capturedRun(["stream", "cat", "x"])).code, 2);
});
