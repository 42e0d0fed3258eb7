import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ClosedOutputError, type CommandOutput } from "./command_io.ts";
import { capturedRun } from "./testdata/captured_run.ts";
import { inFolder, writeStore } from "./testdata/sample_store.ts";

Deno.test("runCairn() explains itself, each command with examples", async () => {
  const { code, stdout, stderr } = await capturedRun(["--help"]);
  assertEquals([code, stderr], [0, ""]);
  const names = [...stdout.matchAll(/^ {2}([a-z]+)(?:\|[a-z]+)? /gm)]
    .map((match) => match[1]!)
    .filter((name) => !["cairn", "help"].includes(name));
  assertEquals(names.includes("import") && names.includes("dump"), true);
  for (const name of names) {
    const help = await capturedRun([name, "--help"]);
    assertEquals([help.code, help.stderr], [0, ""], name);
    assertMatch(help.stdout, /Usage: cairn/);
    assertMatch(help.stdout, /Examples?:/);
    assertEquals((await capturedRun(["help", name])).stdout, help.stdout);
  }
});

Deno.test("runCairn() prints the version", async () => {
  const { code, stdout } = await capturedRun(["--version"]);
  assertEquals(code, 0);
  assertMatch(stdout, /^\d+\.\d+\.\d+\n$/);
});

for (
  const [title, args, said] of [
    ["no command", [], "Usage: cairn"],
    ["an unknown command", ["dumb"], "cairn: unknown command 'dumb'"],
    [
      "an unknown option",
      ["dump", "a", "--nope"],
      "cairn: unknown option '--nope'",
    ],
    [
      "an argument missing",
      ["dump"],
      "cairn: missing required argument 'store'",
    ],
    ["an argument too many", ["dump", "a", "b"], "cairn: too many arguments"],
    [
      "an option without value",
      ["dump", "a", "--limit"],
      "cairn: option '--limit <count>' argument missing",
    ],
    [
      "a required option missing",
      ["import", "a"],
      "cairn: required option '-o, --output <store>' not specified",
    ],
  ] as const
) {
  Deno.test(`runCairn() ends with 2 for ${title}`, async () => {
    const { code, stdout, stderr } = await capturedRun(args);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, said);
  });
}

Deno.test("runCairn() says what failed in one line, and where with --debug", async () => {
  const args = ["info", "/no/such.mem"];
  const plain = await capturedRun(args);
  assertEquals([plain.code, plain.stdout], [1, ""]);
  assertEquals(
    plain.stderr,
    'cairn: Cannot open store: there is no such file (file "/no/such.mem")\n',
  );
  const debug = await capturedRun([...args, "--debug"]);
  assertEquals(debug.code, 1);
  assertStringIncludes(debug.stderr, plain.stderr);
  assertStringIncludes(debug.stderr, "open_store.ts");
});

Deno.test("runCairn() ends quietly when nobody reads any more", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`);
    const stdout: CommandOutput = {
      isTerminal: false,
      write: () => Promise.reject(new ClosedOutputError()),
    };
    for (const args of [["dump", `${folder}/a.mem`], ["--help"]]) {
      const { code, stderr } = await capturedRun(args, { stdout });
      assertEquals([code, stderr], [0, ""]);
    }
  });
});

Deno.test("runCairn() goes on when nobody reads its messages", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`);
    const stderr: CommandOutput = {
      isTerminal: false,
      write: () => Promise.reject(new ClosedOutputError()),
    };
    const args = ["dump", `${folder}/a.mem`, "--filter", "nope!=x"];
    const heard = await capturedRun(args);
    const unheard = await capturedRun(args, { stderr });
    assertEquals([unheard.code, unheard.stdout], [0, heard.stdout]);
    const failed = await capturedRun(["info", "/no/such.mem"], { stderr });
    assertEquals(failed.code, 1);
  });
});

Deno.test("runCairn() fails when the output cannot be written for other reasons", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`);
    const stdout: CommandOutput = {
      isTerminal: false,
      write: () => Promise.reject(new Error("no space left")),
    };
    const { code, stderr } = await capturedRun(["dump", `${folder}/a.mem`], {
      stdout,
    });
    assertEquals([code, stderr], [1, "cairn: Error: no space left\n"]);
  });
});

Deno.test("runCairn() says so when its help or its errors cannot be written", async () => {
  const full: CommandOutput = {
    isTerminal: false,
    write: () => Promise.reject(new Error("no space left")),
  };
  const help = await capturedRun(["--help"], { stdout: full });
  assertEquals([help.code, help.stderr], [1, "cairn: Error: no space left\n"]);
  const wrong = await capturedRun(["nothing"], { stderr: full });
  assertEquals(wrong.code, 2);
  const failed = await capturedRun(["info", "/no/such.mem"], { stderr: full });
  assertEquals(failed.code, 1);
});

Deno.test("runCairn() stops when interrupted", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`);
    const { code, stderr } = await capturedRun(["dump", `${folder}/a.mem`], {
      signal: AbortSignal.abort(),
    });
    assertEquals(code, 1);
    assertEquals(stderr, "cairn: interrupted\n");
  });
});
