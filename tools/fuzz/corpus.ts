/**
 * The sound files that damage is done to: those of the original programs, and
 * what the codec writes of the suite's datasets.
 *
 * @module
 */
import { Workbench } from "@cairn/conformance";
import type { Codec } from "@cairn/core";
import { type FilePart, partsOf } from "./parts.ts";

/** A sound file. */
export interface CorpusFile {
  /** Its name. */
  readonly name: string;
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** Its parts; damage hits each as often as any other. */
  readonly parts: readonly FilePart[];
}

/** Where each codec's golden files are and how their names end. */
const GOLDEN: Readonly<Record<string, { folder: string; ending: RegExp }>> = {
  esdb: { folder: "esdb/", ending: /\.esdb(\.gz)?$/ },
  trail: { folder: "traildb/", ending: /\.tdb(\.gz)?$/ },
  bitmap: { folder: "bitmap/", ending: /\.sst$/ },
};

/** Files beyond this make damage slow and find nothing more. */
const BYTES_MAX = 1_600_000;

/**
 * Loads the files.
 *
 * @param codec Whose.
 * @param bytesMax Larger files are left out.
 * @returns In a fixed order.
 */
export async function loadCorpus(
  codec: Codec,
  bytesMax: number = BYTES_MAX,
): Promise<CorpusFile[]> {
  const files: CorpusFile[] = [];
  const golden = GOLDEN[codec.name];
  if (golden !== undefined) {
    const root = new URL(
      `../../conformance/golden/${golden.folder}`,
      import.meta.url,
    );
    for (const folder of [root, new URL("variants/", root)]) {
      const names = await listFiles(folder);
      for (
        const name of names.filter((name) => golden.ending.test(name)).sort()
      ) {
        const bytes = await readFile(new URL(name, folder));
        if (bytes.length > bytesMax) continue;
        files.push({ name, bytes, parts: partsOf(bytes) });
      }
    }
  }
  const bench = new Workbench(codec);
  for (const dataset of bench.datasets()) {
    const { bytes } = await bench.write(dataset.schema, dataset.events);
    if (bytes.length <= bytesMax) {
      const name = `ours: ${dataset.name}`;
      files.push({ name, bytes, parts: partsOf(bytes) });
    }
  }
  return files;
}

async function listFiles(folder: URL): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isFile) names.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names;
}

async function readFile(url: URL): Promise<Uint8Array> {
  const bytes = await Deno.readFile(url);
  if (!url.pathname.endsWith(".gz")) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(
    new DecompressionStream("gzip"),
  );
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
