/**
 * Slices of batches into new batches.
 *
 * @module
 */
import type { ByteSpans } from "../column.ts";
import type { SortColumn } from "./event_sorter_options.ts";
import type { SortedBatch } from "./sorted_events.ts";

const ROWS_MAX = 1 << 16;

/** Byte strings that grow in number. */
class SpanBuilder {
  bytes: Uint8Array = new Uint8Array(1024);
  byteLength = 0;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;

  constructor(rowsMax: number) {
    this.starts = new Uint32Array(rowsMax);
    this.ends = new Uint32Array(rowsMax);
  }

  /** Sets a string; those before it must be set. */
  set(at: number, bytes: Uint8Array, start: number, end: number): void {
    const from = this.byteLength;
    this.#reserve(end - start);
    this.starts[at] = from;
    this.bytes.set(bytes.subarray(start, end), from);
    this.ends[at] = this.byteLength = from + end - start;
  }

  /**
   * Appends strings that lie one behind the other, until there are enough
   * bytes.
   *
   * @returns How many, at least 1.
   */
  append(
    spans: ByteSpans,
    start: number,
    end: number,
    at: number,
    bytesMax: number,
  ): number {
    const { bytes, starts, ends } = spans;
    const shift = this.byteLength - starts[start]!;
    let row = start;
    do {
      this.starts[at] = starts[row]! + shift;
      this.ends[at++] = ends[row]! + shift;
      row++;
    } while (row < end && ends[row - 1]! + shift < bytesMax);
    const part = bytes.subarray(starts[start]!, ends[row - 1]!);
    this.#reserve(part.length);
    this.bytes.set(part, this.byteLength);
    this.byteLength += part.length;
    return row - start;
  }

  #reserve(byteLength: number): void {
    const wanted = this.byteLength + byteLength;
    if (wanted <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.byteLength));
    this.bytes = grown;
  }

  /** Drops all strings from one on. */
  cut(at: number): void {
    this.byteLength = at === 0 ? 0 : this.ends[at - 1]!;
  }

  spans(count: number): ByteSpans {
    return {
      bytes: this.bytes.subarray(0, this.byteLength),
      starts: this.starts.subarray(0, count),
      ends: this.ends.subarray(0, count),
    };
  }
}

/**
 * Collects rows, trail by trail, until a batch is full. The batches they come
 * from are those of runs, whose byte strings lie one behind the other.
 */
export class BatchBuilder {
  readonly #rowsMax: number;
  readonly #bytesMax: number;
  readonly #times: Float64Array;
  readonly #columns: readonly (Uint32Array | SpanBuilder)[];
  readonly #keys: SpanBuilder;
  readonly #offsets: Uint32Array;
  #count = 0;
  /** Trails of the batch. */
  #trails = 0;
  #firstTrail = 0;
  #continued = false;
  /** Whether the batch has been handed out, so that its arrays must not change yet. */
  #taken = false;

  /**
   * Makes an empty builder.
   *
   * @param kinds Of the columns.
   * @param byteLength About how large a batch may get.
   */
  constructor(kinds: readonly SortColumn[], byteLength: number) {
    const rowBytes = 16 + 8 * kinds.length;
    this.#rowsMax = Math.max(
      1,
      Math.min(ROWS_MAX, Math.floor(byteLength / rowBytes)),
    );
    const bytesColumns = kinds.filter((kind) => kind === "bytes").length;
    this.#bytesMax = byteLength / (1 + bytesColumns);
    this.#times = new Float64Array(this.#rowsMax);
    this.#columns = kinds.map((kind) =>
      kind === "ids"
        ? new Uint32Array(this.#rowsMax)
        : new SpanBuilder(this.#rowsMax)
    );
    this.#keys = new SpanBuilder(this.#rowsMax);
    this.#offsets = new Uint32Array(this.#rowsMax);
  }

  /** Rows collected and not handed out. */
  get count(): number {
    return this.#taken ? 0 : this.#count;
  }

  /** Whether the batch must be taken before more is appended. */
  get full(): boolean {
    if (this.#taken) return false;
    return this.#count === this.#rowsMax ||
      this.#keys.byteLength >= this.#bytesMax ||
      this.#columns.some((column) =>
        column instanceof SpanBuilder && column.byteLength >= this.#bytesMax
      );
  }

  /** Begins the next trail, of which a row must follow. Its key is copied. */
  beginTrail(bytes: Uint8Array, start: number, end: number): void {
    if (this.#taken) {
      this.#firstTrail += this.#trails;
      this.#reset(0);
    }
    this.#keys.set(this.#trails, bytes, start, end);
    this.#offsets[this.#trails++] = this.#count;
  }

  /** Appends rows of the trail until full. @returns How many, at least 1. */
  append(batch: SortedBatch, start: number, end: number): number {
    if (this.#taken) this.#goOn();
    const at = this.#count;
    let stop = Math.min(end, start + this.#rowsMax - at);
    for (let c = 0; c < this.#columns.length; c++) {
      const to = this.#columns[c]!;
      if (!(to instanceof SpanBuilder)) continue;
      const spans = batch.columns[c] as ByteSpans;
      stop = start + to.append(spans, start, stop, at, this.#bytesMax);
    }
    const count = at + stop - start;
    for (let c = 0; c < this.#columns.length; c++) {
      const to = this.#columns[c]!;
      // Columns of bytes before the one that got full have rows too many.
      if (to instanceof SpanBuilder) to.cut(count);
      else copyNumbers(batch.columns[c] as Uint32Array, start, stop, to, at);
    }
    copyNumbers(batch.timestamps, start, stop, this.#times, at);
    this.#count = count;
    return stop - start;
  }

  /** Hands out the batch, valid until the next call that adds something. */
  take(): SortedBatch {
    const count = this.#count;
    const trailOffsets = new Uint32Array(this.#trails + 1);
    trailOffsets.set(this.#offsets.subarray(0, this.#trails));
    trailOffsets[this.#trails] = count;
    this.#taken = true;
    return {
      count,
      firstTrail: this.#firstTrail,
      continued: this.#continued,
      trailKeys: this.#keys.spans(this.#trails),
      trailOffsets,
      timestamps: this.#times.subarray(0, count),
      columns: this.#columns.map((column) =>
        column instanceof SpanBuilder
          ? column.spans(count)
          : column.subarray(0, count)
      ),
    };
  }

  /** Begins a batch with the rest of the last trail. */
  #goOn(): void {
    const last = this.#trails - 1;
    const { bytes, starts, ends } = this.#keys;
    const key = bytes.slice(starts[last], ends[last]);
    this.#firstTrail += last;
    this.#reset(1);
    this.#continued = true;
    this.#keys.set(0, key, 0, key.length);
    this.#offsets[0] = 0;
  }

  #reset(trails: number): void {
    this.#taken = false;
    this.#continued = false;
    this.#count = 0;
    this.#trails = trails;
    this.#keys.cut(0);
    for (const column of this.#columns) {
      if (column instanceof SpanBuilder) column.cut(0);
    }
  }
}

/** Numbers from this many on are copied by the engine, which takes a while to begin. */
const MANY = 64;

function copyNumbers<T extends Uint32Array | Float64Array>(
  from: T,
  start: number,
  end: number,
  to: T,
  at: number,
): void {
  if (end - start >= MANY) to.set(from.subarray(start, end), at);
  else for (; start < end; start++, at++) to[at] = from[start]!;
}
