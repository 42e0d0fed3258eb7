import { assertEquals, assertStringIncludes } from "@std/assert";
import { capturedRun } from "../testdata/captured_run.ts";
import { inFolder, writeStore } from "../testdata/sample_store.ts";

/** Dumps the sample with the flags given; gives standard output. */
async function dump(...flags: string[]): Promise<string> {
  let stdout = "";
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`);
    const run = await capturedRun(["dump", `${folder}/a.mem`, ...flags]);
    assertEquals([run.code, run.stderr], [0, ""]);
    stdout = run.stdout;
  });
  return stdout;
}

/** Dumps the sample; gives exit code and standard error. */
async function dumpFails(...flags: string[]): Promise<[number, string]> {
  const result: [number, string] = [0, ""];
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`);
    const run = await capturedRun(["dump", `${folder}/a.mem`, ...flags]);
    assertEquals(run.stdout, "");
    result[0] = run.code;
    result[1] = run.stderr;
  });
  return result;
}

const CSV =
  'trail,time,type,page,n\nann,5,click,/a,12\nann,7,buy,,x\nbob,6,click,"say ""hi"", bob",3\n';

Deno.test("cairn dump prints CSV with a header", async () => {
  assertEquals(await dump(), CSV);
  assertEquals(await dump("--no-header"), CSV.slice(CSV.indexOf("\n") + 1));
  assertEquals(
    await dump("-d", ";", "--limit", "1"),
    "trail;time;type;page;n\nann;5;click;/a;12\n",
  );
});

Deno.test("cairn dump prints NDJSON", async () => {
  assertEquals(
    await dump("--format", "ndjson"),
    '{"trail":"ann","time":5,"type":"click","page":"/a","n":12}\n' +
      '{"trail":"ann","time":7,"type":"buy","page":null,"n":"x"}\n' +
      '{"trail":"bob","time":6,"type":"click","page":"say \\"hi\\", bob","n":3}\n',
  );
  assertEquals(
    await dump(
      "--format",
      "ndjson",
      "--omit-empty",
      "--fields",
      "page",
      "--trails",
      "ann",
    ),
    '{"trail":"ann","time":5,"page":"/a"}\n{"trail":"ann","time":7}\n',
  );
});

Deno.test("cairn dump prints a table", async () => {
  assertEquals(
    await dump("--format", "table"),
    "trail  time  type   page            n\n" +
      "ann       5  click  /a             12\n" +
      "ann       7  buy                    x\n" +
      'bob       6  click  say "hi", bob   3\n',
  );
});

Deno.test("cairn dump chooses fields, order and number", async () => {
  assertEquals(
    await dump("--fields", "n,type"),
    "trail,time,n,type\nann,5,12,click\nann,7,x,buy\nbob,6,3,click\n",
  );
  assertEquals(
    await dump("--fields", "n,n", "--limit", "1"),
    "trail,time,n,n\nann,5,12,12\n",
  );
  assertEquals(
    await dump("--fields", "n", "--reverse"),
    "trail,time,n\nann,7,x\nann,5,12\nbob,6,3\n",
  );
  assertEquals(await dump("--limit", "0"), "trail,time,type,page,n\n");
  assertEquals(
    await dump("--limit", "2", "--fields", "n"),
    "trail,time,n\nann,5,12\nann,7,x\n",
  );
  assertEquals(await dump("--limit", "3"), CSV);
});

Deno.test("cairn dump filters events by value and time", async () => {
  const times = async (...flags: string[]) =>
    (await dump("--no-header", "--fields", "n", ...flags)).split("\n").slice(
      0,
      -1,
    )
      .map((line) => Number(line.split(",")[1]));
  assertEquals(await times("--filter", "type=click"), [5, 6]);
  assertEquals(await times("-F", "type!=click"), [7]);
  assertEquals(await times("-F", "type=click & n=3 n=9"), [6]);
  assertEquals(await times("-F", ""), []);
  assertEquals(await times("--from", "6"), [7, 6]);
  assertEquals(await times("--to", "6"), [5]);
  assertEquals(await times("--from", "6", "--to", "7"), [6]);
  assertEquals(await times("--from", "7", "--to", "6"), []);
  assertEquals(await times("--to", "1970-01-01T00:00:06Z"), [5]);
  assertEquals(await times("--from", "6", "-F", "type=click"), [6]);
});

