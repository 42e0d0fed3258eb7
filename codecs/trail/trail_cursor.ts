/**
 * Reading trails event by event.
 *
 * @module
 */
import { type AbortOptions, CairnError } from "@cairn/core";
import { EventDecoder } from "./event_decoder.ts";
import type { EventFilter } from "./event_filter.ts";
import { makeItem, type TrailItem } from "./items.ts";
import type { TrailFile } from "./trail_file.ts";

/** An event as TrailDB gives it. A copy: it stays as it is. */
export interface TrailEvent {
  /** Its time; may be above 2^53. */
  readonly time: bigint;
  /**
   * Its items: one for each field in schema order, or, in a cursor that gives
   * only what differs, those that the file stores for this event, in its order.
   */
  readonly items: readonly TrailItem[];
}

/** How a cursor reads. */
export interface CursorOptions {
  /** Only the items that the file stores: all at first, then what changed. */
  readonly onlyDiffItems?: boolean;
  /** Which events; without it the filter of the trail or database applies. */
  readonly filter?: EventFilter;
}

/** Finds the filter of a trail; the database gives it to its cursors. */
export type FilterLookup = (trail: number) => EventFilter | undefined;

/**
 * Walks over the events of one trail after the other. Loading a trail waits
 * for its bytes; everything after that does not.
 *
 * @example The events of a trail
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSchema, encodeText, MemorySink, MemorySource } from "@cairn/core";
 * import { createTrailStore, TrailDatabase } from "@cairn/trail";
 *
 * const sink = new MemorySink();
 * await using writer = await createTrailStore(sink, createSchema(["page"]));
 * await writer.add(new Uint8Array(16), 5, [encodeText("/home")]);
 * await writer.finish();
 *
 * await using db = await TrailDatabase.open(new MemorySource(sink.bytes()));
 * const cursor = db.cursor();
 * await cursor.load(0);
 * for (const event of cursor) assertEquals(event.time, 5n);
 * ```
 */
export class TrailCursor {
  /** Whether it gives only the items that the file stores. */
  readonly onlyDiffItems: boolean;
  readonly #file: TrailFile;
  readonly #lookup: FilterLookup;
  #own: EventFilter | undefined;
  #filter: EventFilter | undefined;
  #decoder: EventDecoder | undefined;
  #next: TrailEvent | undefined;
  #trail: number | undefined;
  #loads = 0;

  /**
   * Makes a cursor without a trail. Use {@linkcode TrailDatabase.cursor}.
   *
   * @param file The file.
   * @param lookup The filter of a trail, or of all.
   * @param options How it reads.
   * @throws {CairnError} `unsupported` for a filter over what differs.
   */
  constructor(
    file: TrailFile,
    lookup: FilterLookup,
    options: CursorOptions = {},
  ) {
    this.#file = file;
    this.#lookup = lookup;
    this.onlyDiffItems = options.onlyDiffItems ?? false;
    if (options.filter !== undefined) this.setFilter(options.filter);
  }

  /** The trail that is loaded; `undefined` before the first, and after a failure. */
  get trail(): number | undefined {
    return this.#trail;
  }

  /**
   * Goes to the first event of a trail. Its filter is settled here: that of the
   * cursor, else of the trail, else of the database.
   *
   * @param trail Its ordinal.
   * @throws {RangeError} When there is no such trail; the cursor is then empty.
   * @throws {CairnError} `unsupported`, reason `only-diff-filter`, when a filter
   * applies to a cursor of what differs; the cursor is then empty. `corrupt`, `io`.
   */
  async load(trail: number, options: AbortOptions = {}): Promise<void> {
    this.#clear();
    const load = ++this.#loads;
    const { trails } = this.#file.info;
    if (!Number.isInteger(trail) || trail < 0 || trail >= trails) {
      throw new RangeError(
        `Cannot load trail ${trail}: there are ${trails} trails`,
      );
    }
    const filter = this.#own ?? this.#lookup(trail);
    if (filter !== undefined && this.onlyDiffItems) throw onlyDiffError();
    const model = await this.#file.model(options);
    const { bytes, byteLength, offset } = await this.#file.trailBytes(
      trail,
      options,
    );
    // The last call wins, whichever bytes come first.
    if (load !== this.#loads) return;
    const decoder = new EventDecoder(model);
    decoder.load(bytes, byteLength, offset);
    this.#filter = filter;
    this.#trail = trail;
    if (!filter?.matchesNone) this.#decoder = decoder;
  }

  /** Gives the next event and goes past it; `undefined` at the end. */
  next(): TrailEvent | undefined {
    const event = this.peek();
    this.#next = undefined;
    return event;
  }

  /** Gives the event that `next` will give, without going past it. */
  peek(): TrailEvent | undefined {
    this.#next ??= this.#decode();
    return this.#next;
  }

  /** Counts the events that are left, the filter applied, and uses them up. */
  countLeft(): number {
    let count = this.#next === undefined ? 0 : 1;
    this.#next = undefined;
    while (this.#step()) count++;
    return count;
  }

  /**
   * Sets the filter of this cursor, at once, also for the events left of the
   * loaded trail.
   *
   * @throws {CairnError} `unsupported`, reason `only-diff-filter`.
   */
  setFilter(filter: EventFilter): void {
    if (this.onlyDiffItems) throw onlyDiffError();
    this.#own = filter;
    this.#filter = filter;
    const next = this.#next;
    if (next === undefined || this.#decoder === undefined) return;
    if (!filter.matches(next.time, this.#decoder.values)) {
      this.#next = undefined;
    }
  }

  /** Removes it: from the next trail on, those of trail or database apply again. */
  unsetFilter(): void {
    this.#own = undefined;
  }

  /** Walks over the events that are left. */
  *[Symbol.iterator](): Generator<TrailEvent> {
    for (let event = this.next(); event !== undefined; event = this.next()) {
      yield event;
    }
  }

  #clear(): void {
    this.#decoder = undefined;
    this.#next = undefined;
    this.#filter = undefined;
    this.#trail = undefined;
  }

  /** Moves to the next event that passes the filter. */
  #step(): boolean {
    this.#file.assertOpen();
    const decoder = this.#decoder;
    if (decoder === undefined) return false;
    try {
      while (decoder.next()) {
        const filter = this.#filter;
        if (filter === undefined || filter.matchesAll) return true;
        if (filter.matches(decoder.time, decoder.values)) return true;
      }
    } catch (error) {
      this.#clear();
      throw error;
    }
    return false;
  }

  #decode(): TrailEvent | undefined {
    if (!this.#step()) return undefined;
    const decoder = this.#decoder!;
    const items: TrailItem[] = [];
    if (this.onlyDiffItems) {
      for (let i = 0; i < decoder.itemCount; i++) {
        items.push(makeItem(decoder.itemFields[i]!, decoder.itemValues[i]!));
      }
    } else {
      for (let field = 1; field < decoder.values.length; field++) {
        items.push(makeItem(field, decoder.values[field]!));
      }
    }
    return { time: decoder.time, items };
  }
}

function onlyDiffError(): CairnError {
  return new CairnError(
    "unsupported",
    "Cannot filter a cursor that gives only items that differ: events lack the others",
    { reason: "only-diff-filter" },
  );
}
