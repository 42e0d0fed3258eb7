/**
 * The normalised dump that golden files are compared by, for tests.
 *
 * @module
 */
import { decodeText, formatUuid } from "@cairn/core";
import { itemField } from "../items.ts";
import type { CursorOptions } from "../trail_cursor.ts";
import type { TrailDatabase } from "../trail_database.ts";
import type { TrailStore } from "../trail_store.ts";

/** Formats one event. */
export function formatEvent(
  event: {
    readonly trail: number;
    readonly uuid: Uint8Array;
    readonly time: bigint | number;
    readonly fields: readonly (readonly [string, Uint8Array])[];
  },
): string {
  const text: string[] = [];
  const binary: string[] = [];
  for (const [name, value] of event.fields) {
    const decoded = decodeText(value);
    if (decoded !== undefined) {
      text.push(`${JSON.stringify(name)}:${JSON.stringify(decoded)}`);
    } else {
      const base64 = btoa(
        Array.from(value, (byte) => String.fromCharCode(byte)).join(""),
      );
      binary.push(`${JSON.stringify(name)}:"${base64}"`);
    }
  }
  return `{"trail":${event.trail},"uuid":"${formatUuid(event.uuid)}",` +
    `"time":${event.time},"fields":{${text.join()}}` +
    (binary.length === 0 ? "}" : `,"fields_b64":{${binary.join()}}}`);
}

/** Dumps a database by cursors. */
export async function dumpDatabase(
  db: TrailDatabase,
  options: CursorOptions = {},
): Promise<string[]> {
  await db.loadLexicons();
  const lines: string[] = [];
  const cursor = db.cursor(options);
  for (let trail = 0; trail < db.trailCount; trail++) {
    const uuid = await db.uuid(trail);
    await cursor.load(trail);
    for (const { time, items } of cursor) {
      lines.push(formatEvent({
        trail,
        uuid,
        time,
        fields: items.map((item) => [
          db.fieldName(itemField(item))!,
          db.itemValue(item)!,
        ]),
      }));
    }
  }
  return lines;
}

/** Dumps a store by one scan. */
export async function dumpStore(
  store: TrailStore,
  options: Parameters<TrailStore["scan"]>[0] = {},
): Promise<string[]> {
  const lines: string[] = [];
  const { trails } = await store.stats();
  const keys = await store.keys({ start: 0, end: trails });
  const names = store.schema.fields.map(({ name }) => name);
  for await (const batch of store.scan(options)) {
    for (const { trail, timestamp, values } of batch.events()) {
      lines.push(formatEvent({
        trail,
        uuid: keys.bytes.subarray(keys.starts[trail], keys.ends[trail]),
        time: timestamp,
        fields: values.map((
          value,
          i,
        ) => [names[i]!, value ?? new Uint8Array(0)]),
      }));
    }
  }
  return lines;
}