Deno.test("cairn dump says when a filter names a field that is not there", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`);
    const run = await capturedRun(["dump", `${folder}/a`, "-F", "tpye=click"]);
    assertEquals([run.code, run.stdout], [0, "trail,time,type,page,n\n"]);
    assertStringIncludes(run.stderr, 'there is no field "tpye"');
  });
});

Deno.test("cairn dump takes values and trails from files", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`);
    await Deno.writeTextFile(`${folder}/value`, 'say "hi", bob');
    await Deno.writeTextFile(`${folder}/keys`, "bob\n");
    const wanted = "trail,time,n\nbob,6,3\n";
    for (
      const flags of [["-F", `page=@${folder}/value`], [
        "--trails",
        `@${folder}/keys`,
      ]]
    ) {
      const run = await capturedRun([
        "dump",
        `${folder}/a`,
        "--fields",
        "n",
        ...flags,
      ]);
      assertEquals([run.code, run.stdout], [0, wanted]);
      const gone = await capturedRun([
        "dump",
        `${folder}/a`,
        flags[0]!,
        `${flags[1]}2`,
      ]);
      assertEquals([gone.code, gone.stdout], [1, ""]);
      assertStringIncludes(gone.stderr, "there is no such file");
    }
  });
});

Deno.test("cairn dump --trails fails for a trail that is not there", async () => {
  assertEquals(
    await dump("--trails", "bob", "--fields", "n"),
    "trail,time,n\nbob,6,3\n",
  );
  assertEquals(await dump("--trails", ""), "trail,time,type,page,n\n");
  const [code, stderr] = await dumpFails("--trails", "bob,zoe");
  assertEquals([code, stderr], [1, 'cairn: Cannot find trail "zoe"\n']);
});

Deno.test("cairn dump --uuids passes over what is not there", async () => {
  await inFolder(async (folder) => {
    const key = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
    const hex = "0102030405060708090a0b0c0d0e0f10";
    await writeStore(`${folder}/a.mem`, [[key, 1, "x"]], ["a"]);
    const run = await capturedRun(
      [
        "dump",
        `${folder}/a`,
        "-v",
        "--uuids",
        `${hex.toUpperCase()},zz,${"f".repeat(32)}`,
      ],
    );
    assertEquals(run, {
      code: 0,
      stdout: `trail,time,a\n${hex},1,x\n`,
      stderr: "Found 3 UUIDs: 1 selected, 1 missing, 1 invalid.\n",
    });
    const both = await capturedRun([
      "dump",
      `${folder}/a`,
      "--uuids",
      hex,
      "--trails",
      hex,
    ]);
    assertEquals(both.code, 2);
    const hyphens = "01020304-0506-0708-090a-0b0c0d0e0f10";
    const one = await capturedRun(["dump", `${folder}/a`, "--trails", hyphens]);
    assertEquals(one.stdout, `trail,time,a\n${hex},1,x\n`);
  });
});

Deno.test("cairn dump --key writes keys another way", async () => {
  assertEquals(
    await dump("--key", "hex", "--fields", "n", "--limit", "1"),
    "trail,time,n\n616e6e,5,12\n",
  );
});

Deno.test("cairn dump --tdb-style prints what tdb dump prints", async () => {
  assertEquals(
    await dump("--tdb-style", "--limit", "2"),
    "ann 5 click /a 12\nann 7 buy  x\n",
  );
  assertEquals(
    await dump(
      "--tdb-style",
      "--header",
      "-f",
      "time,uuid,n",
      "-d",
      ",",
      "--limit",
      "1",
    ),
    "time,uuid,n\n5,ann,12\n",
  );
  assertEquals(
    await dump(
      "--tdb-style",
      "--format",
      "ndjson",
      "-f",
      "uuid,page",
      "--omit-empty",
    ),
    '{"uuid": "ann", "page": "/a"}\n{"uuid": "ann"}\n{"uuid": "bob", "page": "say \\"hi\\", bob"}\n',
  );
});

