import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encodeText } from "@cairn/core";
import { gzipSync } from "fflate";
import { builtInCodecs } from "../codecs.ts";
import {
  capturedRun,
  type CapturedRunOptions,
} from "../testdata/captured_run.ts";
import { inFolder } from "../testdata/sample_store.ts";

const CSV = `user,at,type,page,price
ann,2024-05-01T10:00:05Z,buy,/shoes,80
bob,1714557601,view,"/hats, red",
ann,2024-05-01T10:00:00Z,view,/shoes,
`;
const DUMP = `trail,time,type,page,price
ann,1714557600,view,/shoes,
ann,1714557605,buy,/shoes,80
bob,1714557601,view,"/hats, red",
`;

/** Imports standard input and dumps what came of it. */
async function imported(
  flags: readonly string[],
  options: CapturedRunOptions,
  dumpFlags: readonly string[] = [],
): Promise<{ dump: string; stderr: string }> {
  const result = { dump: "", stderr: "" };
  await inFolder(async (folder) => {
    const run = await capturedRun([
      "import",
      "-",
      "-o",
      `${folder}/a.mem`,
      ...flags,
    ], options);
    assertEquals([run.code, run.stdout], [0, ""], run.stderr);
    result.stderr = run.stderr;
    result.dump =
      (await capturedRun(["dump", `${folder}/a`, ...dumpFlags])).stdout;
  });
  return result;
}

/** Imports standard input, which must fail and leave nothing behind. */
async function refused(
  flags: readonly string[],
  options: CapturedRunOptions = { stdin: CSV },
): Promise<[number, string]> {
  const result: [number, string] = [0, ""];
  await inFolder(async (folder) => {
    const run = await capturedRun([
      "import",
      "-",
      "-o",
      `${folder}/a.mem`,
      ...flags,
    ], options);
    assertEquals(run.stdout, "");
    assertEquals([...Deno.readDirSync(folder)], []);
    result[0] = run.code;
    result[1] = run.stderr;
  });
  return result;
}

const NAMES = ["--trail", "user", "--time", "at"];

Deno.test("cairn import reads CSV and says what it wrote", async () => {
  const { dump, stderr } = await imported(NAMES, { stdin: CSV });
  assertEquals(dump, DUMP);
  assertStringIncludes(stderr, "a.mem: 3 events in 2 trails, ");
  assertEquals(stderr.split("\n").length, 2);
});

