/**
 * Merging cursors by time.
 *
 * @module
 */
import type { TrailCursor, TrailEvent } from "./trail_cursor.ts";

/** An event and where it comes from. */
export interface MultiCursorEvent {
  /** The event. */
  readonly event: TrailEvent;
  /** Which of the cursors it comes from, from 0. */
  readonly cursor: number;
}

/**
 * Gives the events of several cursors, of one or several TrailDBs, by ascending
 * time; equal times come by the number of the cursor, and events of one cursor
 * in its order. An event costs a number of steps that grows with the logarithm
 * of the number of cursors.
 *
 * After moving one of the cursors by itself, call `reset`.
 */
export class MultiCursor {
  readonly #cursors: readonly TrailCursor[];
  /** Numbers of the cursors that have events, as a heap: the first comes next. */
  readonly #heap: number[] = [];

  /** Merges cursors from where they are. @param cursors They stay the caller's. */
  constructor(cursors: readonly TrailCursor[]) {
    this.#cursors = cursors;
    this.reset();
  }

  /** Goes on from where the cursors are now. */
  reset(): void {
    this.#heap.length = 0;
    this.#cursors.forEach((cursor, number) => {
      if (cursor.peek() !== undefined) this.#heap.push(number);
    });
    for (let at = (this.#heap.length >>> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** Gives the next event and goes past it; `undefined` at the end. */
  next(): MultiCursorEvent | undefined {
    const number = this.#heap[0];
    if (number === undefined) return undefined;
    const event = this.#cursors[number]!.next();
    this.#settle();
    // A cursor that was moved without `reset` may have run out.
    return event === undefined ? this.next() : { event, cursor: number };
  }

  /** Gives the event that `next` will give. */
  peek(): MultiCursorEvent | undefined {
    const number = this.#heap[0];
    if (number === undefined) return undefined;
    const event = this.#cursors[number]!.peek();
    if (event !== undefined) return { event, cursor: number };
    this.#settle();
    return this.peek();
  }

  /**
   * Gives up to `max` events and goes past them; none at the end.
   *
   * @param max Most events, 1 or more.
   */
  nextBatch(max: number): MultiCursorEvent[] {
    if (!Number.isInteger(max) || max < 1) {
      throw new RangeError(`Cannot take ${max} events: 1 or more wanted`);
    }
    const events: MultiCursorEvent[] = [];
    while (events.length < max) {
      const event = this.next();
      if (event === undefined) break;
      events.push(event);
    }
    return events;
  }

  /** Walks over the events that are left. */
  *[Symbol.iterator](): Generator<MultiCursorEvent> {
    for (let event = this.next(); event !== undefined; event = this.next()) {
      yield event;
    }
  }

  /** Puts the first cursor where it belongs now, or out if it has ended. */
  #settle(): void {
    if (this.#cursors[this.#heap[0]!]!.peek() === undefined) {
      const last = this.#heap.pop()!;
      if (this.#heap.length === 0) return;
      this.#heap[0] = last;
    }
    this.#sink(0);
  }

  #sink(at: number): void {
    const heap = this.#heap;
    while (true) {
      const left = 2 * at + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const child =
        right < heap.length && this.#isBefore(heap[right]!, heap[left]!)
          ? right
          : left;
      if (!this.#isBefore(heap[child]!, heap[at]!)) return;
      [heap[at], heap[child]] = [heap[child]!, heap[at]!];
      at = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const timeA = this.#cursors[a]!.peek()?.time;
    const timeB = this.#cursors[b]!.peek()?.time;
    if (timeA === timeB) return a < b;
    if (timeA === undefined || timeB === undefined) return timeA === undefined;
    return timeA < timeB;
  }
}
