/**
 * Breaks a codec in many places, one at a time, and tells which breaks the
 * conformance suite does not see:
 * `deno task mutants --codec trail [--count 20] [--seed 1] [--file PART]`.
 *
 * Each mutant is a copy of the codec's folder under `.cache/mutants` with one
 * line changed. A mutant is caught when a clause fails, the module does not
 * load, or the suite takes three times as long as on the sound codec. What
 * survives is either a gap in the suite or a change without effect: look.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { copyFolder, fromFileUrl } from "../paths.ts";
import { randomNumbers } from "../../conformance/dataset.ts";
import { findMutants, type Mutant } from "./operators.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    codec: { type: "string" },
    count: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    file: { type: "string", default: "" },
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
const work = `${root}.cache/mutants/${codec}`;

const began = performance.now();
const sound = await judge(source, 600_000);
if (sound.caught) {
  console.error(`The sound codec fails: ${sound.why}`);
  Deno.exit(1);
}
const patience = Math.max(20_000, 3 * (performance.now() - began));
const all = await listMutants();
const random = randomNumbers(Number(values.seed) + 77);
const chosen: Mutant[] = [];
while (chosen.length < Math.min(Number(values.count), all.length)) {
  chosen.push(...all.splice(random(all.length), 1));
}
const survivors: Mutant[] = [];
for (const mutant of chosen) {
  const { caught, why } = await judge(await make(mutant), patience);
  console.log(
    `${
      caught ? "caught  " : "SURVIVED"
    } ${mutant.file}:${mutant.line} ${mutant.operator}: ` +
      `${mutant.after.trim()}${caught ? `  [${why}]` : ""}`,
  );
  if (!caught) survivors.push(mutant);
}
console.log(
  `${codec}: ${
    chosen.length - survivors.length
  } of ${chosen.length} mutants caught`,
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

async function judge(
  folder: string,
  patienceMs: number,
): Promise<{ caught: boolean; why: string }> {
  const abort = AbortSignal.timeout(patienceMs);
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        "tools/mutants/run_suite.ts",
        `${folder}/mod.ts`,
      ],
      cwd: root,
      env: { NO_COLOR: "1" },
      signal: abort,
    }).output();
    const text = new TextDecoder();
    const first = (text.decode(stdout) || text.decode(stderr)).split("\n")[0]!;
    if (abort.aborted) return { caught: true, why: "takes too long" };
    return { caught: code !== 0, why: first.slice(0, 110) };
  } catch (error) {
    if (abort.aborted) return { caught: true, why: "takes too long" };
    throw error;
  }
}
