/**
 * House rules as a program: import arrows between packages, lengths of files,
 * banned words, loose to-dos, large blobs.
 *
 * @module
 */
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

const problems: string[] = [];
for (const path of await listFiles()) {
  const { size } = await Deno.stat(`${root}${path}`);
  if (size > BLOB_BYTES_MAX) problems.push(`${path}: ${size} bytes`);
  if (path.startsWith("conformance/golden/") || path.includes("/testdata/")) {
    continue;
  }
  if (!/\.(ts|md|json|yml|c|cc|mjs)$|^\.ci\/run$/.test(path)) continue;
  const text = await Deno.readTextFile(`${root}${path}`);
  checkWords(path, text);
  if (path.endsWith(".ts")) checkModule(path, text);
}
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

function checkModule(path: string, text: string): void {
  const generated = path.endsWith("_wasm.ts");
  const lines = text.split("\n").length - 1;
  const test = /_(test|fuzz|bench)\.ts$/.test(path);
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
