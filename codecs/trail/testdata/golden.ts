/**
 * The golden files, for tests.
 *
 * @module
 */
import { gunzipSync } from "fflate";

/** Where the golden files of C TrailDB are. */
export const GOLDEN: URL = new URL(
  "../../../conformance/golden/traildb/",
  import.meta.url,
);

/** An entry of the manifest, as far as tests look at it. */
export interface GoldenEntry {
  /** Its name. */
  readonly name: string;
  /** Names of the fields. */
  readonly fields: readonly string[];
  /** What `info` and the lexicons say. */
  readonly stats: {
    readonly num_trails: number;
    readonly num_events: number;
    readonly version: number;
    readonly lexicon_sizes: readonly number[];
  };
  /** The normalised dump. */
  readonly expected: { readonly lines: number; readonly sha256: string };
  /** Its files. */
  readonly files: readonly { readonly path: string }[];
}

/** Reads the manifest. */
export function goldenEntries(): GoldenEntry[] {
  return JSON.parse(
    Deno.readTextFileSync(new URL("manifest.json", GOLDEN)),
  ).entries;
}

/** Reads a golden file, unpacked if only a packed one is there. */
export function readGolden(name: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(new URL(name, GOLDEN));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return gunzipSync(Deno.readFileSync(new URL(`${name}.gz`, GOLDEN)));
  }
}

/** Tells whether there is a golden file or folder. */
export function hasGolden(name: string): boolean {
  for (const suffix of ["", ".gz"]) {
    try {
      Deno.statSync(new URL(name + suffix, GOLDEN));
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return false;
}

/** Gives the SHA-256 of text, as hex. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return [...new Uint8Array(digest)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
