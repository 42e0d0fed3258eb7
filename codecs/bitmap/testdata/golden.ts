/**
 * The golden data of the bitmap codec, for tests.
 *
 * @module
 */
import { formatHex, parseHex } from "@cairn/core";
import { gunzipSync } from "fflate";
import type { ChunkReader } from "../chunk_store.ts";
import { decodeSchema, type KeyspaceSchema } from "../keyspace_schema.ts";

/** Where the golden data of the bitmap codec is. */
export const GOLDEN: URL = new URL(
  "../../../conformance/golden/bitmap/",
  import.meta.url,
);

/** Reads a golden file, unpacked if its name ends so. @param name Its name. */
export async function goldenText(name: string): Promise<string> {
  const bytes = await Deno.readFile(new URL(name, GOLDEN));
  return new TextDecoder().decode(
    name.endsWith(".gz") ? gunzipSync(bytes) : bytes,
  );
}

/** Reads a listing: values by key, both in hex, in order. @param name Of the store. */
export async function goldenListing(
  name: "main" | "small",
): Promise<Map<string, string>> {
  const entries: { k: string; v: string }[] = name === "main"
    ? (await goldenText("leveldb-main-listing.ndjson.gz")).trim().split("\n")
      .map((line) => JSON.parse(line))
    : JSON.parse(await goldenText("leveldb-small-listing.json"));
  return new Map(entries.map(({ k, v }) => [k, v]));
}

/** Reads the schemas of the small store, in order of keyspaces. */
export async function goldenSmallSchemas(): Promise<KeyspaceSchema[]> {
  const entries: { v: string; note: string }[] = JSON.parse(
    await goldenText("leveldb-small-listing.json"),
  );
  return entries.filter(({ note }) => note.endsWith(": schema")).map((
    { v },
  ) => decodeSchema(parseHex(v)));
}

/** Lists all keys of a store: values by key, both in hex. @param reader The store. */
export async function listKeys(
  reader: ChunkReader,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const range = { from: new Uint8Array(0), to: Uint8Array.of(255, 255) };
  for await (const { count, keys, values } of reader.range(range)) {
    for (let i = 0; i < count; i++) {
      found.set(
        formatHex(keys.bytes.subarray(keys.starts[i], keys.ends[i])),
        formatHex(values.bytes.subarray(values.starts[i], values.ends[i])),
      );
    }
  }
  return found;
}

/**
 * Unpacks a golden LevelDB directory.
 *
 * @param name `main` or `small`.
 * @param folder Where to.
 * @returns The directory.
 */
export async function unpackLevel(
  name: "main" | "small",
  folder: string,
): Promise<string> {
  const tar = gunzipSync(
    await Deno.readFile(new URL(`leveldb-${name}.tar.gz`, GOLDEN)),
  );
  const decoder = new TextDecoder();
  const textAt = (at: number, length: number) =>
    decoder.decode(tar.subarray(at, at + length)).replace(/\0[^]*$/, "");
  for (let at = 0; at + 512 <= tar.length;) {
    const path = textAt(at, 100);
    if (path === "") break;
    const size = Number.parseInt(textAt(at + 124, 12), 8);
    const type = textAt(at + 156, 1);
    if (type === "5") {
      await Deno.mkdir(`${folder}/${path}`, { recursive: true });
    } else {
      await Deno.writeFile(
        `${folder}/${path}`,
        tar.subarray(at + 512, at + 512 + size),
      );
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return `${folder}/${name}`;
}
