/**
 * Runs the suite on the codec that a module exports and prints the clauses that
 * fail, one a line: `run_suite.ts MODULE`. Exit code 0 when all pass.
 *
 * @module
 */
import { runSuite } from "@cairn/conformance";
import type { Codec } from "@cairn/core";
import { toFileUrl } from "../paths.ts";

const module: Record<string, unknown> = await import(
  toFileUrl(Deno.args[0]!).href
);
const codec = Object.entries(module).find(([name]) =>
  /^[a-z]+Codec$/.test(name)
)?.[1] as Codec;
const failed = (await runSuite(codec)).filter(({ outcome }) =>
  outcome === "fail"
);
for (const { clause, detail } of failed) {
  console.log(`${clause.id}: ${detail?.split("\n")[0]?.slice(0, 160)}`);
}
Deno.exit(failed.length === 0 ? 0 : 1);
