/**
 * Runs the suite on a codec until a clause fails:
 * `run_suite.ts MODULE [CLAUSE ...]`. Named clauses come first, in that order.
 * Prints a line for each clause: its id, milliseconds, and what was wrong.
 * Exit code 0 when all pass.
 *
 * @module
 */
import { CLAUSES, Workbench } from "@cairn/conformance";
import type { Codec } from "@cairn/core";
import fc from "fast-check";
import { toFileUrl } from "../paths.ts";

// The same histories for every mutant, or luck would have a say.
fc.configureGlobal({ seed: 20_260_101 });

const [path, ...first] = Deno.args;
const module: Record<string, unknown> = await import(toFileUrl(path!).href);
const codec = Object.entries(module).find(([name]) =>
  /^[a-z]+Codec$/.test(name)
)?.[1] as Codec;
const bench = new Workbench(codec);
const place = (id: string) => (first.indexOf(id) + 1) || Infinity;
for (
  const { id, run, excuse } of CLAUSES.toSorted((a, b) =>
    place(a.id) < place(b.id) ? -1 : place(a.id) > place(b.id) ? 1 : 0
  )
) {
  if (excuse?.(codec.capabilities) !== undefined) continue;
  const began = performance.now();
  let wrong = "";
  try {
    await run(bench);
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
  }
  const ms = Math.round(performance.now() - began);
  console.log(`${id} ${ms} ${wrong.replaceAll("\n", " ").slice(0, 160)}`);
  if (wrong !== "") Deno.exit(1);
}
Deno.exit(0);
