/**
 * Batches of events into rows of text, straight from the columns.
 *
 * @module
 */
import {
  type Column,
  encodeText,
  type EventBatch,
  formatHex,
  type IdColumn,
  type Lexicon,
  type Store,
} from "@cairn/core";
import { formatKey, type KeyStyle } from "../text/key_text.ts";
import type { Escape } from "./escape.ts";
import { OutputBuffer } from "./output_buffer.ts";
import type { OutputColumn, RowFormat } from "./row_format.ts";

/** Where finished bytes go. The array may be used again once it resolves. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

/** Bytes of output handed on in one go. */
const CHUNK_BYTES = 1 << 20;
/** Trails whose keys are asked for in one go. */
const KEY_WINDOW = 65_536;

/** What a row writer is made of. */
export interface RowWriterOptions {
  /** The store that the batches come from, for the keys. */
  readonly store: Store;
  /** What rows look like. */
  readonly format: RowFormat;
  /** How keys are written. */
  readonly keyStyle: KeyStyle;
  /** Where bytes go. */
  readonly write: WriteBytes;
}

/** Writes rows; one for each dump. */
export class RowWriter {
  readonly #store: Store;
  readonly #format: RowFormat;
  readonly #keyStyle: KeyStyle;
  readonly #write: WriteBytes;
  readonly #out = new OutputBuffer(CHUNK_BYTES + (1 << 16));
  readonly #key = new OutputBuffer(256);
  readonly #values: (EscapedLexicon | undefined)[];
  readonly #wantsKeys: boolean;

  /** Makes a writer. @param options What it is made of. */
  constructor(options: RowWriterOptions) {
    this.#store = options.store;
    this.#format = options.format;
    this.#keyStyle = options.keyStyle;
    this.#write = options.write;
    this.#values = options.format.columns.map(() => undefined);
    this.#wantsKeys = options.format.columns.some((column) =>
      column.source === "trail"
    );
    this.#out.all(options.format.header);
  }

  /**
   * Writes the events of a batch.
   *
   * @param batch Events; its columns are those that the format speaks of.
   * @param limit Stop after so many.
   * @param signal Stops the reading of keys.
   */
  async batch(
    batch: EventBatch,
    limit: number = Infinity,
    signal?: AbortSignal,
  ): Promise<void> {
    this.#bind(batch);
    const { trailOrdinals, trailOffsets } = batch;
    const last = Math.min(batch.count, limit);
    let first = 0;
    while (first < trailOrdinals.length && trailOffsets[first]! < last) {
      const start = trailOrdinals[first]!;
      let next = first + 1;
      while (
        next < trailOrdinals.length && trailOffsets[next]! < last &&
        trailOrdinals[next]! - start < KEY_WINDOW
      ) next++;
      const range = { start, end: trailOrdinals[next - 1]! + 1 };
      const keys = this.#wantsKeys
        ? await this.#store.keys(range, signal === undefined ? {} : { signal })
        : undefined;
      for (let t = first; t < next; t++) {
        if (keys !== undefined) {
          const at = trailOrdinals[t]! - start;
          this.#setKey(keys.bytes.subarray(keys.starts[at]!, keys.ends[at]!));
        }
        let row = trailOffsets[t]!;
        const end = Math.min(last, trailOffsets[t + 1]!);
        while (row < end) {
          row = this.#rows(batch, row, end);
          if (this.#out.byteLength >= CHUNK_BYTES) await this.#flush();
        }
      }
      first = next;
    }
  }

  /** Hands on what is left. */
  async finish(): Promise<void> {
    await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#out.byteLength === 0) return;
    await this.#write(this.#out.view());
    this.#out.clear();
  }

  /** Writes rows until the end or until a chunk is full; gives the next one. */
  #rows(batch: EventBatch, start: number, end: number): number {
    const out = this.#out;
    const { open, separator, close, columns, omitEmpty } = this.#format;
    const { timestamps } = batch;
    let row = start;
    for (; row < end && out.byteLength < CHUNK_BYTES; row++) {
      out.all(open);
      let any = false;
      for (let c = 0; c < columns.length; c++) {
        const column = columns[c]!;
        if (typeof column.source === "number") {
          const values = batch.columns[column.source]!;
          if (omitEmpty && isEmpty(values, row)) continue;
          if (any) out.all(separator);
          out.all(column.prefix);
          this.#cell(values, row, column, c);
        } else {
          if (any) out.all(separator);
          out.all(column.prefix);
          if (column.source === "trail") {
            out.span(this.#key.bytes, 0, this.#key.byteLength);
          } else {
            this.#time(timestamps[row]!);
          }
        }
        any = true;
      }
      out.all(close);
    }
    return row;
  }

  #time(timestamp: number): void {
    const out = this.#out;
    if (!this.#format.timeQuote) return out.decimal(timestamp);
    out.byte(0x22);
    out.decimal(timestamp);
    out.byte(0x22);
  }

  #cell(values: Column, row: number, column: OutputColumn, c: number): void {
    const out = this.#out;
    if (values.kind === "ids") {
      const id = values.ids[row]!;
      if (id === 0) return out.all(column.empty);
      const escaped = this.#values[c]!;
      escaped.need(id);
      out.span(escaped.arena.bytes, escaped.starts[id]!, escaped.ends[id]!);
      return;
    }
    const start = values.starts[row]!;
    const end = values.ends[row]!;
    if (start === end) out.all(column.empty);
    else column.escape(values.bytes, start, end, out);
  }

  #setKey(key: Uint8Array): void {
    const style = this.#keyStyle;
    const escape =
      this.#format.columns.find((column) => column.source === "trail")!.escape;
    // A key that is no text is hex digits here, never an object of JSON.
    const text = encodeText(
      style === "text" ? formatKey(key, style) : formatHex(key),
    );
    this.#key.clear();
    escape(text, 0, text.length, this.#key);
  }

  #bind(batch: EventBatch): void {
    this.#format.columns.forEach((column, c) => {
      if (typeof column.source !== "number") return;
      const values = batch.columns[column.source]!;
      if (values.kind !== "ids") return;
      if (this.#values[c]?.lexicon !== values.lexicon) {
        this.#values[c] = new EscapedLexicon(values, column.escape);
      }
    });
  }
}

/** The values of a lexicon, written once each, when first asked for. */
class EscapedLexicon {
  readonly lexicon: Lexicon;
  readonly arena = new OutputBuffer();
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly #escape: Escape;

  constructor(column: IdColumn, escape: Escape) {
    this.lexicon = column.lexicon;
    this.#escape = escape;
    this.starts = new Uint32Array(column.lexicon.size);
    this.ends = new Uint32Array(column.lexicon.size);
    // No cell begins at 0, so that an end of 0 means "not written yet".
    this.arena.byte(0);
  }

  need(id: number): void {
    if (this.ends[id] !== 0) return;
    const value = this.lexicon.value(id);
    this.starts[id] = this.arena.byteLength;
    this.#escape(value, 0, value.length, this.arena);
    this.ends[id] = this.arena.byteLength;
  }
}

function isEmpty(column: Column, row: number): boolean {
  return column.kind === "ids"
    ? column.ids[row] === 0
    : column.starts[row] === column.ends[row];
}
