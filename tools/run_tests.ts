/**
 * Runs the tests: `deno task test [PATH ...]`.
 *
 * Units, properties, golden files and doc examples of every package, the
 * conformance suite, the examples and the tools. JSR need not be reachable
 * (see `tools/deno.ts`). The last line counts: `N passed, N failed`.
 *
 * @module
 */
import { fromFileUrl } from "./paths.ts";

const root = fromFileUrl(new URL("../", import.meta.url));
const paths = Deno.args.length > 0
  ? Deno.args
  : ["packages", "codecs", "conformance", "bench", "examples", "tools"];

const child = new Deno.Command(Deno.execPath(), {
  args: [
    "run",
    "-A",
    "tools/deno.ts",
    "test",
    "-A",
    "--doc",
    "--parallel",
    "--permit-no-files",
    "--preload=tools/test_setup.ts",
    "--reporter=dot",
    ...paths,
  ],
  cwd: root,
  env: { NO_COLOR: "1" },
  stdout: "piped",
  stderr: "inherit",
}).spawn();

let tail = "";
const decoder = new TextDecoder();
for await (const chunk of child.stdout) {
  Deno.stdout.writeSync(chunk);
  tail = (tail + decoder.decode(chunk, { stream: true })).slice(-4096);
}
const { code } = await child.status;
const counts = /(\d+) passed(?: \([^)]*\))? \| (\d+) failed/.exec(tail);
if (counts === null) {
  console.log("0 passed, 1 failed");
  Deno.exit(code === 0 ? 1 : code);
}
console.log(`${counts[1]} passed, ${counts[2]} failed`);
Deno.exit(code);
