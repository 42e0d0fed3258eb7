/**
 * Batches of events into rows of text, straight from the columns.
 *
 * @module
 */
import {
  type BytesColumn,
  concatBytes,
  encodeText,
  type EventBatch,
  formatHex,
  type Lexicon,
  type Store,
} from "@cairn/core";
import { formatKey, type KeyStyle } from "../text/key_text.ts";
import { OutputBuffer } from "./output_buffer.ts";
import type { OutputColumn, RowFormat } from "./row_format.ts";

/** Where finished bytes go. The array may be used again once it resolves. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

/** Bytes of output handed on in one go. */
const CHUNK_BYTES = 1 << 20;
/** Cells up to this are copied byte by byte: a call costs more. */
const SHORT_BYTES = 64;
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
  readonly #cells: readonly Cell[];
  readonly #wantsKeys: boolean;

  /** Makes a writer. @param options What it is made of. */
  constructor(options: RowWriterOptions) {
    const { format } = options;
    this.#store = options.store;
    this.#format = format;
    this.#keyStyle = options.keyStyle;
    this.#write = options.write;
    this.#cells = format.columns.map((column, c) =>
      new Cell(format, column, c)
    );
    this.#wantsKeys = format.columns.some(({ source }) => source === "trail");
    this.#out.all(format.header);
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
    for (const cell of this.#cells) cell.bind(batch);
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
          row = this.#rows(batch.timestamps, row, end);
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
  #rows(timestamps: Float64Array, start: number, end: number): number {
    const out = this.#out;
    const { open, close } = this.#format;
    const cells = this.#cells;
    let row = start;
    for (; row < end && out.byteLength < CHUNK_BYTES; row++) {
      const begin = out.byteLength;
      out.all(open);
      const inner = out.byteLength;
      for (let c = 0; c < cells.length; c++) {
        const cell = cells[c]!;
        if (cell.kind === "ids") {
          // The common case, kept short: lead and value lie side by side.
          const id = cell.ids[row]!;
          if (cell.ends[id] === 0) cell.prepare(id);
          const source = cell.arena.bytes;
          const end = cell.ends[id]!;
          let from = cell.starts[id]!;
          if (end - from > SHORT_BYTES) {
            out.span(source, from, end);
            continue;
          }
          out.reserve(SHORT_BYTES);
          const { bytes } = out;
          let at = out.byteLength;
          while (from < end) bytes[at++] = source[from++]!;
          out.byteLength = at;
        } else if (cell.kind === "bytes") {
          cell.writeBytes(row, out);
        } else if (cell.kind === "time") {
          cell.writeTime(timestamps[row]!, out);
        } else {
          out.span(cell.arena.bytes, 0, cell.arena.byteLength);
        }
      }
      this.#mendStart(begin, inner);
      out.all(close);
    }
    return row;
  }

  /**
   * Takes a separator away that stands at the start of a row, since the cells
   * before it were left out.
   */
  #mendStart(begin: number, inner: number): void {
    const { omitEmpty, separator, open } = this.#format;
    const out = this.#out;
    if (!omitEmpty || !this.#cells[0]!.isOptional) return;
    if (out.byteLength === inner || this.#cells[0]!.wasWritten) return;
    out.bytes.copyWithin(
      begin + open.length,
      inner + separator.length,
      out.byteLength,
    );
    out.byteLength -= separator.length;
  }

  #setKey(key: Uint8Array): void {
    const style = this.#keyStyle;
    // A key that is no text is hex digits here, never an object of JSON.
    const text = encodeText(
      style === "text" ? formatKey(key, style) : formatHex(key),
    );
    for (const cell of this.#cells) {
      if (cell.kind === "trail") cell.setText(text);
    }
  }
}

const QUOTE = 0x22;

/** One column of output over the batch at hand. */
class Cell {
  readonly #column: OutputColumn;
  readonly #format: RowFormat;
  /** What comes before each value: the separator and the prefix. */
  readonly #lead: Uint8Array;
  #lexicon: Lexicon | undefined;
  #values: BytesColumn | undefined;
  #timestamp = -1;
  #isWritten = true;
  kind: "trail" | "time" | "ids" | "bytes";
  /** Whether it is a field that is left out where it has no value. */
  readonly isOptional: boolean;
  /** What was written already: a key, a time, or the values of a lexicon; each with its lead. */
  arena = new OutputBuffer(256);
  ids: Uint32Array = new Uint32Array(0);
  starts: Uint32Array = new Uint32Array(0);
  ends: Uint32Array = new Uint32Array(0);

  constructor(format: RowFormat, column: OutputColumn, position: number) {
    this.#column = column;
    this.#format = format;
    this.#lead = position === 0
      ? column.prefix
      : concatBytes([format.separator, column.prefix]);
    const { source } = column;
    this.kind = typeof source === "number" ? "bytes" : source;
    this.isOptional = format.omitEmpty && typeof source === "number";
  }

  /** Whether the last row has this cell; of optional ones. */
  get wasWritten(): boolean {
    return this.#isWritten;
  }

  bind(batch: EventBatch): void {
    const { source } = this.#column;
    if (typeof source !== "number") return;
    const values = batch.columns[source]!;
    this.kind = values.kind;
    if (values.kind === "bytes") {
      this.#values = values;
      return;
    }
    // An optional first cell must say for each row whether it was there.
    if (this.isOptional && this.#lead === this.#column.prefix) {
      this.kind = "bytes";
    }
    this.ids = values.ids;
    if (this.#lexicon === values.lexicon) return;
    this.#lexicon = values.lexicon;
    this.starts = new Uint32Array(values.lexicon.size);
    this.ends = new Uint32Array(values.lexicon.size);
    // Nothing begins at 0, so that an end of 0 means "not written yet".
    this.arena = new OutputBuffer();
    this.arena.byte(0);
  }

  /** Writes the lead and the value of an id into the arena. */
  prepare(id: number): void {
    const { arena } = this;
    this.starts[id] = arena.byteLength;
    if (id !== 0 || !this.isOptional) {
      arena.all(this.#lead);
      if (id === 0) arena.all(this.#column.empty);
      else {
        const value = this.#lexicon!.value(id);
        this.#column.escape(value, 0, value.length, arena);
      }
    }
    this.ends[id] = arena.byteLength;
  }

  writeBytes(row: number, out: OutputBuffer): void {
    const values = this.#values;
    let bytes: Uint8Array;
    let start = 0;
    let end: number;
    if (values === undefined) {
      bytes = this.#lexicon!.value(this.ids[row]!);
      end = bytes.length;
    } else {
      bytes = values.bytes;
      start = values.starts[row]!;
      end = values.ends[row]!;
    }
    this.#isWritten = start !== end || !this.isOptional;
    if (!this.#isWritten) return;
    out.all(this.#lead);
    if (start === end) out.all(this.#column.empty);
    else this.#column.escape(bytes, start, end, out);
  }

  writeTime(timestamp: number, out: OutputBuffer): void {
    const { arena } = this;
    if (timestamp !== this.#timestamp) {
      this.#timestamp = timestamp;
      arena.clear();
      arena.all(this.#lead);
      if (this.#format.timeQuote) arena.byte(QUOTE);
      arena.decimal(timestamp);
      if (this.#format.timeQuote) arena.byte(QUOTE);
    }
    out.span(arena.bytes, 0, arena.byteLength);
  }

  setText(text: Uint8Array): void {
    this.arena.clear();
    this.arena.all(this.#lead);
    this.#column.escape(text, 0, text.length, this.arena);
  }
}
