import { assertEquals, assertStringIncludes } from "@std/assert";
import { capturedRun } from "./testdata/captured_run.ts";
import { memoryCodec } from "./testdata/memory_codec.ts";
import { inFolder } from "./testdata/sample_store.ts";
import type { CodecTable } from "./codec_entry.ts";
import { oneOf } from "./text/flag_value.ts";

const codecs: CodecTable = [
  {
    codec: memoryCodec,
    writeFlags: [
      { flags: "--shout", description: "in upper case", member: "shout" },
    ],
  },
  {
    codec: { ...memoryCodec, name: "other", extensions: [".other"] },
    writeFlags: [
      { flags: "--shout", description: "in upper case", member: "shout" },
      {
        flags: "--voice <kind>",
        description: "loud or low",
        member: "shout",
        parse: (value) =>
          oneOf("--voice", String(value), ["loud", "low"]) === "loud",
      },
    ],
  },
];

const STDIN = "trail,time,a\nk,1,x\n";

Deno.test("codec flags reach the codec that has them", async () => {
  await inFolder(async (folder) => {
    for (
      const [name, flags, wanted] of [
        ["a.mem", ["--shout"], "X"],
        ["b.other", ["--shout"], "X"],
        ["c.other", ["--voice", "loud"], "X"],
        ["d.other", ["--voice", "low"], "x"],
        ["e.other", [], "x"],
      ] as const
    ) {
      const path = `${folder}/${name}`;
      const run = await capturedRun(["import", "-", "-o", path, ...flags], {
        codecs,
        stdin: STDIN,
      });
      assertEquals(run.code, 0, run.stderr);
      const dump = await capturedRun(["dump", path, "--no-header"], { codecs });
      assertEquals(dump.stdout, `k,1,${wanted}\n`);
    }
  });
});

Deno.test("codec flags are refused for another codec", async () => {
  for (const command of ["import", "merge"]) {
    const args = [command, "-", "-o", "/no/a.mem", "--voice", "loud"];
    const run = await capturedRun(args, { codecs, stdin: STDIN });
    assertEquals([run.code, run.stdout], [2, ""]);
    assertStringIncludes(run.stderr, "--voice: it is for codec other");
  }
});

Deno.test("codec flags say which values they take", async () => {
  const args = ["import", "-", "-o", "/no/a.other", "--voice", "odd"];
  const run = await capturedRun(args, { codecs, stdin: STDIN });
  assertEquals(run.code, 2);
  assertStringIncludes(run.stderr, "one of loud, low");
});

Deno.test("codec flags stand in the help under their codec", async () => {
  const { stdout } = await capturedRun(["import", "--help"], { codecs });
  assertStringIncludes(stdout, "Only for codec memory:\n  --shout ");
  assertStringIncludes(stdout, "Only for codec other:\n  --voice ");
});

Deno.test("codec flags tell the codec where the name does not", async () => {
  await inFolder(async (folder) => {
    const args = ["import", "-", "-o", `${folder}/plain`];
    const told = await capturedRun([...args, "--voice", "loud", "--json"], {
      codecs,
      stdin: STDIN,
    });
    assertEquals(told.code, 0, told.stderr);
    assertEquals(JSON.parse(told.stdout).codec, "other");
    const both = await capturedRun([...args, "--shout"], {
      codecs,
      stdin: STDIN,
    });
    assertEquals(both.code, 2);
  });
});
