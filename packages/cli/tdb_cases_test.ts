import { assertEquals } from "@std/assert";
import { capturedRun } from "./testdata/captured_run.ts";
import { inFolder } from "./testdata/sample_store.ts";
import { translateTdb } from "./testdata/tdb_arguments.ts";
import { builtInCodecs } from "./codecs.ts";

/** One run of `tdb`, as it was recorded. */
interface Step {
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly exit: number;
  readonly stdout: string;
  readonly exists?: Readonly<Record<string, boolean>>;
}

interface Case {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  await Deno.readTextFile(
    new URL(
      "../../conformance/golden/traildb/cli-cases.json",
      import.meta.url,
    ),
  ),
);

/** A bad line is left out whatever is bad about it, so the run does not end. */
const SKIPPED = { 0: { exit: 0 } };

/**
 * Steps in which cairn differs on purpose, by case: docs/tdb-flags.md, last
 * table. Everything else is as recorded.
 */
const MENDED: Readonly<
  Record<string, Readonly<Record<number, Partial<Step>>>>
> = {
  // The last character of the input is kept.
  "make-csv-no-final-newline": {
    1: { stdout: `${padded("0a")} 100 xyz\n` },
  },
  // A line with a bad UUID is left out, not stored under another one.
  "make-bad-uuid-skip": {
    1: { stdout: `${padded("01")} 1 x\n${padded("02")} 4 y\n` },
  },
  "make-bad-uuid-skip-partial": {
    1: { stdout: "0123456789abcdef0123456789abcdef 1 x\n" },
  },
  "make-time-text": SKIPPED,
  "json-bad-1": SKIPPED,
  "json-bad-2": SKIPPED,
  "json-bad-3": SKIPPED,
  "json-bad-4": SKIPPED,
  "json-bad-5": SKIPPED,
  "json-bad-6": SKIPPED,
  "json-bad-7": SKIPPED,
  "json-bad-8": SKIPPED,
  // The name given is the name of the file.
  "make-name": {
    0: { exists: { "n.tdb": true, "n.tdb.tdb": false } },
    2: { exit: 1 },
  },
  // JSON is JSON: escapes are read and written.
  "json-escapes": {
    1: {
      stdout: `{"uuid": "${
        padded("01")
      }", "time": "5", "a": "q\\"u\\\\oé\\n"}\n`,
    },
    2: { stdout: `${padded("01")} 5 q"u\\oé\n\n` },
  },
  "dump-json-is-not-escaped": {
    1: {
      stdout: `{"uuid": "${padded("01")}", "time": "1", "a": "a\\"b"}\n`,
    },
  },
  // Unknown keys are passed over with all they hold.
  "json-nested-unknown": {
    1: {
      stdout: `{"uuid": "${padded("03")}", "time": "7", "a": "", "b": "bb"}\n`,
    },
  },
  "json-array-unknown": { 0: { exit: 0 } },
  "json-lax": { 0: { exit: 1 }, 1: { exit: 1 } },
  // The last line of a list counts without a newline too.
  "uuids": {
    5: {
      stdout: [
        [padded("01"), "1,red,5"],
        [padded("01"), "2,blue,"],
        [padded("01"), "3,,6"],
        [padded("02"), "1,red,6"],
        [padded("02"), "2,a b,7"],
      ].map((line) => `${line.join(",")}\n`).join(""),
    },
  },
};

function padded(digits: string): string {
  return digits.padEnd(32, "0");
}

for (const { name, files, steps } of cases) {
  Deno.test(`cairn does what tdb does, or better: ${name}`, async () => {
    await inFolder(async (folder) => {
      for (const [path, text] of Object.entries(files ?? {})) {
        await Deno.writeTextFile(`${folder}/${path}`, text);
      }
      for (const [i, recorded] of steps.entries()) {
        await runStep({ ...recorded, ...MENDED[name]?.[i] }, folder);
      }
    });
  });
}

/** Runs what a step says and compares exit, output and files. */
async function runStep(step: Step, folder: string): Promise<void> {
  const args = translateTdb(step.args, folder);
  const run = await capturedRun(args, {
    codecs: builtInCodecs,
    stdin: step.stdin ?? "",
  });
  const where = `${args.join(" ")}\n${run.stderr}`;
  assertEquals(run.code === 0, step.exit === 0, where);
  // Of an index, tdb says on standard output how long it took.
  if (step.exit === 0 && step.args[0] !== "index") {
    assertEquals(run.stdout, step.stdout, where);
  }
  for (const [path, there] of Object.entries(step.exists ?? {})) {
    const found = await Deno.stat(`${folder}/${path}`)
      .then(() => true, () => false);
    assertEquals(found, there, path);
  }
}

Deno.test("cairn import --tdb-style takes late times that are not far from others", async () => {
  await inFolder(async (folder) => {
    const step = 2 ** 47 - 2;
    const lines = [0, step, 2 * step, 3 * step].map((t) => `01 ${t}\n`);
    for (const more of [[], ["--tdb-format", "dir"]]) {
      const store = `${folder}/late${more.length}.tdb`;
      const made = await capturedRun(
        ["import", "--tdb-style", "-", "-o", store, ...more],
        { codecs: builtInCodecs, stdin: lines.join("") },
      );
      assertEquals(made.code, 0, made.stderr);
      const dumped = await capturedRun(["dump", "--tdb-style", store], {
        codecs: builtInCodecs,
      });
      assertEquals(
        dumped.stdout,
        lines.map((line) => line.replace("01", padded("01"))).join(""),
      );
    }
    const far = await capturedRun(
      ["import", "--tdb-style", "-", "-o", `${folder}/far.tdb`],
      { codecs: builtInCodecs, stdin: `01 0\n01 ${step + 1}\n` },
    );
    assertEquals([far.code, far.stdout], [1, ""]);
  });
});

Deno.test("cairn merge --tdb-style numbers values as tdb merge does where fields differ", async () => {
  await inFolder(async (folder) => {
    const run = async (args: string[], stdin = "") => {
      const { code, stderr } = await capturedRun(args, {
        codecs: builtInCodecs,
        stdin,
      });
      assertEquals(code, 0, stderr);
    };
    const style = ["--tdb-style", "--no-additions"];
    const [bare, full, both, once] = ["bare", "full", "both", "once"]
      .map((name) => `${folder}/${name}.tdb`) as [
        string,
        string,
        string,
        string,
      ];
    const fields = ["-f", "uuid,time,a"];
    await run(["import", ...style, "-", "-o", bare], "03 1\n");
    await run(
      ["import", ...style, ...fields, "-", "-o", full],
      "09 1 x\n01 1 y\n",
    );
    await run(["merge", ...style, bare, full, "-o", both]);
    await run(
      ["import", ...style, ...fields, "-", "-o", once],
      "03 1\n01 1 y\n09 1 x\n",
    );
    assertEquals(await Deno.readFile(both), await Deno.readFile(once));
  });
});
