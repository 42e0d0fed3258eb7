/**
 * Writes docs/conformance.md: clause by codec, pass or the capability that
 * excuses it. `deno task conformance`; `--full` runs the long datasets too.
 *
 * @module
 */
import {
  type ClauseResult,
  CLAUSES,
  EFFORT,
  modelCodec,
  runSuite,
} from "@cairn/conformance";
import type { Codec } from "@cairn/core";
import { ndjsonCodec } from "../examples/codec-ndjson/mod.ts";
import { CODECS } from "./fuzz/codecs.ts";

const full = Deno.args.includes("--full");
const codecs: Codec[] = [modelCodec, ...CODECS.values(), ndjsonCodec];
const effort = full
  ? { datasets: "full", propertyRuns: 500, mutations: 5000 } as const
  : EFFORT;

const results = new Map<string, ClauseResult[]>();
for (const codec of codecs) {
  console.error(`${codec.name} ...`);
  results.set(codec.name, await runSuite(codec, effort));
}
const lines = [
  "# Conformance",
  "",
  "Written by `deno task conformance`; not to be edited. Clause by codec: *pass*, **fail**, or the capability that excuses",
  "the codec. What each clause says is in [contracts.md](contracts.md); how to run the suite on a codec of your own, in",
  "[write-a-codec.md](write-a-codec.md). `model` is the suite's oracle, `ndjson` the tutorial's codec.",
  "The clauses on sources and sinks are tested over memory, files, mapped files and HTTP by `conformance/storage_test.ts`.",
  "",
  `Effort: ${effort.datasets} datasets, ${effort.propertyRuns} runs a property, ${effort.mutations} damaged files.`,
  "",
  `| clause | ${codecs.map(({ name }) => name).join(" | ")} |`,
  `| --- |${" --- |".repeat(codecs.length)}`,
  ...CLAUSES.map(({ id }, c) =>
    `| \`${id}\` | ${
      codecs.map(({ name }) => cell(results.get(name)![c]!)).join(" | ")
    } |`
  ),
  "",
];
for (const [name, list] of results) {
  for (const { clause, outcome, detail } of list) {
    if (outcome === "fail") console.error(`${name}: ${clause.id}: ${detail}`);
  }
}
const failed = [...results.values()].flat().filter(({ outcome }) =>
  outcome === "fail"
);
await Deno.writeTextFile(
  new URL("../docs/conformance.md", import.meta.url),
  lines.join("\n"),
);
console.log(
  `docs/conformance.md: ${CLAUSES.length} clauses, ${failed.length} failures`,
);
Deno.exit(failed.length === 0 ? 0 : 1);

function cell({ outcome, detail }: ClauseResult): string {
  return outcome === "pass"
    ? "pass"
    : outcome === "fail"
    ? "**fail**"
    : `\`${detail}\``;
}
