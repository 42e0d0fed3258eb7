/**
 * Runs `deno` with the arguments given, and where JSR cannot be reached puts
 * our own thin layer in the place of `@std/*`, which only tests and tools use.
 *
 * `deno run -A tools/deno.ts test -A packages` is `deno test -A packages`.
 *
 * @module
 */
import { fromFileUrl } from "./paths.ts";

const root = new URL("../", import.meta.url);
const [command, ...rest] = Deno.args;
if (command === undefined) {
  console.error("Usage: deno run -A tools/deno.ts COMMAND [ARGUMENT ...]");
  Deno.exit(2);
}
const map = await importMap();
const child = new Deno.Command(Deno.execPath(), {
  args: [command, ...map, ...rest],
  env: { DENO_NO_UPDATE_CHECK: "1" },
}).spawn();
Deno.exit((await child.status).code);

/** Gives the option for an import map, or nothing where JSR answers. */
async function importMap(): Promise<string[]> {
  if (Deno.env.get("CAIRN_OFFLINE") === undefined && await jsrAnswers()) {
    return [];
  }
  const config = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", root)),
  );
  const imports: Record<string, string> = {};
  for (const [name, target] of Object.entries<string>(config.imports)) {
    imports[name] = target.startsWith("jsr:@std/")
      ? new URL(`tools/offline/${name.slice("@std/".length)}.ts`, root).href
      : target;
  }
  const path = fromFileUrl(new URL(".cache/import_map.json", root));
  await Deno.mkdir(fromFileUrl(new URL(".cache", root)), { recursive: true });
  const text = JSON.stringify({ imports }, undefined, 2);
  // Several runs may do this at once; a rename never shows half a file.
  const temporary = `${path}.${Deno.pid}`;
  await Deno.writeTextFile(temporary, text);
  await Deno.rename(temporary, path);
  return [`--import-map=${path}`];
}

/** Tells whether JSR can be reached, by loading a package from it. */
async function jsrAnswers(): Promise<boolean> {
  const config = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", root)),
  );
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", `import "${config.imports["@std/assert"]}";`],
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(20_000),
  }).output();
  return success;
}
