/**
 * Damaged files that once crashed a codec, or hung it, and must not again.
 */
import { survives, Workbench } from "@cairn/conformance";
import { CODECS } from "../tools/fuzz/codecs.ts";

for (const [name, codec] of CODECS) {
  Deno.test(`${name}: what the fuzzer once found is harmless now`, async () => {
    const folder = new URL(`regressions/${name}/`, import.meta.url);
    const bench = new Workbench(codec);
    for (const entry of listFiles(folder)) {
      await survives(bench, await Deno.readFile(new URL(entry, folder)), entry);
    }
  });
}

function listFiles(folder: URL): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
