import { assertEquals } from "@std/assert";
import { fromFileUrl } from "./paths.ts";

/** The part of `deno info --json` that is looked at. */
interface ModuleGraph {
  readonly roots: readonly string[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly isDynamic?: boolean;
      readonly code?: { readonly specifier?: string };
    }[];
  }[];
}

const root = new URL("../", import.meta.url);
/** Entries that a browser loads. */
const ENTRIES: readonly string[] = [
  "packages/core/mod.ts",
  "packages/core/http.ts",
  "packages/core/sort/mod.ts",
  "packages/kernels/mod.ts",
  "packages/sstable/mod.ts",
  "packages/query/mod.ts",
  "codecs/esdb/mod.ts",
  "codecs/trail/mod.ts",
  "codecs/bitmap/mod.ts",
];

for (const entry of ENTRIES) {
  Deno.test(`${entry} loads without a module of Node`, async () => {
    assertEquals(nodeImports(await readGraph(entry)), []);
  });
}

Deno.test("packages/core/file.ts is seen to need modules of Node", async () => {
  const imports = nodeImports(await readGraph("packages/core/file.ts"));
  assertEquals(imports.length > 0, true);
});

async function readGraph(entry: string): Promise<ModuleGraph> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", fromFileUrl(new URL(entry, root))],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  const text = new TextDecoder();
  assertEquals(success, true, text.decode(stderr));
  return JSON.parse(text.decode(stdout));
}

/** Lists `importer -> node:x` over imports that are not dynamic. */
function nodeImports(graph: ModuleGraph): string[] {
  const modules = new Map(graph.modules.map((m) => [m.specifier, m]));
  const seen = new Set<string>();
  const found: string[] = [];
  const waiting = [...graph.roots];
  while (waiting.length > 0) {
    const name = waiting.pop()!;
    const specifier = graph.redirects[name] ?? name;
    if (seen.has(specifier)) continue;
    seen.add(specifier);
    for (const dependency of modules.get(specifier)?.dependencies ?? []) {
      const target = dependency.code?.specifier;
      if (target === undefined || dependency.isDynamic) continue;
      if (target.startsWith("node:")) found.push(`${specifier} -> ${target}`);
      else waiting.push(target);
    }
  }
  return found.sort();
}
