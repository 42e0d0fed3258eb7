import { assertEquals, assertStringIncludes } from "@std/assert";
import { capturedRun } from "../testdata/captured_run.ts";
import {
  inFolder,
  type SampleEvent,
  writeStore,
} from "../testdata/sample_store.ts";

const EVENTS: readonly SampleEvent[] = [
  ["ann", 1367366400, "view", "/a", null],
  ["ann", 1367366401, "buy", "/a", "80"],
  ["bob", 1367366402, "view", "/b", null],
  ["bob", 1370044800, "buy", "/b", "20"],
  ["cyd", 1370044801, "view", "/a", null],
];
const FIELDS = ["type", "page", { name: "price", type: "integer" }] as const;

async function query(text: string, ...flags: string[]) {
  let result = { code: -1, stdout: "", stderr: "" };
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`, EVENTS, FIELDS);
    result = await capturedRun(["query", `${folder}/a`, text, ...flags]);
  });
  return result;
}

async function answer(text: string, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await query(text, ...flags);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

Deno.test("cairn query prints answers as a table", async () => {
  assertEquals(await answer('(slice "type" (= "buy"))'), "trail\nann\nbob\n");
  assertEquals(
    await answer('(count (slice "type" (= "buy")))'),
    "count\n    2\n",
  );
  assertEquals(
    await answer('(group-by "page")'),
    "value  count\n/a         2\n/b         1\n",
  );
  assertStringIncludes(
    await answer('(select (fields "page" "type") (slice "type" (= "buy")))'),
    "ann    /a    buy, view\n",
  );
});

Deno.test("cairn query --format json has the form of the language", async () => {
  const json = async (text: string, ...flags: string[]) =>
    JSON.parse(await answer(text, "--format", "json", ...flags));
  assertEquals(await json("(all)"), { rows: [["ann"], ["bob"], ["cyd"]] });
  assertEquals(await json("(count (all))"), { count: 3 });
  assertEquals(await json('(top-n "page" 1)'), {
    top: [{ value: "/a", count: 2 }],
  });
  assertEquals(await json('(sum "spent")', "--counter", "spent=price"), {
    sum: 100,
    count: 2,
  });
  assertEquals(await json('(slice "type_2013_06" (= "view"))'), {
    rows: [["cyd"]],
  });
  assertEquals(
    await json(
      '(select (fields "page") (slice "spent" (> 50)))',
      "--counter",
      "spent=price",
    ),
    { rows: [{ row: ["ann"], fields: { page: ["/a"] } }] },
  );
});

Deno.test("cairn query prints csv and ndjson", async () => {
  const rows = '(select (fields "page" "type") (slice "type" (= "buy")))';
  const csv = await answer(rows, "--format", "csv");
  assertEquals(
    csv.slice(csv.indexOf(",")),
    ',page,type\nann,"[""/a""]","[""buy"",""view""]"\nbob,"[""/b""]","[""buy"",""view""]"\n',
  );
  assertEquals(
    await answer(rows, "--format", "ndjson"),
    '{"row":["ann"],"fields":{"page":["/a"],"type":["buy","view"]}}\n' +
      '{"row":["bob"],"fields":{"page":["/b"],"type":["buy","view"]}}\n',
  );
  assertEquals(
    await answer('(slice "type" (= "buy"))', "--format", "ndjson"),
    '{"row":["ann"]}\n{"row":["bob"]}\n',
  );
  assertEquals(
    await answer("(count (all))", "--format", "ndjson"),
    '{"count":3}\n',
  );
  assertEquals(
    await answer('(group-by "page")', "--format", "csv"),
    "value,count\n/a,2\n/b,1\n",
  );
});

Deno.test("cairn query --explain tells how", async () => {
  const { code, stdout, stderr } = await query(
    '(count (slice "type" (= "buy")))',
    "--explain",
  );
  assertEquals([code, stdout], [0, "count\n    2\n"]);
  assertStringIncludes(stderr, "2 of 3 trails");
  assertStringIncludes(stderr, "scan");
});

Deno.test("cairn query shows a mistake with a mark under it", async () => {
  const { code, stdout, stderr } = await query(
    '(and (slice "type")\n  (slice "nope"))',
  );
  assertEquals([code, stdout], [1, ""]);
  const lines = stderr.split("\n");
  assertStringIncludes(lines[0]!, "(line 2, column 10)");
  assertEquals(lines.slice(1), ['    (slice "nope"))', "           ^", ""]);
});

Deno.test("cairn query reads a query from standard input", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`, EVENTS, FIELDS);
    const args = ["query", `${folder}/a`, "-"];
    const run = await capturedRun(args, { stdin: "(count\n(all))\n" });
    assertEquals([run.code, run.stdout], [0, "count\n    3\n"]);
    const bad = await capturedRun(args, { stdin: Uint8Array.of(0xff) });
    assertEquals(bad.code, 1);
    assertStringIncludes(bad.stderr, "not UTF-8");
  });
});

Deno.test("cairn query refuses flags that make no sense", async () => {
  for (
    const flags of [["--format", "xml"], ["--counter", "x"], [
      "--time-unit",
      "h",
    ]]
  ) {
    assertEquals((await query("(all)", ...flags)).code, 2);
  }
  assertEquals((await query("(all)", "--counter", "x=nope")).code, 1);
});

Deno.test("cairn shell answers one query after the other", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`, EVENTS, FIELDS);
    const args = ["shell", `${folder}/a`];
    const run = await capturedRun(args, {
      stdin:
        "\n(count\n  (all))\n.format json\n(count (all))\n.fields\n.explain\n(count (all))\n.help\n.quit\n(never",
    });
    assertEquals(run.code, 0);
    assertEquals(run.stdout.split("\n").slice(0, 4), [
      "count",
      "    3",
      '{"count":3}',
      "type (set)",
    ]);
    assertStringIncludes(run.stdout, "type (set)\npage (set)\n");
    assertStringIncludes(run.stderr, "3 of 3 trails");
    assertStringIncludes(run.stderr, ".explain");
    const failed = await capturedRun(args, {
      stdin: '(slice "x")\n.nope\n.format xml\n(count (all))\n(and',
    });
    assertEquals([failed.code, failed.stdout], [1, "count\n    3\n"]);
    assertStringIncludes(failed.stderr, "       ^");
    assertStringIncludes(failed.stderr, "There is no .nope");
    assertStringIncludes(failed.stderr, "(line 1, column 5)");
  });
});