Deno.test("cairn import reads gzip, files in order and standard input", async () => {
  const zipped = gzipSync(encodeText(CSV));
  assertEquals((await imported(NAMES, { stdin: zipped })).dump, DUMP);
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/1.csv.gz`, zipped);
    await Deno.writeTextFile(
      `${folder}/2.csv`,
      "user,at,type,page,price\ncyd,1,x,,\n",
    );
    const run = await capturedRun(
      [
        "import",
        `${folder}/1.csv.gz`,
        "-",
        `${folder}/2.csv`,
        ...NAMES,
        "-o",
        `${folder}/a.mem`,
        "--json",
      ],
      { stdin: CSV },
    );
    assertEquals([run.code, run.stderr], [0, ""]);
    const { seconds, bytes, ...facts } = JSON.parse(run.stdout);
    assertEquals([typeof seconds, bytes], [
      "number",
      (await Deno.stat(`${folder}/a.mem`)).size,
    ]);
    assertEquals(facts, {
      store: `${folder}/a.mem`,
      codec: "memory",
      events: 7,
      trails: 3,
      skipped: 0,
    });
  });
});

Deno.test("cairn import reads NDJSON, and what dump printed", async () => {
  const lines =
    '{"user":"ann","at":5,"n":12,"s":"x"}\n{"at":"6","user":"bob","n":null}\n';
  const { dump } = await imported(NAMES, { stdin: lines }, [
    "--format",
    "ndjson",
  ]);
  assertEquals(
    dump,
    '{"trail":"ann","time":5,"n":"12","s":"x"}\n{"trail":"bob","time":6,"n":null,"s":null}\n',
  );
  assertEquals(
    (await imported([], { stdin: dump }, ["--format", "ndjson"])).dump,
    dump,
  );
  assertEquals((await imported([], { stdin: DUMP })).dump, DUMP);
});

Deno.test("cairn import keeps the fields asked for, with types", async () => {
  const { dump } = await imported(
    [...NAMES, "--fields", "price,type", "--types", "price:integer"],
    { stdin: CSV },
    ["--format", "ndjson", "--limit", "2"],
  );
  assertEquals(
    dump,
    '{"trail":"ann","time":1714557600,"price":null,"type":"view"}\n' +
      '{"trail":"ann","time":1714557605,"price":80,"type":"buy"}\n',
  );
});

Deno.test("cairn import reads CSV without header by column numbers", async () => {
  const { dump } = await imported(
    [
      "--no-header",
      "--fields",
      "3:trail,1:time,4:x",
      "-d",
      ";",
      "--time-unit",
      "ms",
    ],
    { stdin: "2024-05-01;a;k;v\n" },
  );
  assertEquals(dump, "trail,time,x\nk,1714521600000,v\n");
});

Deno.test("cairn import reads keys in several ways", async () => {
  const uuid = "00112233-4455-6677-8899-aabbccddeeff";
  const csv = `trail,time\n${uuid},1\n`;
  const dumped = async (key: string, stdin = csv) =>
    (await imported(["--key", key], { stdin })).dump.split("\n")[1];
  assertEquals(await dumped("auto"), `${uuid},1`);
  assertEquals(await dumped("text"), `${uuid},1`);
  assertEquals(await dumped("uuid"), `${uuid.replaceAll("-", "")},1`);
  assertEquals(await dumped("hex", "trail,time\n616263,1\n"), "abc,1");
  assertEquals(
    await dumped("padded-hex", "trail,time\nab,1\n"),
    `ab${"0".repeat(30)},1`,
  );
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode("ann"),
  );
  const hash = new Uint8Array(digest).toHex().slice(0, 32);
  assertEquals(await dumped("hash", "trail,time\nann,1\n"), `${hash},1`);
});

Deno.test("cairn import --tdb-style reads what tdb make reads", async () => {
  const { dump } = await imported(
    ["--tdb-style", "--fields", "uuid,time,a,b"],
    { stdin: '0a 100 "x y\n0B 101\n' },
    ["--tdb-style"],
  );
  assertEquals(
    dump,
    `0a${"0".repeat(30)} 100 "x y\n0b${"0".repeat(30)} 101  \n`,
  );
});

Deno.test("cairn import passes flags on to the codec", async () => {
  const { dump } = await imported([...NAMES, "--shout", "--fields", "type"], {
    stdin: CSV,
  });
  assertStringIncludes(dump, "ann,1714557600,VIEW\n");
});

Deno.test("cairn import stops at a bad line, with file, line and column", async () => {
  const [code, stderr] = await refused(NAMES, {
    stdin: CSV + "ann,soon,x,,\n",
  });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "line 5");
  assertStringIncludes(stderr, "column 5");
  assertStringIncludes(stderr, 'file "-"');
});

Deno.test("cairn import --skip-bad leaves bad lines out and counts them", async () => {
  const bad = Array.from({ length: 7 }, (_, i) => `ann,soon${i},x,,\n`).join(
    "",
  );
  const { dump, stderr } = await imported([...NAMES, "--skip-bad"], {
    stdin: CSV + bad,
  });
  assertEquals(dump, DUMP);
  const lines = stderr.split("\n");
  assertEquals(lines.length, 8);
  assertStringIncludes(lines[0]!, "cairn: skipped: ");
  assertStringIncludes(lines[0]!, "line 5");
  assertEquals(lines[5], "cairn: skipped: 2 more");
  assertStringIncludes(lines[6]!, "; 7 lines skipped");
});

Deno.test("cairn import refuses a gzip that is cut", async () => {
  const zipped = gzipSync(encodeText(CSV.repeat(100)));
  const [code, stderr] = await refused(NAMES, {
    stdin: zipped.subarray(0, zipped.length - 5),
  });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "gzip");
});

Deno.test("cairn import replaces a store only when told to", async () => {
  await inFolder(async (folder) => {
    const args = ["import", "-", ...NAMES, "-o", `${folder}/a.mem`];
    assertEquals((await capturedRun(args, { stdin: CSV })).code, 0);
    const before = await Deno.readFile(`${folder}/a.mem`);
    const again = await capturedRun(args, { stdin: "nothing read" });
    assertEquals([again.code, again.stdout], [1, ""]);
    assertStringIncludes(again.stderr, "--replace");
    const failed = await capturedRun([...args, "--replace"], {
      stdin: "user,at\nx\n",
    });
    assertEquals(failed.code, 1);
    assertEquals(await Deno.readFile(`${folder}/a.mem`), before);
    assertEquals(
      (await capturedRun([...args, "--replace"], { stdin: "user,at\nx,1\n" }))
        .code,
      0,
    );
    assertEquals(
      (await capturedRun(["dump", `${folder}/a`])).stdout,
      "trail,time\nx,1\n",
    );
  });
});

