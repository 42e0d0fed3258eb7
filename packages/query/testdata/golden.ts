/**
 * Reads golden files, for tests.
 *
 * @module
 */

const GOLDEN = new URL("../../../conformance/golden/", import.meta.url);

/**
 * Reads a golden file as text.
 *
 * @param path Below the folder of golden files.
 */
export function readGolden(path: string): string {
  return Deno.readTextFileSync(new URL(path, GOLDEN));
}

/**
 * Reads a golden file as JSON.
 *
 * @param path Below the folder of golden files.
 */
export function readGoldenJson<T>(path: string): T {
  return JSON.parse(readGolden(path)) as T;
}
