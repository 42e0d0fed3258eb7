/**
 * Events as a table for people.
 *
 * @module
 */
import {
  columnValue,
  decodeText,
  encodeText,
  type EventBatch,
  formatHex,
  type Store,
} from "@cairn/core";
import { formatKey, type KeyStyle } from "../text/key_text.ts";
import type { ColumnSpec } from "./row_format.ts";
import type { WriteBytes } from "./row_writer.ts";
import { TableWriter } from "./table.ts";

/** What a table is made of. */
export interface EventTableOptions {
  /** The store that the batches come from, for the keys. */
  readonly store: Store;
  /** The columns. */
  readonly columns: readonly ColumnSpec[];
  /** How keys are written. */
  readonly keyStyle: KeyStyle;
  /** Where bytes go. */
  readonly write: WriteBytes;
}

/**
 * Writes events as a table, with a line of titles.
 *
 * @param batches Events, each with how many of them count.
 * @param options What the table is made of.
 */
export async function writeEventTable(
  batches: AsyncIterable<{ batch: EventBatch; count: number }>,
  { store, columns, keyStyle, write }: EventTableOptions,
): Promise<void> {
  const right = columns.flatMap(({ source, type }, i) =>
    source === "time" || type === "integer" ? [i] : []
  );
  const table = new TableWriter((text) => write(encodeText(text)), { right });
  await table.row(columns.map(({ title }) => title));
  for await (const { batch, count } of batches) {
    for (let t = 0; t < batch.trailCount; t++) {
      const start = batch.trailOrdinals[t]!;
      const keys = await store.keys({ start, end: start + 1 });
      const key = formatKey(
        keys.bytes.subarray(keys.starts[0]!, keys.ends[0]!),
        keyStyle,
      );
      const end = Math.min(count, batch.trailOffsets[t + 1]!);
      for (let row = batch.trailOffsets[t]!; row < end; row++) {
        await table.row(columns.map(({ source }) => {
          if (source === "trail") return key;
          if (source === "time") return String(batch.timestamps[row]!);
          return shown(columnValue(batch.columns[source]!, row));
        }));
      }
    }
  }
  await table.finish();
}

function shown(value: Uint8Array | null): string {
  if (value === null) return "";
  return decodeText(value) ?? `0x${formatHex(value)}`;
}
