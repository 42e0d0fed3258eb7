/**
 * Which lane of the kernel walks over which trails.
 *
 * @module
 */
import { LANE, LANE_STATUS, NO_LIMIT } from "@cairn/kernels";
import { CHUNKS, type KernelMemory, LANES } from "./_kernel_memory.ts";
import type { ScanKernel } from "./_scan_kernel.ts";

/** Trails in a row that one lane walks over. */
export interface Segment {
  /** The lane. */
  readonly lane: number;
  /** The first trail that has not been told, in the lists of the round. */
  told: number;
  /** Address of its first row that has not been taken. */
  readonly rows: number;
  /** Address behind its last row, once it is complete; 0 before. */
  end: number;
  /** The first trail behind, once it is complete. */
  last: number;
}

/** Rows that are complete, and how far the trails are. */
export interface SegmentPart {
  /** Address behind the last complete row. */
  readonly end: number;
  /** The first trail that is not complete. */
  readonly next: number;
  /** Whether that trail has rows already. */
  readonly inside: boolean;
}

/** Addresses of rows. */
interface RowRange {
  /** The first. */
  readonly start: number;
  /** The first behind. */
  readonly end: number;
}

/** Bytes of trails that are not worth another segment. */
const SPLIT_BYTES_MIN = 512;

/**
 * Shares the trails of a round among the lanes. Each takes the next few when it
 * has done its own, and in the end half of what another one has not begun, so
 * that all walk to the end. Rows leave in the order of trails, by `head` and
 * `take`; a lane whose rows wait for those of a longer trail goes on as long as
 * there is room.
 */
export class TrailLanes {
  readonly #kernel: ScanKernel;
  readonly #at: KernelMemory;
  readonly #words: Uint32Array;
  readonly #rowBytes: number;
  readonly #filters: boolean;
  /** In the order of trails; the first is the next to leave. */
  #segments: Segment[] = [];
  /** What each lane is at. */
  readonly #current: (Segment | undefined)[] = [];
  /** The first trail that no lane has. */
  #next = 0;
  #count = 0;

  /** Takes a kernel that is configured. */
  constructor(kernel: ScanKernel) {
    this.#kernel = kernel;
    this.#at = kernel.at;
    this.#words = kernel.words;
    this.#rowBytes = kernel.layout.rowBytes;
    this.#filters = kernel.filter !== undefined;
  }

  /** Whether a lane has met damage. */
  get failed(): boolean {
    for (let lane = 0; lane < LANES; lane++) {
      if (this.#words[this.#word(lane, LANE.failed)] !== 0) return true;
    }
    return false;
  }

  /** Whether all trails are done and all rows taken. */
  get isDone(): boolean {
    return this.#segments.length === 0 && this.#next === this.#count;
  }

  /** Begins a round of trails, whose starts and ends are in the lists. */
  begin(count: number): void {
    this.#reset();
    this.#next = 0;
    this.#count = count;
  }

  /** Begins a round of one trail, on the first lane. */
  beginOne(): Segment {
    this.#reset();
    this.#next = 1;
    this.#count = 1;
    this.#give(0, 0, 1, this.#room(0)!);
    return this.#current[0]!;
  }

  /** Lets lanes walk, until one of them has no trails or no rows left. */
  walk(): void {
    for (let lane = 0; lane < LANES; lane++) this.#share(lane);
    const { functions, regions } = this.#kernel;
    const active: number[] = [];
    for (let lane = 0; lane < LANES; lane++) {
      if (this.#canWalk(lane)) {
        active.push(regions.lanes + lane * LANE.byteLength);
      }
    }
    const [a, b, c, d] = active;
    if (d !== undefined) functions.walkFour(a!, b!, c!, d);
    else if (b !== undefined) functions.walkTwo(a!, b);
    if (b === undefined || this.#kernel.isReference) {
      for (const lane of active) functions.walkOne(lane);
    }
    for (let lane = 0; lane < LANES; lane++) this.#look(lane);
  }

  /** Lets the first lane walk alone, until it has no data or no rows left. */
  walkAlone(): void {
    this.#kernel.functions.walkOne(this.#kernel.regions.lanes);
    this.#look(0);
  }

  /**
   * Gives the first segment if its rows must leave: it is complete, or has no
   * room for more.
   */
  head(): Segment | undefined {
    const [head] = this.#segments;
    if (head === undefined) return undefined;
    return head.end !== 0 || !this.#canWalk(head.lane) ? head : undefined;
  }

  /** Tells which rows of the first segment are complete. */
  take(segment: Segment): SegmentPart {
    const { lane } = segment;
    if (segment.end !== 0) {
      return { end: segment.end, next: segment.last, inside: false };
    }
    const row = this.#words[this.#word(lane, LANE.row)]!;
    const inside = this.#isInside(lane);
    return {
      end: inside ? row : this.#nextRow(lane),
      next: this.#words[this.#word(lane, LANE.next)]!,
      inside,
    };
  }

  /** Goes on when the complete rows of the first segment have been taken. */
  goOn(segment: Segment, part: SegmentPart): void {
    segment.told = part.next;
    if (segment.end !== 0) {
      this.#segments.shift();
      return;
    }
    const words = this.#words;
    const at = this.#word(segment.lane, LANE.row);
    const row = words[at]!;
    const { rows } = segment;
    words[at] = part.inside || this.#filters ? rows : rows - this.#rowBytes;
    if (!part.inside || row === rows) return;
    // The row that is not complete moves to the front.
    const length = this.#rowBytes >>> 2;
    words.copyWithin(rows >>> 2, row >>> 2, (row >>> 2) + length);
    words.fill(0xffff_ffff, row >>> 2, (row >>> 2) + length);
    words[(row >>> 2) + 1] = 0;
  }

  #reset(): void {
    this.#segments = [];
    this.#current.fill(undefined);
    const { lanes } = this.#kernel.regions;
    const end = lanes + LANES * LANE.byteLength;
    this.#words.fill(0, lanes >>> 2, end >>> 2);
  }

