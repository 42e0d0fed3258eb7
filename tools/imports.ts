/**
 * Which module needs which: for rules about the whole tree.
 *
 * Modules are named by their paths from the root. Types count too, and so do
 * workers, which are named by a URL.
 *
 * @module
 */

/** The modules that each module names. */
export type Imports = ReadonlyMap<string, readonly string[]>;

const NAMED = [
  /\bfrom\s+"(\.[^"]+)"/g,
  /\bimport\s*\(?\s*"(\.[^"]+)"/g,
  /\bnew URL\(\s*"(\.[^"]+\.ts)"/g,
  /@deno-types="(\.[^"]+)"/g,
];

/** Reads what each module names. @param modules Their texts by path. */
export function readImports(modules: ReadonlyMap<string, string>): Imports {
  const imports = new Map<string, string[]>();
  for (const [path, text] of modules) {
    // Examples in comments are of no concern.
    const code = text.replaceAll(/^\s*\*.*$/gm, "");
    const named = NAMED.flatMap((pattern) =>
      [...code.matchAll(pattern)].map(([, target]) =>
        new URL(target!, `file:///${path}`).pathname.slice(1)
      )
    );
    imports.set(path, named.filter((target) => modules.has(target)));
  }
  return imports;
}

/** Finds the modules to which some modules lead, themselves included. */
export function findReached(
  imports: Imports,
  from: Iterable<string>,
): Set<string> {
  const reached = new Set(from);
  // A set that grows goes on to what was added.
  for (const path of reached) {
    for (const target of imports.get(path) ?? []) reached.add(target);
  }
  return reached;
}

/** Finds the circles: runs of modules of which each leads to all others. */
export function findCircles(imports: Imports): string[][] {
  const circles: string[][] = [];
  const seen = new Set<string>();
  for (const path of imports.keys()) {
    if (seen.has(path)) continue;
    const reached = findReached(imports, imports.get(path)!);
    if (!reached.has(path)) continue;
    const circle = [...reached].filter((other) =>
      findReached(imports, imports.get(other)!).has(path)
    );
    for (const other of circle) seen.add(other);
    circles.push(circle.sort());
  }
  return circles;
}