for (
  const [title, flags, code, said] of [
    ["a column that is not there", ["--trail", "nope"], 1, "nope"],
    ["columns that were not named", [], 1, "--trail and --time name"],
    [
      "types of unknown fields",
      [...NAMES, "--types", "nope:text"],
      2,
      '"nope"',
    ],
    [
      "an unknown format",
      [...NAMES, "--format", "xml"],
      2,
      "one of csv, ndjson",
    ],
    ["an unknown key format", [...NAMES, "--key", "x"], 2, "one of uuid"],
    ["an unknown unit", [...NAMES, "--time-unit", "h"], 2, "one of s, ms, us"],
    ["a bad memory size", [...NAMES, "--memory", "x"], 2, "Cannot read size"],
    ["an unknown codec", [...NAMES, "--codec", "x"], 2, 'no codec "x"'],
    ["a bad list of fields", [...NAMES, "--fields", "1:a,b"], 2, "NUMBER:NAME"],
    ["a bad delimiter", [...NAMES, "-d", "ab"], 2, "one ASCII character"],
  ] as const
) {
  Deno.test(`cairn import refuses ${title}`, async () => {
    const [actual, stderr] = await refused(flags);
    assertEquals(actual, code, stderr);
    assertStringIncludes(stderr, said);
    assertEquals(stderr.split("\n").length, 2);
  });
}

Deno.test("cairn import says which names of NDJSON it left out", async () => {
  const lines = ['{"trail":"ann","time":1,"a":"x"}'];
  for (let i = 0; i < 3; i++) {
    lines.push(`{"late":{"deep":1},"trail":"ann","time":2,"other":${i}}`);
  }
  const stdin = lines.join("\n");
  const guessed = await imported([], { stdin });
  assertStringIncludes(
    guessed.stderr,
    "names that the first line does not have were left out: late, other; --fields takes them\n",
  );
  assertEquals(guessed.stderr.split("late").length, 2);
  const chosen = await imported(["--fields", "a,late"], { stdin });
  assert(!chosen.stderr.includes("left out"), chosen.stderr);
  const whole = await imported([], { stdin: lines[0]! });
  assert(!whole.stderr.includes("left out"), whole.stderr);
  const many = Array.from({ length: 5000 }, (_, i) => `"m${i}":1`);
  const long = await imported([], {
    stdin: `${lines[0]}\n{"trail":"bob","time":1,${many.join(",")}}\n`,
  });
  assertStringIncludes(long.stderr, "m0, m1, m2, m3, m4 and others;");
});

Deno.test("cairn import says where a column has no name", async () => {
  for (
    const [stdin, at] of [
      ["trail,time,,a\nann,1,x,y\n", "column 3"],
      ['{"trail":"ann","time":1,"":"x"}\n', "column 3"],
    ] as const
  ) {
    const [code, stderr] = await refused([], { stdin });
    assertEquals(code, 1);
    assertStringIncludes(stderr, `${at} has no name; --fields`);
    assertStringIncludes(stderr, "line 1");
  }
  const some = await imported(["--fields", "a"], {
    stdin: "trail,time,,a\nann,1,x,y\n",
  });
  assertEquals(some.dump, "trail,time,a\nann,1,y\n");
});

Deno.test("cairn import refuses a folder as input", async () => {
  await inFolder(async (folder) => {
    const run = await capturedRun(
      ["import", folder, "-o", `${folder}/a.esdb`],
      { codecs: builtInCodecs },
    );
    assertEquals(run.code, 1);
    assertStringIncludes(run.stderr, "Cannot read input: it is a folder");
  });
});

Deno.test("cairn import refuses periods of what a bitmap store does not keep", async () => {
  await inFolder(async (folder) => {
    const run = (quantum: string) =>
      capturedRun(
        ["import", "-", "-o", `${folder}/a.cairn-bitmap`, "--set", "a"]
          .concat("--counter", "sum=b", "--quantum", quantum),
        { codecs: builtInCodecs, stdin: "trail,time,a,b\nann,1,x,2\n" },
      );
    for (const name of ["nope", "b"]) {
      const refused = await run(`${name}=Y`);
      assertEquals(refused.code, 1);
      assertStringIncludes(refused.stderr, `no set or counter "${name}"`);
    }
    assertEquals((await run("a=Y,sum=YM,.events=YMD")).code, 0);
  });
});

