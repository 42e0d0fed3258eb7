/**
 * Breaks a codec in many places, one at a time, and tells which breaks the
 * conformance suite does not see:
 * `deno task mutants --codec trail [--count 20] [--seed 1] [--file PART]`.
 *
 * Each mutant is a copy of the codec's folder under `.cache/mutants` with one
 * line changed. A mutant is caught when a clause fails, the module does not
 * load, or the suite takes three times as long as on the sound codec. With
 * `--tests`, what the suite lets through is handed to the codec's own tests:
 * they know what the contracts do not speak of, such as the bytes of the
 * original program. What survives is a gap or a change without effect: look.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { copyFolder, fromFileUrl, toFileUrl } from "../paths.ts";
import { randomNumbers } from "../../conformance/dataset.ts";
import { findMutants, type Mutant } from "./operators.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    codec: { type: "string" },
    count: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    file: { type: "string", default: "" },
    tests: { type: "boolean", default: false },
  },
});
const root = fromFileUrl(new URL("../../", import.meta.url));
const codec = values.codec;
if (codec === undefined) {
  console.error(
    "Usage: deno task mutants --codec NAME [--count N] [--seed N] [--file PART]",
  );
  Deno.exit(2);
}
const source = `${root}codecs/${codec}`;
const mutants = `${root}.cache/mutants`;
const work = `${mutants}/codecs/${codec}`;

const began = performance.now();
const sound = await judge(source, 600_000);
const soundMs = performance.now() - began;
if (sound.caught) {
  console.error(`The sound codec fails: ${sound.why}`);
  Deno.exit(1);
}
if (values.tests) {
  await Deno.remove(work, { recursive: true }).catch(() => {});
  copyFolder(source, work);
  const control = await judgeByTests();
  if (control.caught) {
    console.error(`The tests fail on a sound copy: ${control.why}`);
    Deno.exit(1);
  }
}
const patience = Math.max(20_000, 3 * soundMs);
const all = await listMutants();
const random = randomNumbers(Number(values.seed) + 77);
const chosen: Mutant[] = [];
while (chosen.length < Math.min(Number(values.count), all.length)) {
  chosen.push(...all.splice(random(all.length), 1));
}
const survivors: Mutant[] = [];
let seen = 0;
for (const mutant of chosen) {
  let { caught, why } = await judge(await make(mutant), patience);
  const bySuite = caught;
  if (!caught && values.tests) ({ caught, why } = await judgeByTests());
  console.log(
    `${
      bySuite ? "suite   " : caught ? "tests   " : "SURVIVED"
    } ${mutant.file}:${mutant.line} ${mutant.operator}: ` +
      `${mutant.after.trim()}${caught ? `  [${why}]` : ""}`,
  );
  if (bySuite) seen++;
  if (!caught) survivors.push(mutant);
}
console.log(
  `${codec}: of ${chosen.length} mutants ${seen} caught by the suite` +
    (values.tests
      ? `, ${chosen.length - seen - survivors.length} by the codec's own tests`
      : "") +
    `, ${survivors.length} survived`,
);

async function listMutants(): Promise<Mutant[]> {
  const mutants: Mutant[] = [];
  for (
    const { name, isFile } of [...Deno.readDirSync(source)].sort((a, b) =>
      a.name < b.name ? -1 : 1
    )
  ) {
    if (
      !isFile || !/^(?!.*_test\.ts$).*\.ts$/.test(name) ||
      !name.includes(values.file)
    ) continue;
    mutants.push(
      ...findMutants(name, await Deno.readTextFile(`${source}/${name}`)),
    );
  }
  return mutants;
}

async function make(mutant: Mutant): Promise<string> {
  await Deno.remove(work, { recursive: true }).catch(() => {});
  copyFolder(source, work);
  const path = `${work}/${mutant.file}`;
  const lines = (await Deno.readTextFile(path)).split("\n");
  lines[mutant.line - 1] = mutant.after;
  await Deno.writeTextFile(path, lines.join("\n"));
  return work;
}

/** The codec's own tests over the copy that `make` has left. */
async function judgeByTests(): Promise<{ caught: boolean; why: string }> {
  // Golden files are found by their place relative to the tests.
  await Deno.symlink(`${root}conformance`, `${mutants}/conformance`).catch(
    () => {},
  );
  const { imports } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const map = {
    ...imports,
    "@std/assert": toFileUrl(`${root}tools/offline/assert.ts`).href,
    [`@cairn/${codec}`]: toFileUrl(`${work}/mod.ts`).href,
  };
  await Deno.writeTextFile(
    `${mutants}/import_map.json`,
    JSON.stringify({ imports: map }),
  );
  return await run([
    "test",
    "-A",
    "--no-check",
    "--fail-fast",
    `--import-map=${mutants}/import_map.json`,
    work,
  ], 300_000);
}

function judge(
  folder: string,
  patienceMs: number,
): Promise<{ caught: boolean; why: string }> {
  return run([
    "run",
    "-A",
    "--no-check",
    "tools/mutants/run_suite.ts",
    `${folder}/mod.ts`,
  ], patienceMs);
}

async function run(
  args: string[],
  patienceMs: number,
): Promise<{ caught: boolean; why: string }> {
  const abort = AbortSignal.timeout(patienceMs);
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: root,
      env: { NO_COLOR: "1" },
      signal: abort,
    }).output();
    const text = new TextDecoder();
    const lines = (text.decode(stdout) || text.decode(stderr)).split("\n");
    const why = lines.find((line) => line.includes("FAILED")) ?? lines[0]!;
    if (abort.aborted) return { caught: true, why: "takes too long" };
    return { caught: code !== 0, why: why.slice(0, 110) };
  } catch (error) {
    if (abort.aborted) return { caught: true, why: "takes too long" };
    throw error;
  }
}
