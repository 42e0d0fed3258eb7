/**
 * The columns of a run of events, read as they are asked for.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  CHUNK_BITS,
  type Lexicon,
  type Schema,
} from "@cairn/core";
import type { EventColumns } from "./event_columns.ts";
import { TIME_FIELD, VALUE_PREFIX } from "./event_layout.ts";
import type { EventWindow } from "./event_windows.ts";
import type { KeyspaceReader } from "../keyspace_reader.ts";

/** What windows are read from. */
export interface WindowParts {
  /** The event fields. */
  readonly schema: Schema;
  /** The keyspace of events. */
  readonly events: KeyspaceReader;
  /** The smallest time. */
  readonly timeBase: number;
}

/** Reads the columns of one window, each at most once. */
export class WindowReading {
  readonly #parts: WindowParts;
  readonly #columns: EventColumns;
  readonly #lexicons: readonly (Lexicon | undefined)[];
  readonly #options: AbortOptions;
  readonly #ids = new Map<number, Uint32Array>();
  #times: Float64Array | undefined;
  #window: EventWindow = { start: 0, end: 0, trails: new Uint32Array(0) };

  constructor(
    parts: WindowParts,
    columns: EventColumns,
    lexicons: readonly (Lexicon | undefined)[],
    options: AbortOptions,
  ) {
    this.#parts = parts;
    this.#columns = columns;
    this.#lexicons = lexicons;
    this.#options = options.signal === undefined
      ? {}
      : { signal: options.signal };
  }

  /** Turns to another window. */
  begin(window: EventWindow): void {
    this.#window = window;
    this.#ids.clear();
    this.#times = undefined;
  }

  /** Value ids of the window's events. @param field Ordinal of the field. */
  async ids(field: number): Promise<Uint32Array> {
    let ids = this.#ids.get(field);
    if (ids !== undefined) return ids;
    const name = VALUE_PREFIX + this.#parts.schema.fields[field]!.name;
    const all = await this.#columns.ids(name, this.#chunks(), this.#options);
    ids = this.#cut(all);
    const { size } = this.#lexicons[field]!;
    for (let i = 0; i < ids.length; i++) {
      if (ids[i]! >= size) {
        throw new CairnError(
          "corrupt",
          `Cannot read events: value id ${ids[i]} of "${name}", ${
            size - 1
          } values`,
          { where: { file: this.#parts.events.reader.name, part: "events" } },
        );
      }
    }
    this.#ids.set(field, ids);
    return ids;
  }

  /** Times of the window's events. */
  async times(): Promise<Float64Array> {
    this.#times ??= this.#cut(
      await this.#columns.times(
        TIME_FIELD,
        this.#parts.timeBase,
        this.#chunks(),
        this.#options,
      ),
    );
    return this.#times;
  }

  /** Bits of the window's events that have a value id, and where the first is. */
  async equal(
    field: number,
    id: number,
    bitmap: string | undefined,
  ): Promise<{ readonly words: Uint32Array; readonly shift: number }> {
    const range = this.#chunks();
    const shift = this.#window.start - range.start * CHUNK_BITS;
    if (bitmap !== undefined) {
      const words = await this.#columns.value(bitmap, id, range, this.#options);
      return { words, shift };
    }
    const name = VALUE_PREFIX + this.#parts.schema.fields[field]!.name;
    const slices = await this.#columns.slices(name, 32, range, this.#options);
    const words = new Uint32Array((range.end - range.start) * (CHUNK_BITS / 32))
      .fill(0xffff_ffff);
    slices.forEach((slice, bit) => {
      const wanted = (id >>> bit & 1) === 1;
      for (let w = 0; w < words.length; w++) {
        words[w]! &= wanted ? slice[w]! : ~slice[w]!;
      }
    });
    if (slices.length < 32 && id >= 2 ** slices.length) words.fill(0);
    return { words, shift };
  }

  #chunks(): { start: number; end: number } {
    return {
      start: Math.floor(this.#window.start / CHUNK_BITS),
      end: Math.ceil(this.#window.end / CHUNK_BITS),
    };
  }

  /** Leaves out the events of the first and last chunk that are outside. */
  #cut<T extends Uint32Array | Float64Array>(all: T): T {
    const first = this.#chunks().start * CHUNK_BITS;
    const { start, end } = this.#window;
    return all.subarray(start - first, end - first) as T;
  }
}