Deno.test("cairn import refuses an input that is not there, and an unknown extension", async () => {
  const none = await capturedRun(["import", "/no/such.csv", "-o", "/no/x.mem"]);
  assertEquals(none.code, 1);
  assertStringIncludes(none.stderr, "there is no such file");
  const ext = await capturedRun(["import", "-", "-o", "/no/x.xyz"]);
  assertEquals(ext.code, 2);
  const out = await capturedRun(
    ["import", "-", "-o", "-", "--codec", "memory"],
    { stdin: CSV },
  );
  assertEquals(out.code, 2);
});

Deno.test("cairn import draws a bar on a terminal only", async () => {
  const { stderr } = await imported(NAMES, { stdin: CSV, isTerminal: true });
  assertStringIncludes(stderr, "\x1b[");
});

Deno.test("cairn import stops when interrupted, and leaves nothing behind", async () => {
  const [code, stderr] = await refused(NAMES, {
    stdin: CSV,
    signal: AbortSignal.abort(),
  });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "interrupted");
});

Deno.test("cairn import says which event a store refuses, or skips it", async () => {
  const stdin = "trail,time,a\nann,1,x\nrefused,2,y\nbob,3,z\nrefused,4,\n";
  const [code, stderr] = await refused([], { stdin });
  assertEquals(code, 1);
  assertStringIncludes(stderr, '(file "-", line 3)');
  const skipped = await imported(["--skip-bad"], { stdin });
  assertEquals(skipped.dump, "trail,time,a\nann,1,x\nbob,3,z\n");
  assertStringIncludes(skipped.stderr, "line 3)");
  assertStringIncludes(skipped.stderr, "line 5)");
  assertStringIncludes(skipped.stderr, "2 lines skipped");
});

Deno.test("cairn import takes from NDJSON the bytes that cairn dump writes as hex", async () => {
  const lines = [
    // Bytes that are no text, in the middle of others, and twice a line.
    '{"trail":"a","time":1,"p":{"hex":"ff00"},"q":"x\\n"}',
    '{"trail":"a","time":2,"p":{"hex":"61c3"},"q":{"hex":"80"}}',
    // What dump never writes stays the JSON that it is.
    '{"trail":"a","time":3,"p":"{\\"hex\\":\\"6161\\"}","q":"{\\"hex\\":\\"FF\\"}"}',
    '{"trail":"a","time":4,"p":"{\\"hex\\":\\"\\"}","q":"{ \\"hex\\":\\"ff\\"}"}',
    '{"trail":"a","time":5,"p":"{\\"hex\\":\\"fff\\"}","q":"{\\"hex\\":\\"ff\\",\\"a\\":1}"}',
  ];
  const written = lines.map((line) =>
    line.replaceAll(
      /"(\{.*?\})"(?=[,}])/g,
      (_, json) => json.replaceAll('\\"', '"'),
    )
  );
  await inFolder(async (folder) => {
    for (const [name, text] of [["a", lines], ["b", written]] as const) {
      const input = `${folder}/${name}.ndjson`;
      await Deno.writeTextFile(input, text.join("\n") + "\n");
      const store = `${folder}/${name}.mem`;
      const made = await capturedRun(["import", input, "-o", store]);
      assertEquals(made.code, 0, made.stderr);
      const dump = await capturedRun(["dump", store, "--format", "ndjson"]);
      assertEquals(dump.stdout.trimEnd().split("\n"), lines, name);
    }
  });
});

Deno.test("cairn import does not put a store in the place of what it reads", async () => {
  await inFolder(async (folder) => {
    const input = `${folder}/a.csv`;
    await Deno.writeTextFile(input, CSV);
    const flags = ["--trail", "user", "--time", "at", "--codec", "memory"];
    await Deno.symlink(input, `${folder}/link`);
    for (const output of [input, `${folder}/link`]) {
      const { code, stderr } = await capturedRun(
        ["import", input, "-o", output, "--replace", ...flags],
      );
      assertEquals(code, 2);
      assertStringIncludes(stderr, "names a file that is imported");
      assertEquals(await Deno.readTextFile(input), CSV);
    }
  });
});
