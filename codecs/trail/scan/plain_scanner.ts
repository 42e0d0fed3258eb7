/**
 * Decoding many trails to columns, event by event: for the rare file that the
 * kernel cannot take, and as what the kernel is held against.
 *
 * @module
 */
import { type DecodeModel, EventDecoder } from "../event_decoder.ts";
import type {
  ScannerOptions,
  TrailExtent,
  TrailScanner,
} from "./trail_scanner.ts";
import { ScanBuffer, type ScanRows } from "./scan_buffer.ts";
import { corruptMember } from "../trail_members.ts";

/** Decodes one event after the other. */
export class PlainScanner implements TrailScanner {
  /** Rows decoded so far. */
  rowCount = 0;
  readonly #model: DecodeModel;
  readonly #fields: readonly number[];
  readonly #timeSpan: number;
  readonly #decoder: EventDecoder;
  readonly #times: Float64Array;
  readonly #columns: readonly Uint32Array[];
  readonly #buffer: ScanBuffer;

  /**
   * Makes a scanner.
   *
   * @param model The file's; its times must be within 2^53.
   * @param options What to decode.
   */
  constructor(model: DecodeModel, options: ScannerOptions) {
    this.#model = model;
    this.#fields = options.fields;
    this.#timeSpan = options.timeSpan;
    this.#decoder = new EventDecoder(model);
    const capacity = 2 * options.batchRows;
    this.#times = new Float64Array(capacity);
    this.#columns = options.fields.map(() => new Uint32Array(capacity));
    this.#buffer = new ScanBuffer(
      { times: this.#times, columns: this.#columns },
      options.batchRows,
    );
  }

  /** Decodes an extent. See {@linkcode TrailScanner.decode}. */
  *decode(extent: TrailExtent): Generator<ScanRows> {
    const decoder = this.#decoder;
    const buffer = this.#buffer;
    const minTime = Number(this.#model.minTime);
    buffer.makeRoom(); // a flush may have come before
    for (let i = 0; i < extent.ordinals.length; i++) {
      const start = extent.starts[i]!;
      const offset = extent.offset + start;
      decoder.load(
        extent.bytes.subarray(start),
        extent.ends[i]! - start,
        offset,
      );
      const ordinal = extent.ordinals[i]!;
      while (decoder.next()) {
        if (decoder.sinceMinTime > this.#timeSpan) {
          throw corruptMember(
            this.#model.data,
            `Cannot decode trail: time ${decoder.time}, above the largest that info states`,
            offset,
          );
        }
        if (buffer.isFull) {
          yield buffer.take();
          buffer.makeRoom();
        }
        const row = buffer.end;
        this.#times[row] = minTime + decoder.sinceMinTime;
        this.#fields.forEach((field, column) => {
          this.#columns[column]![row] = decoder.values[field]!;
        });
        buffer.add(ordinal, row, row + 1, decoder.atEnd);
        this.rowCount++;
      }
    }
  }

  /** Gives what is left. See {@linkcode TrailScanner.flush}. */
  *flush(): Generator<ScanRows> {
    while (this.#buffer.isFull) yield this.#buffer.take();
    const rest = this.#buffer.takeRest();
    if (rest !== undefined) yield rest;
  }
}
