/**
 * Rows on their way out of a scan, cut into batches.
 *
 * @module
 */

/** Decoded rows: whole trails, but for one that is longer than a batch. */
export interface ScanRows {
  /** Ordinals of the trails, ascending; each has rows. */
  readonly trailOrdinals: Uint32Array;
  /** Where each trail's rows begin, and the end of the last. */
  readonly trailOffsets: Uint32Array;
  /** A time for each row. */
  readonly times: Float64Array;
  /** Ids for each column. */
  readonly columns: readonly Uint32Array[];
  /** Whether the last trail goes on in the next rows. */
  readonly goesOn: boolean;
}

/** Where rows are written: arrays of one length, and how to make them. */
export interface RowArrays {
  /** Times. */
  readonly times: Float64Array;
  /** Ids of each column. */
  readonly columns: readonly Uint32Array[];
}

/**
 * Keeps rows until there are enough for a batch, and cuts where a trail ends.
 *
 * Whoever decodes writes rows from `end` on, tells with `add` and `commit`
 * whose they are, and passes on what `take` gives before writing more.
 */
export class ScanBuffer {
  /** The first row that is not written yet. */
  end = 0;
  readonly #arrays: RowArrays;
  readonly #batchRows: number;
  #start = 0;
  #ordinals: number[] = [];
  #starts: number[] = [];
  #open = false;

  /**
   * Makes an empty buffer.
   *
   * @param arrays Room for `batchRows` and what is written at a time.
   * @param batchRows Most rows of a batch.
   */
  constructor(arrays: RowArrays, batchRows: number) {
    this.#arrays = arrays;
    this.#batchRows = batchRows;
  }

  /** Whether a batch is ready: `take` before writing more. */
  get isFull(): boolean {
    return this.end - this.#start >= this.#batchRows;
  }

  /**
   * Notes rows of a trail, behind those noted so far.
   *
   * @param ordinal The trail; the same as before goes on, unless it has ended.
   * @param start Its first row.
   * @param end The first row behind.
   * @param ended Whether the trail ends there.
   */
  add(ordinal: number, start: number, end: number, ended: boolean): void {
    if (!this.#open && end > start) {
      this.#ordinals.push(ordinal);
      this.#starts.push(start);
      this.#open = true;
    }
    this.end = end;
    if (!ended) return;
    this.#open = false;
    // A trail that was cut just where it ends has nothing more to show.
    if (this.#starts[this.#starts.length - 1] === end) {
      this.#starts.pop();
      this.#ordinals.pop();
    }
  }

  /** Moves what is left to the front, so that there is room behind it. */
  makeRoom(): void {
    const { times, columns } = this.#arrays;
    const start = this.#start;
    if (start === 0) return;
    times.copyWithin(0, start, this.end);
    for (const column of columns) column.copyWithin(0, start, this.end);
    for (let i = 0; i < this.#starts.length; i++) this.#starts[i]! -= start;
    this.end -= start;
    this.#start = 0;
  }

  /** Takes a batch; views that are valid until more is written. */
  take(): ScanRows {
    const limit = this.#start + this.#batchRows;
    if (this.end <= limit) {
      return this.#cut(this.#open ? this.#lastStart() : this.end, limit);
    }
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= limit) low = middle + 1;
      else high = middle;
    }
    return this.#cut(this.#starts[low - 1]!, limit);
  }

  /** Takes what is left at the end, if there is anything. */
  takeRest(): ScanRows | undefined {
    if (this.end === this.#start) return undefined;
    return this.#cut(
      Math.min(this.end, this.#start + this.#batchRows),
      this.end,
    );
  }

  #lastStart(): number {
    return this.#starts[this.#starts.length - 1]!;
  }

  /** Cuts at a row where a trail begins, or at `limit` inside a long one. */
  #cut(at: number, limit: number): ScanRows {
    const start = this.#start;
    const cut = at > start ? at : Math.min(limit, this.end);
    let count = 0;
    while (count < this.#starts.length && this.#starts[count]! < cut) count++;
    const trailOrdinals = Uint32Array.from(this.#ordinals.slice(0, count));
    const trailOffsets = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) trailOffsets[i] = this.#starts[i]! - start;
    trailOffsets[count] = cut - start;
    // The last trail stays when the cut is inside it, or when it is not over.
    const next = this.#starts[count];
    const goesOn = next === undefined
      ? cut < this.end || this.#open
      : next > cut;
    const { times, columns } = this.#arrays;
    const rows = {
      trailOrdinals,
      trailOffsets,
      times: times.subarray(start, cut),
      columns: columns.map((column) => column.subarray(start, cut)),
      goesOn,
    };
    const gone = goesOn ? count - 1 : count;
    this.#ordinals.splice(0, gone);
    this.#starts.splice(0, gone);
    if (goesOn) this.#starts[0] = cut;
    this.#start = cut;
    return rows;
  }
}
