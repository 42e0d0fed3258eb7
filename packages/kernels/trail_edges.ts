/**
 * Events as what changes from one to the next.
 *
 * Items have numbers here: value `v` of field `f` (from 0) is `bases[f] + v`,
 * and behind all values, from `bases[fieldCount]` on, come the distinct time
 * differences. So a pair of items is two words, and counts are arrays.
 *
 * @module
 */

/** Items of a new list. */
const ITEMS_MIN = 1024;

/** Gives the first item number of each field, and of time differences last. */
export function itemBases(lexiconCounts: readonly number[]): Uint32Array {
  const bases = new Uint32Array(lexiconCounts.length + 1);
  let base = 0;
  for (let field = 0; field < lexiconCounts.length; field++) {
    bases[field] = base;
    base += lexiconCounts[field]! + 1;
  }
  bases[lexiconCounts.length] = base;
  return bases;
}

/**
 * A list of events: the time difference of each, and its items that differ
 * from the event before in the trail, in field order.
 */
export class EdgeList {
  /** Number of events. */
  count = 0;
  /** The item number of each event's time difference; `NO_DELTA` if it has none. */
  deltas: Uint32Array;
  /** Where each event's items begin, and the end of the last. */
  starts: Uint32Array;
  /** Item numbers. */
  items: Uint32Array = new Uint32Array(ITEMS_MIN);
  /** The value id of each field in the event before, plus one; 0 for nothing. */
  readonly #previous: Uint32Array;
  readonly #bases: Uint32Array;

  /** Makes an empty list. @param bases Of {@linkcode itemBases}. @param capacity Events to make room for. */
  constructor(bases: Uint32Array, capacity = 256) {
    this.deltas = new Uint32Array(capacity);
    this.starts = new Uint32Array(capacity + 1);
    this.#bases = bases;
    this.#previous = new Uint32Array(bases.length - 1);
  }

  /** Bytes of memory that the list needs for what it holds. */
  get byteLength(): number {
    return 8 * this.count + 4 * this.starts[this.count]!;
  }

  /** Forgets all events; what came before in the trail stays known. */
  clear(): void {
    this.count = 0;
  }

  /** Begins a trail: nothing came before. */
  beginTrail(): void {
    this.#previous.fill(0);
  }

  /**
   * Adds events of one trail; their `deltas` are left to the caller.
   *
   * @param columns Value ids, a column a field.
   * @param start First row.
   * @param end First row behind.
   */
  addRows(columns: readonly Uint32Array[], start: number, end: number): void {
    const previous = this.#previous;
    const bases = this.#bases;
    const fieldCount = previous.length;
    this.#reserve(end - start);
    const { starts } = this;
    let { items } = this;
    let event = this.count;
    let at = starts[event]!;
    for (let row = start; row < end; row++) {
      if (at + fieldCount > items.length) {
        this.#growItems(at + fieldCount);
        items = this.items;
      }
      for (let field = 0; field < fieldCount; field++) {
        const id = columns[field]![row]!;
        if (previous[field] === id + 1) continue;
        previous[field] = id + 1;
        items[at++] = bases[field]! + id;
      }
      starts[++event] = at;
    }
    this.count = event;
  }

  /** Gives a list of the same events that takes no more room than they need. */
  compact(): EdgeList {
    const copy = new EdgeList(this.#bases, 0);
    copy.count = this.count;
    copy.deltas = this.deltas.slice(0, this.count);
    copy.starts = this.starts.slice(0, this.count + 1);
    copy.items = this.items.slice(0, this.starts[this.count]);
    return copy;
  }

  #reserve(events: number): void {
    const wanted = this.count + events;
    if (wanted <= this.deltas.length) return;
    const capacity = Math.max(wanted, 2 * this.deltas.length);
    const deltas = new Uint32Array(capacity);
    deltas.set(this.deltas);
    this.deltas = deltas;
    const starts = new Uint32Array(capacity + 1);
    starts.set(this.starts);
    this.starts = starts;
  }

  #growItems(wanted: number): void {
    const capacity = Math.max(wanted, 2 * this.items.length);
    const items = new Uint32Array(capacity);
    items.set(this.items);
    this.items = items;
  }
}
