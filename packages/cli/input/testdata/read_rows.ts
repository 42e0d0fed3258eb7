/**
 * Reading events into plain rows, for tests.
 *
 * @module
 */
import { type CairnError, encodeText, spanValue } from "@cairn/core";
import { type InputFile, streamInput } from "../input_file.ts";
import { openEvents } from "../read_events.ts";
import type { ReadEventsOptions } from "../read_options.ts";

/** An event as text. */
export type Row = readonly [key: string, time: number, ...values: string[]];

/** What was read. */
export interface Rows {
  readonly fields: readonly string[];
  readonly rows: readonly Row[];
  /** Place and words of each bad line. */
  readonly bad: readonly string[];
}

/** Makes an input of bytes that come in pieces of a given length. */
export function pieces(
  bytes: Uint8Array | string,
  pieceBytes = Infinity,
  name = "-",
): InputFile {
  const all = typeof bytes === "string" ? encodeText(bytes) : bytes;
  return streamInput(name, async function* () {
    for (let start = 0; start < all.length; start += pieceBytes) {
      // A piece is gone when the next one is asked for.
      const piece = all.slice(start, start + pieceBytes);
      yield piece;
      piece.fill(0x21);
    }
  });
}

/** Columns used when a test says nothing. */
export const OPTIONS: ReadEventsOptions = { trail: "k", time: "t" };

/** Reads inputs to the end. Values that are not UTF-8 come as hex. */
export async function readRows(
  inputs: InputFile | readonly InputFile[] | string | Uint8Array,
  options: Partial<ReadEventsOptions> = {},
): Promise<Rows> {
  const files = typeof inputs === "string" || inputs instanceof Uint8Array
    ? [pieces(inputs)]
    : Array.isArray(inputs)
    ? inputs as readonly InputFile[]
    : [inputs as InputFile];
  const bad: string[] = [];
  await using reader = await openEvents(files, {
    ...OPTIONS,
    onBad: (error: CairnError) => {
      const { line, column } = error.where;
      bad.push(`${line}:${column} ${error.detail}`);
    },
    ...options,
  });
  const rows: Row[] = [];
  for await (const batch of reader.batches()) {
    const text = (spans: typeof batch.trailKeys, row: number) =>
      show(spanValue(spans, row) ?? new Uint8Array(0));
    for (let row = 0; row < batch.count; row++) {
      rows.push([
        text(batch.trailKeys, row),
        batch.timestamps[row]!,
        ...batch.columns.map((column) => text(column, row)),
      ]);
    }
  }
  return { fields: reader.fields, rows, bad };
}

function show(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    return bytes.toHex();
  }
}
