/**
 * Making batches of the right size out of rows that come in any.
 *
 * @module
 */
import { ScanBuffer, type ScanRows } from "./scan_buffer.ts";

/** Copies rows together, or apart. */
export class RowGatherer {
  readonly #buffer: ScanBuffer;
  readonly #times: Float64Array;
  readonly #columns: readonly Uint32Array[];

  /**
   * Makes an empty gatherer.
   *
   * @param columnCount Columns of the rows.
   * @param batchRows Most rows of a batch to give.
   * @param rowsMax Most rows that are taken at a time.
   */
  constructor(columnCount: number, batchRows: number, rowsMax: number) {
    const capacity = batchRows + rowsMax;
    this.#times = new Float64Array(capacity);
    this.#columns = Array.from(
      { length: columnCount },
      () => new Uint32Array(capacity),
    );
    this.#buffer = new ScanBuffer(
      { times: this.#times, columns: this.#columns },
      batchRows,
    );
  }

  /** Takes rows, which may go then, and gives batches as they fill. */
  *push(rows: ScanRows): Generator<ScanRows> {
    const buffer = this.#buffer;
    while (buffer.isFull) yield buffer.take();
    buffer.makeRoom();
    const base = buffer.end;
    this.#times.set(rows.times, base);
    this.#columns.forEach((column, i) => column.set(rows.columns[i]!, base));
    const { trailOrdinals, trailOffsets } = rows;
    for (let t = 0; t < trailOrdinals.length; t++) {
      buffer.add(
        trailOrdinals[t]!,
        base + trailOffsets[t]!,
        base + trailOffsets[t + 1]!,
        t < trailOrdinals.length - 1 || !rows.goesOn,
      );
    }
  }

  /** Gives what is left. */
  *flush(): Generator<ScanRows> {
    while (this.#buffer.isFull) yield this.#buffer.take();
    const rest = this.#buffer.takeRest();
    if (rest !== undefined) yield rest;
  }
}
