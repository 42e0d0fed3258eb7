/**
 * House rules as a program: import arrows between packages, no circles, no
 * dead modules, no names of files that are not there, lengths of files, banned
 * words, loose to-dos, large blobs.
 *
 * @module
 */
import { findCircles, findReached, readImports } from "./imports.ts";
import { namedFiles } from "./named_files.ts";
import { fromFileUrl } from "./paths.ts";

const root = fromFileUrl(new URL("../", import.meta.url));

/** What each package may import of ours; its own name goes without saying. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "packages/core": [],
  "packages/sstable": ["core", "kernels"],
  "packages/kernels": ["core"],
  "packages/query": ["core"],
  "packages/cli": ["core", "query", "esdb", "trail", "bitmap"],
  "codecs/esdb": ["core", "sstable", "kernels"],
  "codecs/trail": ["core", "sstable", "kernels"],
  "codecs/bitmap": ["core", "sstable", "kernels"],
  "conformance": ["core"],
  "examples/codec-ndjson": ["core", "conformance"],
};
const LINES_MAX = 400;
const BLOB_BYTES_MAX = 4 << 20;
/** Split, so that this file does not trip over itself. */
const BANNED = [
  "TO" + "DO",
  "FIX" + "ME",
  "regi" + "stry.npmjs",
  "js" + "r.io",
  "/work" + "/main",
  "@ts-" + "ignore",
  "@ts-" + "nocheck",
  "Deno.test." + "only",
  "Deno.test." + "ignore",
];

/** What is there although no entry leads to it. */
const ROOTS = [
  // Codecs that are wrong on purpose are part of the suite: they judge it.
  "conformance/broken_test.ts",
];

const problems: string[] = [];
const modules = new Map<string, string>();
const files = await listFiles();
for (const path of files) {
  const { size } = await Deno.stat(`${root}${path}`);
  if (size > BLOB_BYTES_MAX) problems.push(`${path}: ${size} bytes`);
  if (path.startsWith("conformance/golden/")) continue;
  if (!/\.(ts|md|json|yml|c|cc|mjs)$|^\.ci\/run$/.test(path)) continue;
  const text = await Deno.readTextFile(`${root}${path}`);
  checkWords(path, text);
  checkNames(path, text);
  if (!path.endsWith(".ts")) continue;
  checkModule(path, text);
  if (!path.includes("/assembly/")) modules.set(path, text);
}
await checkImports();
for (const problem of problems) console.error(problem);
console.log(`Tidy: ${problems.length} problems`);
Deno.exit(problems.length === 0 ? 0 : 1);

async function listFiles(): Promise<string[]> {
  const { stdout, success } = await new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    cwd: root,
  }).output();
  if (!success) throw new Error("Cannot list files: git failed");
  const listed = new TextDecoder().decode(stdout).split("\0").filter(Boolean);
  const there = await Promise.all(
    listed.map((path) =>
      Deno.stat(`${root}${path}`).then(() => true, () => false)
    ),
  );
  return listed.filter((_, i) => there[i]);
}

function checkWords(path: string, text: string): void {
  for (const word of BANNED) {
    // TypeScript knows nothing of AssemblyScript's decorators on functions.
    if (path.includes("/assembly/") && word.startsWith("@ts-")) continue;
    const at = text.indexOf(word);
    if (at >= 0) {
      problems.push(
        `${path}:${text.slice(0, at).split("\n").length}: "${word}"`,
      );
    }
  }
}

function checkNames(path: string, text: string): void {
  // What tests of these rules name is made up.
  if (isForTests(path)) return;
  for (const named of namedFiles(path, text)) {
    const there = files.some((file) =>
      file === named || file.startsWith(`${named}/`)
    );
    if (!there) problems.push(`${path}: "${named}" is not there`);
  }
}

function checkModule(path: string, text: string): void {
  const generated = path.endsWith("_wasm.ts");
  const lines = text.split("\n").length - 1;
  const test = isForTests(path);
  if (!generated && !test && lines > LINES_MAX) {
    problems.push(`${path}: ${lines} lines, at most ${LINES_MAX}`);
  }
  const home = Object.keys(ARROWS).find((name) => path.startsWith(`${name}/`));
  if (home === undefined || test) return;
  const own = home.split("/").at(-1)!;
  for (const [, name] of text.matchAll(/from\s+"@cairn\/([a-z]+)[^"]*"/g)) {
    if (name === own || ARROWS[home]!.includes(name!)) continue;
    // Examples inside comments may show a package at work with others.
    const line = text.split("\n").find((l) => l.includes(`@cairn/${name}`))!;
    if (line.trimStart().startsWith("*")) continue;
    problems.push(`${path}: imports @cairn/${name}, which its layer may not`);
  }
  for (const [, target] of text.matchAll(/from\s+"(\.\.\/[^"]+)"/g)) {
    const resolved = new URL(target!, `file:///${path}`).pathname.slice(1);
    if (!resolved.startsWith(`${home}/`)) {
      problems.push(
        `${path}: imports ${resolved} by path, from outside its package`,
      );
    }
  }
}

/** What only tests use lies beside them by its name, or in `testdata`. */
function isForTests(path: string): boolean {
  return /_(test|fuzz|bench)\.ts$/.test(path) || path.includes("/testdata/");
}

async function checkImports(): Promise<void> {
  const imports = readImports(modules);
  for (const circle of findCircles(imports)) {
    problems.push(`A circle of imports: ${circle.join(", ")}`);
  }
  const homes = Object.keys(ARROWS);
  const reached = findReached(imports, [...await listEntries(homes), ...ROOTS]);
  for (const path of modules.keys()) {
    if (isForTests(path) || reached.has(path)) continue;
    if (!homes.some((home) => path.startsWith(`${home}/`))) continue;
    problems.push(
      `${path}: no entry leads there; what only tests use belongs in testdata`,
    );
  }
}

/** Lists the modules that packages export. */
async function listEntries(homes: readonly string[]): Promise<string[]> {
  const entries: string[] = [];
  for (const home of homes) {
    const text = await Deno.readTextFile(`${root}${home}/deno.json`)
      .catch(() => `{ "exports": "./mod.ts" }`);
    const { exports } = JSON.parse(text) as {
      exports: string | Record<string, string>;
    };
    const files = typeof exports === "string" ? [exports] : exports;
    entries.push(
      ...Object.values(files).map((file) => home + file.replace(/^\./, "")),
    );
  }
  return entries;
}
