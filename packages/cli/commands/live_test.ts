import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { capturedRun } from "../testdata/captured_run.ts";
import { memoryCodec } from "../testdata/memory_codec.ts";
import { inFolder } from "../testdata/sample_store.ts";
import { bitmapLive } from "../built_in/bitmap_live.ts";
import type { CodecTable } from "../codec_entry.ts";

const codecs: CodecTable = [
  { codec: memoryCodec, writeFlags: [], live: bitmapLive },
];
const SCHEMA = JSON.stringify({
  name: "users",
  row_id: ["user"],
  fields: [{ name: "visit", type: "counter" }],
});
const LINES = '{"row":["ann"],"add":{"visit":1}}\n\n{"row":["bob"]}\n';

async function inSchemaFolder(work: (folder: string) => Promise<void>) {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/schema.json`, SCHEMA);
    await Deno.writeTextFile(`${folder}/rows.ndjson`, LINES);
    await work(folder);
  });
}

Deno.test("cairn add makes a live store and lets it grow", async () => {
  await inSchemaFolder(async (folder) => {
    const live = `${folder}/live`;
    const made = await capturedRun(
      [
        "add",
        live,
        "--schema",
        `${folder}/schema.json`,
        `${folder}/rows.ndjson`,
        "--json",
      ],
      { codecs },
    );
    assertEquals([made.code, made.stderr], [0, ""]);
    assertEquals(JSON.parse(made.stdout), {
      store: live,
      lines: 3,
      events: 2,
      resumed: 0,
      bad: 0,
    });
    const more = await capturedRun(["add", live], { codecs, stdin: LINES });
    assertEquals([more.code, more.stdout], [0, ""]);
    assertStringIncludes(more.stderr, "2 events added");
    const again = await capturedRun(["add", live, "--resume", "--no-sync"], {
      codecs,
      stdin: LINES,
    });
    assertStringIncludes(again.stderr, "0 events added");
    assertStringIncludes(again.stderr, "2 were there already");
  });
});

Deno.test("cairn add names the file and line of a bad line, or skips it", async () => {
  await inSchemaFolder(async (folder) => {
    const live = `${folder}/live`;
    const args = ["add", live, "--schema", `${folder}/schema.json`];
    const bad = { codecs, stdin: '{"row":["ann"]}\n{"row":1}\n' };
    const stopped = await capturedRun(args, bad);
    assertEquals([stopped.code, stopped.stdout], [1, ""]);
    assertStringIncludes(stopped.stderr, "line 2");
    const skipped = await capturedRun([...args, "--skip-bad"], bad);
    assertEquals(skipped.code, 0);
    assertStringIncludes(skipped.stderr, "cairn: skipped: ");
    assertStringIncludes(skipped.stderr, "1 event added");
    assertStringIncludes(skipped.stderr, "1 line skipped");
  });
});

Deno.test("cairn add needs a store or a schema", async () => {
  await inSchemaFolder(async (folder) => {
    const none = await capturedRun([
      "add",
      `${folder}/none`,
      `${folder}/rows.ndjson`,
    ], { codecs });
    assertEquals(none.code, 1);
    assertStringIncludes(none.stderr, "--schema makes one");
    await Deno.writeTextFile(`${folder}/bad.json`, "{");
    const bad = await capturedRun([
      "add",
      `${folder}/x`,
      "--schema",
      `${folder}/bad.json`,
    ], { codecs });
    assertEquals(bad.code, 1);
    assertStringIncludes(bad.stderr, "not JSON");
    const frozen = await capturedRun(["add", `${folder}/a.mem`], {
      codecs: [{ codec: memoryCodec, writeFlags: [] }],
    });
    assertEquals(frozen.code, 2);
    assertStringIncludes(frozen.stderr, "do not grow");
  });
});

Deno.test("cairn add refuses schemas that cannot be, and leaves no folder", async () => {
  await inSchemaFolder(async (folder) => {
    const add = (path: string, schema: string) =>
      capturedRun(
        ["add", `${folder}/${path}`, "--schema", `${folder}/${schema}`],
        { codecs },
      );
    const other = SCHEMA.replace("counter", "flag");
    await Deno.writeTextFile(`${folder}/other.json`, other);
    await Deno.writeTextFile(`${folder}/bad.json`, other.replace("flag", "x"));
    const bad = await add("live", "bad.json");
    assertEquals(bad.code, 1);
    assertStringIncludes(bad.stderr, 'member "type"');
    await assertRejects(() => Deno.stat(`${folder}/live`));
    assertEquals((await add("live", "schema.json")).code, 0);
    assertEquals((await add("live", "schema.json")).code, 0);
    const changed = await add("live", "other.json");
    assertEquals(changed.code, 1);
    assertStringIncludes(changed.stderr, "another schema");
    const file = await capturedRun(["add", `${folder}/bad.json`], { codecs });
    assertEquals(file.code, 1);
    assertStringIncludes(file.stderr, "it is a file");
  });
});

Deno.test("cairn seal and cairn import --schema write the same file", async () => {
  await inSchemaFolder(async (folder) => {
    const [live, sealed, imported] = ["live", "s.mem", "i.mem"].map((name) =>
      `${folder}/${name}`
    ) as [string, string, string];
    const schema = [
      "--schema",
      `${folder}/schema.json`,
      `${folder}/rows.ndjson`,
    ];
    await capturedRun([
      "import",
      ...schema,
      "--codec",
      "memory",
      "--live",
      "-o",
      live,
    ], { codecs });
    const seal = await capturedRun(["seal", live, "-o", sealed, "--json"], {
      codecs,
    });
    assertEquals(seal.code, 0, seal.stderr);
    assertEquals(JSON.parse(seal.stdout), {
      store: sealed,
      codec: "memory",
      bytes: (await Deno.stat(sealed)).size,
    });
    const run = await capturedRun(["import", ...schema, "-o", imported], {
      codecs,
    });
    assertEquals([run.code, run.stdout], [0, ""]);
    assertStringIncludes(run.stderr, "2 events");
    assertEquals(await Deno.readFile(imported), await Deno.readFile(sealed));
    const again = await capturedRun(["seal", live, "-o", sealed], { codecs });
    assertEquals(again.code, 1);
    const plain = await capturedRun([
      "import",
      ...schema,
      "-o",
      `${folder}/p.mem`,
    ], { codecs: [{ codec: memoryCodec, writeFlags: [] }] });
    assertEquals(plain.code, 2);
  });
});
