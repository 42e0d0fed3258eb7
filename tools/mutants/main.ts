/**
 * Breaks a codec in many places, one at a time, and tells which breaks the
 * conformance suite does not see:
 * `deno task mutants --codec trail [--count 20] [--seed 1] [--file PART]`.
 *
 * Everything happens in a copy of the tree in a temporary folder. The suite
 * runs once on the sound codec; only lines that it reaches are broken, since
 * of the others it cannot know. A mutant is caught when a clause fails, when
 * the module does not load, or when the suite takes three times as long as on
 * the sound codec. With `--tests`, what the suite lets through is handed to
 * the codec's own tests: they know what the contracts do not speak of, such as
 * the bytes of the original program. What survives is a gap or a change
 * without effect: look. `--save FILE` keeps the places, `--again FILE` breaks
 * the same ones after the suite has changed, `--only 3,7` some of them.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { fromFileUrl } from "../paths.ts";
import { randomNumbers } from "../../conformance/dataset.ts";
import { coveredLines } from "./covered_lines.ts";
import {
  applyMutant,
  chooseMutants,
  findMutants,
  type Mutant,
} from "./operators.ts";
import { TreeCopy } from "./tree_copy.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    codec: { type: "string" },
    count: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    file: { type: "string", default: "" },
    only: { type: "string" },
    save: { type: "string" },
    again: { type: "string" },
    tests: { type: "boolean", default: false },
  },
});
const codec = values.codec;
if (codec === undefined) {
  console.error(
    "Usage: deno task mutants --codec NAME [--count N] [--seed N] [--file PART] [--tests] [--save FILE | --again FILE] [--only N,..]",
  );
  Deno.exit(2);
}
/** Memory that a broken codec may take before it is stopped, in MiB. */
const HEAP_MIB = 3000;
const only = values.only?.split(",").map(Number);
const tree = new TreeCopy(fromFileUrl(new URL("../../", import.meta.url)));
let child: Deno.ChildProcess | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    child?.kill("SIGKILL");
    tree[Symbol.dispose]();
    Deno.exit(130);
  });
}
try {
  await breakCodec(`${tree.folder}/codecs/${codec}`);
} finally {
  tree[Symbol.dispose]();
}

async function breakCodec(folder: string): Promise<void> {
  const began = performance.now();
  const sound = await run(suiteArgs([], true), 900_000);
  if (sound.caught) throw new Error(`The sound codec fails: ${sound.why}`);
  const patience = Math.max(20_000, 3 * (performance.now() - began));
  const order = clausesByTime(sound.output);
  const all = await listMutants(folder);
  const chosen: Mutant[] = values.again
    ? JSON.parse(await Deno.readTextFile(values.again))
    : chooseMutants(
      all,
      Number(values.count),
      randomNumbers(Number(values.seed) + 77),
    );
  if (values.save) {
    await Deno.writeTextFile(values.save, JSON.stringify(chosen));
  }
  let [seen, bySelf, survived] = [0, 0, 0];
  for (const [i, mutant] of chosen.entries()) {
    if (only && !only.includes(i + 1)) continue;
    const path = `${folder}/${mutant.file}`;
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, applyMutant(text, mutant));
    const suite = await run(suiteArgs(order, false), patience);
    const own = !suite.caught && values.tests
      ? await run(testArgs(folder), 600_000)
      : undefined;
    await Deno.writeTextFile(path, text);
    if (suite.caught) seen++;
    else if (own?.caught) bySelf++;
    else survived++;
    tell(i + 1, mutant, text, suite, own);
  }
  console.log(
    `${codec}: of ${
      seen + bySelf + survived
    } mutants ${seen} seen by the suite` +
      (values.tests ? `, ${bySelf} by the codec's own tests` : "") +
      `, ${survived} not seen`,
  );
}

interface Verdict {
  readonly caught: boolean;
  readonly why: string;
  readonly output: string;
}

function tell(
  number: number,
  mutant: Mutant,
  text: string,
  suite: Verdict,
  own: Verdict | undefined,
): void {
  const by = suite.caught ? "suite   " : own?.caught ? "tests   " : "NOT SEEN";
  const why = suite.caught ? suite.why : own?.caught ? own.why : "";
  const before = text.slice(
    text.lastIndexOf("\n", mutant.start - 1) + 1,
    text.indexOf("\n", mutant.end - 1),
  );
  const after = applyMutant(text, mutant).slice(
    text.lastIndexOf("\n", mutant.start - 1) + 1,
  ).slice(
    0,
    before.length + mutant.replacement.length - (mutant.end - mutant.start),
  );
  const flat = (code: string) => code.trim().replaceAll(/\s+/g, " ");
  console.log(
    `${number} ${by} ${mutant.file}:${mutant.line} ${mutant.kind}: ${
      flat(before)
    }  =>  ${flat(after)}${why && `  [${why}]`}`,
  );
}

/** Every place in lines that the suite has reached, and how many these are. */
async function listMutants(folder: string): Promise<Mutant[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["coverage", "--lcov", `${tree.folder}/coverage`],
    cwd: tree.folder,
    stderr: "null",
  }).output();
  const files = coveredLines(new TextDecoder().decode(stdout), folder);
  const mutants: Mutant[] = [];
  let [reached, lines] = [0, 0];
  for (const [name, covered] of [...files].sort(([a], [b]) => a < b ? -1 : 1)) {
    reached += covered.reached.size;
    lines += covered.lines;
    if (!name.includes(values.file)) continue;
    const text = await Deno.readTextFile(`${folder}/${name}`);
    mutants.push(
      ...findMutants(name, text).filter(({ line }) =>
        covered.reached.has(line)
      ),
    );
  }
  console.log(
    `${codec}: the suite reaches ${reached} of ${lines} lines in ${files.size} files; ${mutants.length} places to break`,
  );
  return mutants;
}

function suiteArgs(order: readonly string[], coverage: boolean): string[] {
  return [
    "run",
    "-A",
    "--no-check",
    "--no-lock",
    `--v8-flags=--max-old-space-size=${HEAP_MIB}`,
    ...(coverage ? [`--coverage=${tree.folder}/coverage`] : []),
    "tools/mutants/run_suite.ts",
    `${tree.folder}/codecs/${codec}/mod.ts`,
    ...order,
  ];
}

function testArgs(folder: string): string[] {
  return [
    "test",
    "-A",
    "--no-check",
    "--no-lock",
    "--fail-fast",
    `--v8-flags=--max-old-space-size=${HEAP_MIB}`,
    tree.importMap,
    "--ignore=" + `${folder}/conformance_test.ts`,
    folder,
  ];
}

/** Quick clauses first: most mutants fall to one of them. */
function clausesByTime(output: string): string[] {
  return output.split("\n").map((line) => line.split(" ")).filter(([id]) => id)
    .sort((a, b) => Number(a[1]) - Number(b[1])).map(([id]) => id!);
}

async function run(args: string[], patienceMs: number): Promise<Verdict> {
  child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: tree.folder,
    env: { NO_COLOR: "1", CAIRN_OFFLINE: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child!.kill("SIGKILL");
  }, patienceMs);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  child = undefined;
  const text = new TextDecoder();
  const output = text.decode(stdout);
  const lines = (output.trim() || text.decode(stderr)).trim().split("\n");
  const why = late
    ? "takes too long"
    : lines.find((line) => line.includes("FAILED")) ?? lines.at(-1)!;
  return { caught: late || code !== 0, why: why.slice(0, 140), output };
}
