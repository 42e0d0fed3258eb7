/**
 * Checks that every public symbol of every package is documented and has an
 * explicit type: `deno doc --lint` over all entries of all workspace members.
 *
 * @module
 */
import { fromFileUrl } from "./paths.ts";

const root = new URL("../", import.meta.url);
const { workspace } = JSON.parse(
  await Deno.readTextFile(new URL("deno.json", root)),
) as { workspace: string[] };

const entries: string[] = [];
for (const member of workspace) {
  const { exports } = JSON.parse(
    await Deno.readTextFile(new URL(`${member}/deno.json`, root)),
  ) as { exports: string | Record<string, string> };
  const files = typeof exports === "string"
    ? [exports]
    : Object.values(exports);
  entries.push(
    ...files.map((file) => `${member}/${file.replace(/^\.\//, "")}`),
  );
}

const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...entries],
  cwd: fromFileUrl(root),
  env: { NO_COLOR: "1" },
}).output();
const text = new TextDecoder();
if (code !== 0) {
  console.log(text.decode(stdout));
  console.error(text.decode(stderr));
  Deno.exit(1);
}
console.log(`Documented: ${entries.length} entries`);