Deno.test("cairn dump -o writes a file, and no half one", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`);
    const args = ["dump", `${folder}/a`, "-o", `${folder}/out.csv`];
    assertEquals(await capturedRun(args), { code: 0, stdout: "", stderr: "" });
    assertEquals(await Deno.readTextFile(`${folder}/out.csv`), CSV);
    const again = await capturedRun(args);
    assertEquals(again.code, 1);
    assertStringIncludes(again.stderr, "out.csv");
    assertEquals((await capturedRun([...args, "--replace"])).code, 0);
    const failed = await capturedRun([
      "dump",
      `${folder}/a`,
      "-o",
      `${folder}/b.csv`,
      "--trails",
      "zoe",
    ]);
    assertEquals(failed.code, 1);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(names, ["a.mem", "out.csv"]);
  });
});

for (
  const [title, flags, code, said] of [
    ["an unknown field", ["--fields", "nope"], 1, 'Cannot find field "nope"'],
    ["an unknown format", ["--format", "xml"], 2, "one of csv, ndjson, table"],
    ["a limit that is no number", ["--limit", "-1"], 2, "a whole number"],
    ["a delimiter of two bytes", ["-d", ",,"], 2, "one byte"],
    ["a delimiter that is a quote", ["-d", '"'], 2, "one byte"],
    [
      "a bound that is no time",
      ["--from", "soon"],
      2,
      'Cannot read time "soon"',
    ],
    ["a filter without =", ["-F", "a=1 b"], 1, "(column 5)"],
    ["an unknown style of keys", ["--key", "x"], 2, "one of uuid, text, hex"],
    [
      "an unknown unit of time",
      ["--from", "1", "--time-unit", "h"],
      2,
      "one of s, ms, us, ns",
    ],
    [
      "ndjson with a name twice",
      ["--format", "ndjson", "--fields", "n,n"],
      2,
      '"n" twice',
    ],
  ] as const
) {
  Deno.test(`cairn dump refuses ${title}`, async () => {
    const [actual, stderr] = await dumpFails(...flags);
    assertEquals(actual, code);
    assertStringIncludes(stderr, said);
    assertEquals(stderr.split("\n").length, 2);
  });
}

Deno.test("cairn dump does not write over the store it reads", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.mem`;
    await writeStore(path);
    const before = await Deno.readFile(path);
    await Deno.symlink(path, `${folder}/link.mem`);
    for (const output of [path, `${folder}/link.mem`]) {
      const run = await capturedRun(["dump", path, "-o", output, "--replace"]);
      assertEquals(run.code, 2);
      assertStringIncludes(run.stderr, "names the store that is dumped");
      assertEquals(await Deno.readFile(path), before);
    }
  });
});

Deno.test("cairn dump writes into pipes and devices", async () => {
  if (Deno.build.os === "windows") return; // which has neither as files
  await inFolder(async (folder) => {
    const store = `${folder}/a.mem`;
    await writeStore(store);
    const pipe = `${folder}/pipe`;
    const made = await new Deno.Command("mkfifo", { args: [pipe] }).output();
    assertEquals(made.success, true);
    for (const flags of [[], ["--replace"]]) {
      const [run, text] = await Promise.all([
        capturedRun(["dump", store, "-o", pipe, ...flags]),
        Deno.readTextFile(pipe),
      ]);
      assertEquals([run.code, run.stderr, text], [0, "", CSV]);
      const none = await capturedRun(
        ["dump", store, "-o", "/dev/null", ...flags],
      );
      assertEquals([none.code, none.stderr], [0, ""]);
    }
    assertEquals((await Deno.stat(pipe)).isFifo, true);
    assertEquals((await Deno.stat("/dev/null")).isCharDevice, true);
  });
});
