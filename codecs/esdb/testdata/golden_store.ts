/**
 * The golden stores and what they hold, for tests.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";
import { encodeText } from "@cairn/core";
import type { EsdbEvents } from "../esdb_events.ts";

const FOLDER = new URL("../../../conformance/golden/esdb/", import.meta.url);

/** An event as the golden files have it. */
export interface GoldenEvent {
  readonly timestamp: number;
  readonly data_b64: string;
}

/** An index key and its events. */
export interface GoldenIndex {
  readonly name?: string;
  readonly name_b64?: string;
  readonly value?: string;
  readonly value_b64?: string;
  readonly events: readonly GoldenEvent[];
}

/** A grouping and its events. */
export interface GoldenGrouping {
  readonly grouping?: string;
  readonly grouping_b64?: string;
  readonly events: readonly GoldenEvent[];
}

/** What a store holds. */
export interface GoldenStore {
  readonly spaces: readonly {
    readonly space_b64: string;
    readonly groupings: readonly GoldenGrouping[];
    readonly indexes: readonly GoldenIndex[];
  }[];
}

/** A call of the writer. */
export interface GoldenCall {
  readonly flush_b64?: string;
  readonly space_b64?: string;
  readonly grouping?: string;
  readonly grouping_b64?: string;
  readonly timestamp?: number;
  readonly indexes?: Readonly<Record<string, string>> | null;
  readonly indexes_b64?: readonly (readonly [string, string])[];
  readonly data_b64?: string;
}

/** Reads a golden file, unpacked. */
export async function readGolden(name: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(new URL(name, FOLDER));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const packed = await Deno.readFile(new URL(`${name}.gz`, FOLDER));
    return new Uint8Array(gunzipSync(packed));
  }
}

/** Reads a golden JSON file. */
export async function readGoldenJson<T>(name: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await readGolden(name))) as T;
}

/** Reads the calls that made a golden store. */
export async function readCalls(name: string): Promise<GoldenCall[]> {
  const text = new TextDecoder().decode(
    await readGolden(`${name}.input.ndjson`),
  );
  return text.split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(line) as GoldenCall
  );
}

/** Names of all golden stores. */
export async function goldenStores(): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(FOLDER)) {
    const name = /^(.*)\.esdb(\.gz)?$/.exec(entry.name)?.[1];
    if (name !== undefined) names.push(name);
  }
  return names.sort();
}

/** Base 64 or text to bytes. */
export function goldenBytes(
  text: string | undefined,
  base64: string | undefined,
): Uint8Array {
  return base64 === undefined
    ? encodeText(text ?? "")
    : Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** Events in the form of golden files. */
export function toGolden(runs: readonly EsdbEvents[]): GoldenEvent[] {
  return runs.flatMap((run) =>
    [...run].map(({ timestamp, data }) => ({
      timestamp,
      data_b64: toBase64(data),
    }))
  );
}

/** Bytes to base 64. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  }
  return btoa(text);
}