  /** Gives a lane trails to walk over. */
  #give(
    lane: number,
    from: number,
    to: number,
    room: RowRange,
    behind?: Segment,
  ): void {
    const rows = room.start;
    const set = (offset: number, value: number): void => {
      this.#words[this.#word(lane, offset)] = value;
    };
    set(LANE.next, from);
    set(LANE.last, to);
    set(LANE.status, LANE_STATUS.idle);
    set(LANE.row, this.#filters ? rows : rows - this.#rowBytes);
    set(LANE.rowsEnd, room.end);
    set(LANE.limit, NO_LIMIT);
    const segment = { lane, told: from, rows, end: 0, last: to };
    this.#current[lane] = segment;
    const place = behind === undefined
      ? this.#segments.length
      : this.#segments.indexOf(behind) + 1;
    this.#segments.splice(place, 0, segment);
  }

  /**
   * Finds the longest range of rows of a lane that no segment has; `undefined`
   * where that is too little. One row is left behind each.
   */
  #room(lane: number): RowRange | undefined {
    const start = this.#at.rows[lane]!;
    const areaBytes = this.#at.laneRows * this.#rowBytes;
    const own = this.#segments.filter((segment) => segment.lane === lane)
      .sort((a, b) => a.rows - b.rows);
    let best = { start, end: start };
    let from = start;
    for (const segment of own) {
      const end = segment.rows - this.#rowBytes;
      if (end - from > best.end - best.start) best = { start: from, end };
      // Those without rows may lie where others begin.
      from = Math.max(from, segment.end);
    }
    const end = start + areaBytes;
    if (end - from > best.end - best.start) best = { start: from, end };
    const least = areaBytes / CHUNKS;
    return best.end - best.start >= least ? best : undefined;
  }

  /** Notes when a lane has done its segment. */
  #look(lane: number): void {
    const segment = this.#current[lane];
    const status = this.#words[this.#word(lane, LANE.status)];
    if (segment === undefined || status !== LANE_STATUS.done) return;
    segment.end = this.#nextRow(lane);
    segment.last = this.#words[this.#word(lane, LANE.next)]!;
    this.#current[lane] = undefined;
  }

  /**
   * Gives a lane without trails the next ones, or at the end of the round half
   * of what another lane has not begun.
   */
  #share(lane: number): void {
    if (this.#current[lane] !== undefined) return;
    const room = this.#room(lane);
    if (room === undefined) return;
    if (this.#next === this.#count) return this.#split(lane, room);
    const from = this.#next;
    const byte = this.#start(from) + this.#at.chunkBytes;
    this.#next = this.#splitAt(from, this.#count, byte);
    this.#give(lane, from, this.#next, room);
  }

  #split(lane: number, room: RowRange): void {
    let most = SPLIT_BYTES_MIN;
    let giver = -1;
    for (let other = 0; other < LANES; other++) {
      if (this.#current[other] === undefined) continue;
      const [from, last] = this.#untouched(other);
      const bytes = from < last ? this.#end(last - 1) - this.#start(from) : 0;
      if (bytes < most) continue;
      most = bytes;
      giver = other;
    }
    if (giver < 0) return;
    const [from, last] = this.#untouched(giver);
    const middle = this.#start(from) + most / 2;
    const split = Math.min(last - 1, this.#splitAt(from, last, middle));
    this.#words[this.#word(giver, LANE.last)] = split;
    this.#give(lane, split, last, room, this.#current[giver]);
  }

  /** Which trails a lane has not begun. */
  #untouched(lane: number): [from: number, last: number] {
    const next = this.#words[this.#word(lane, LANE.next)]!;
    const last = this.#words[this.#word(lane, LANE.last)]!;
    return [this.#isInside(lane) ? next + 1 : next, last];
  }

  /** Finds where to split: behind the first trail that ends at a byte or later. */
  #splitAt(from: number, last: number, byte: number): number {
    let low = from;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#end(middle) >= byte) high = middle;
      else low = middle + 1;
    }
    return Math.min(low + 1, last);
  }

  #canWalk(lane: number): boolean {
    if (this.#current[lane] === undefined) return false;
    const row = this.#words[this.#word(lane, LANE.row)]!;
    const rowsEnd = this.#words[this.#word(lane, LANE.rowsEnd)]!;
    return rowsEnd - row >= 2 * this.#rowBytes;
  }

  #isInside(lane: number): boolean {
    return this.#words[this.#word(lane, LANE.status)] === LANE_STATUS.inside;
  }

  /** Address of the row behind the last one of a lane that is complete. */
  #nextRow(lane: number): number {
    const row = this.#words[this.#word(lane, LANE.row)]!;
    return this.#filters ? row : row + this.#rowBytes;
  }

  #start(trail: number): number {
    return this.#words[(this.#at.starts >>> 2) + trail]!;
  }

  #end(trail: number): number {
    return this.#words[(this.#at.ends >>> 2) + trail]!;
  }

  #word(lane: number, offset: number): number {
    return (this.#kernel.regions.lanes + lane * LANE.byteLength + offset) >>> 2;
  }
}
