/**
 * Events of streams as text.
 *
 * @module
 */
import { decodeText, encodeText } from "@cairn/core";
import type { StreamRow, StreamRows } from "./codec_entry.ts";
import type { CommandContext } from "./command_context.ts";
import { escapeNothing } from "./output/escape.ts";
import { OutputBuffer } from "./output/output_buffer.ts";

/** The formats of stream events. */
export const STREAM_FORMATS = ["lines", "ndjson"] as const;

/** Name of a format. */
export type StreamFormat = typeof STREAM_FORMATS[number];

/** Prints batches of events to standard output, as soon as they are there. */
export class StreamPrinter {
  readonly #context: CommandContext;
  readonly #format: StreamFormat;
  readonly #out = new OutputBuffer();

  /** Makes a printer. @param context Where to. @param format How. */
  constructor(context: CommandContext, format: StreamFormat) {
    this.#context = context;
    this.#format = format;
  }

  /** Prints a batch. @param rows The events. */
  async print(rows: StreamRows): Promise<void> {
    const out = this.#out;
    out.clear();
    for (const row of rows.events()) {
      if (this.#format === "lines") {
        escapeNothing(row.data, 0, row.data.length, out);
      } else {
        out.all(encodeText(JSON.stringify(toJson(row))));
      }
      out.byte(0x0a);
    }
    await this.#context.io.stdout.write(out.view());
  }
}

/** `data_b64` and pairs in base64 stand where text cannot. */
function toJson({ offset, data, keys }: StreamRow) {
  const indexes: Record<string, string> = {};
  const other: string[] = [];
  for (const { key } of keys) {
    const text = decodeText(key);
    const colon = text?.indexOf(":") ?? -1;
    const name = text?.slice(0, colon) ?? "";
    // A key that an object cannot hold must not get lost.
    if (text === undefined || colon < 0 || Object.hasOwn(indexes, name)) {
      other.push(key.toBase64());
    } else {
      Object.defineProperty(indexes, name, {
        value: text.slice(colon + 1),
        enumerable: true,
      });
    }
  }
  const text = decodeText(data);
  return {
    offset,
    indexes,
    ...(other.length === 0 ? {} : { keys_b64: other }),
    ...(text === undefined ? { data_b64: data.toBase64() } : { data: text }),
  };
}
