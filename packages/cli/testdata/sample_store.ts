/**
 * Small stores on disk, for tests.
 *
 * @module
 */
import {
  createSchema,
  encodeText,
  type FieldSpec,
  MemorySink,
} from "@cairn/core";
import { memoryCodec } from "./memory_codec.ts";

/** An event: key, time, values. */
export type SampleEvent = readonly [
  key: string | Uint8Array,
  time: number,
  ...values: (string | Uint8Array | null)[],
];

/** Events that most tests are about. */
export const SAMPLE: readonly SampleEvent[] = [
  ["ann", 5, "click", "/a", "12"],
  ["ann", 7, "buy", null, "x"],
  ["bob", 6, "click", 'say "hi", bob', "3"],
];
/** Their fields. */
export const SAMPLE_FIELDS: readonly FieldSpec[] = [
  "type",
  "page",
  { name: "n", type: "integer" },
];

/** Runs a test in a folder of its own, which goes away. */
export async function inFolder(
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Writes a store of the plain codec.
 *
 * @param path Where.
 * @param events What.
 * @param fields The fields.
 */
export async function writeStore(
  path: string,
  events: readonly SampleEvent[] = SAMPLE,
  fields: readonly FieldSpec[] = SAMPLE_FIELDS,
): Promise<void> {
  const sink = new MemorySink();
  await using writer = await memoryCodec.create(sink, createSchema(fields));
  const bytes = (value: string | Uint8Array) =>
    typeof value === "string" ? encodeText(value) : value;
  for (const [key, time, ...values] of events) {
    const row = values.map((value) => value === null ? null : bytes(value));
    await writer.add(bytes(key), time, row);
  }
  await writer.finish();
  await Deno.writeFile(path, sink.bytes());
}
