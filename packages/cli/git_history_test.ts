import { assertEquals, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { capturedRun } from "./testdata/captured_run.ts";
import { inFolder } from "./testdata/sample_store.ts";
import { builtInCodecs } from "./codecs.ts";

const GOLDEN = new URL("../../conformance/golden/", import.meta.url);
const DATA = fileURLToPath(new URL("data/git-history.csv.gz", GOLDEN));
const QUESTIONS: {
  readonly kind: string;
  readonly name: string;
  // deno-lint-ignore no-explicit-any -- each kind has its own shape
  readonly [member: string]: any;
}[] = JSON.parse(
  await Deno.readTextFile(new URL("common/git-history.queries.json", GOLDEN)),
);

function run(...args: string[]) {
  return capturedRun(args, { codecs: builtInCodecs });
}

/** Writes a question's conditions as flags of dump; undefined where dump has none. */
function flagsOf(where: Record<string, unknown>[][]): string[] | undefined {
  const clauses: string[] = [];
  const flags: string[] = [];
  for (const clause of where) {
    const terms: string[] = [];
    for (const term of clause) {
      if ("equals" in term) {
        if (/[ \t\n]/.test(String(term.equals))) return undefined;
        terms.push(`${term.field}${term.not ? "!=" : "="}${term.equals}`);
      } else if ("from" in term && clause.length === 1) {
        flags.push("--from", String(term.from), "--to", String(term.to));
      } else return undefined;
    }
    if (terms.length > 0) clauses.push(terms.join(" "));
  }
  return clauses.length === 0
    ? flags
    : ["--filter", clauses.join(" & "), ...flags];
}

/** Digest of a dump without header, its lines sorted bytewise. */
function digest(dump: string): string {
  // One byte a character, so that sorting is bytewise.
  const latin1 = Buffer.from(dump).toString("latin1");
  const lines = latin1.split("\n").slice(1, -1).sort();
  const hash = createHash("sha256");
  for (const line of lines) hash.update(`${line}\n`, "latin1");
  return hash.digest("hex");
}

for (const { codec } of builtInCodecs) {
  Deno.test(`cairn keeps the history of Git in codec ${codec.name}`, async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/git${codec.extensions[0]}`;
      const made = await run(
        "import",
        DATA,
        "--trail",
        "uuid",
        "--time",
        "time",
        "--key",
        "uuid",
        "-o",
        path,
        "--json",
      );
      assertEquals(made.code, 0, made.stderr);
      const stats = QUESTIONS.find(({ kind }) => kind === "stats")!.expected;
      const facts = JSON.parse((await run("info", "--json", path)).stdout);
      assertEquals(
        [
          facts.codec,
          facts.events,
          facts.trails,
          facts.minTime,
          facts.maxTime,
          facts.keys,
        ],
        [
          codec.name,
          stats.events,
          stats.trails,
          stats.minTime,
          stats.maxTime,
          "uuid",
        ],
      );
      const distinct = facts.fields.map((
        field: { name: string; distinct: number },
      ) => [field.name, field.distinct]);
      assertEquals(Object.fromEntries(distinct), stats.distinct);
      assertEquals((await run("verify", path)).stdout, `${path}: sound\n`);
      let asked = 0;
      for (const { kind, name, where, expected } of QUESTIONS) {
        const flags = kind === "events" ? flagsOf(where) : undefined;
        if (flags === undefined) continue;
        const dump = await run("dump", path, ...flags);
        assertEquals(
          [dump.code, digest(dump.stdout)],
          [0, expected.sha256],
          name,
        );
        asked++;
      }
      assertEquals(asked >= 8, true);
    });
  });

  Deno.test(`cairn converts to codec ${codec.name} and back`, async () => {
    await inFolder(async (folder) => {
      const key = "00112233445566778899aabbccddeeff";
      const csv = `trail,time,a,b\n${key},1,x,\n${key},1,,y\n${key},3,,z\n`;
      await Deno.writeTextFile(`${folder}/a.csv`, csv);
      const path = `${folder}/a${codec.extensions[0]}`;
      const made = await run(
        "import",
        `${folder}/a.csv`,
        "--key",
        "uuid",
        "-o",
        path,
      );
      assertEquals(made.code, 0, made.stderr);
      assertEquals((await run("dump", path)).stdout, csv);
      for (const { codec: other } of builtInCodecs) {
        const there = `${folder}/there${other.extensions[0]}`;
        const back = `${folder}/back${codec.extensions[0]}`;
        assertEquals(
          (await run("convert", path, "-o", there, "--replace")).code,
          0,
        );
        assertEquals((await run("dump", there)).stdout, csv);
        assertEquals(
          (await run("convert", there, "-o", back, "--replace")).code,
          0,
        );
        assertEquals((await run("dump", back, "--trails", key)).stdout, csv);
      }
      // Only the file's bytes tell what it is.
      await Deno.rename(path, `${folder}/plain`);
      assertEquals(
        JSON.parse((await run("info", "--json", `${folder}/plain`)).stdout)
          .codec,
        codec.name,
      );
    });
  });

  Deno.test(`cairn says what is wrong with a damaged store of codec ${codec.name}`, async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/a${codec.extensions[0]}`;
      await Deno.writeTextFile(
        `${folder}/a.csv`,
        "trail,time,a\nann,1,x\nbob,2,y\n",
      );
      const made = await run(
        "import",
        `${folder}/a.csv`,
        "--key",
        "hash",
        "-o",
        path,
      );
      assertEquals(made.code, 0, made.stderr);
      const bytes = await Deno.readFile(path);
      await Deno.writeFile(path, bytes.subarray(0, bytes.length >> 1));
      const dump = await run("dump", path);
      assertEquals([dump.code, dump.stdout], [1, ""]);
      assertStringIncludes(dump.stderr, `file "${path}"`);
      assertEquals(dump.stderr.trimEnd().split("\n").length, 1);
      const verify = await run("verify", path);
      assertEquals([verify.code, verify.stderr], [1, ""]);
      assertStringIncludes(verify.stdout, "corrupt: ");
      await Deno.writeFile(path, new Uint8Array(0));
      assertEquals((await run("info", path)).code, 1);
    });
  });
}
