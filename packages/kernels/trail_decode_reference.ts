/**
 * The reference of the kernel that decodes trails, over a plain buffer.
 *
 * Numbers of 64 bits are two words, so that no loop makes a `bigint`.
 *
 * @module
 */
import {
  ENTRY,
  LANE,
  LANE_STATUS,
  SLOT_MAX,
  type TrailDecodeFunctions,
  type TrailDecodeKernel,
  type TrailDecodeRegions,
} from "./trail_decode_layout.ts";

const INSIDE = LANE_STATUS.inside;
const DONE = LANE_STATUS.done;
const WORD = 0x1_0000_0000;
/** Times at or above are too large. */
const TIME_LIMIT = 2 ** 52;
/** In the time of a row: the first of its trail. */
const BEGINS = 4;

const REGIONS = {
  first: 0,
  entries: 16_384,
  entryBias: 0,
  data: 2_179_072,
  lanes: 3_227_776,
} as const;
/** First address that regions of other kernels may have. */
export const DECODE_REGIONS_END = 3_228_032;

/** Does what the compiled kernel does, in TypeScript alone. */
export class TrailDecodeReference
  implements TrailDecodeKernel, TrailDecodeFunctions {
  /** Its functions: this object. */
  readonly functions: TrailDecodeFunctions = this;
  /** Where its regions are. */
  readonly regions: TrailDecodeRegions;
  /** It is the reference. */
  readonly isReference = true;
  /** Its memory. */
  protected view: DataView;
  /** Bytes of a row. */
  protected rowBytes = 16;
  /** How far values are shifted. */
  protected scale = 1;
  /** Bit where the lane is that walks, and its row. */
  protected position = 0;
  /** Address of the row. */
  protected row = 0;
  /** Lower word of the code's bits. */
  protected wordLow = 0;
  /** Lower word of the code's effect. */
  protected effectLow = 0;
  /** Upper word of it. */
  protected effectHigh = 0;
  /** Lower word of what the code writes. */
  protected valueLow = 0;
  /** Upper word of it. */
  protected valueHigh = 0;
  #buffer: ArrayBuffer;
  #minEventBits = 1;
  #starts = 0;
  #ends = 0;
  #rowEnds = 0;

  /**
   * Makes a kernel with an empty memory.
   *
   * @param heap First address behind all regions.
   */
  constructor(heap: number = DECODE_REGIONS_END) {
    this.regions = { ...REGIONS, heap };
    this.#buffer = new ArrayBuffer(heap);
    this.view = new DataView(this.#buffer);
  }

  /** Makes the memory long enough. See {@linkcode TrailDecodeKernel.reserve}. */
  reserve(end: number): ArrayBuffer {
    if (end > this.#buffer.byteLength) {
      const grown = new Uint8Array(Math.ceil(end / 65_536) * 65_536);
      grown.set(new Uint8Array(this.#buffer));
      this.#buffer = grown.buffer;
      this.view = new DataView(this.#buffer);
    }
    return this.#buffer;
  }

  /** See {@linkcode TrailDecodeFunctions.configure}. */
  configure(
    rowBytes: number,
    minEventBits: number,
    scale: number,
    starts: number,
    ends: number,
    rowEnds: number,
  ): void {
    this.rowBytes = rowBytes;
    this.#minEventBits = minEventBits;
    this.scale = scale;
    this.#starts = starts;
    this.#ends = ends;
    this.#rowEnds = rowEnds;
  }

  /** See {@linkcode TrailDecodeFunctions.walkOne}. */
  walkOne(lane: number): void {
    while (this.#advance(lane)) {
      const end = this.u32(lane + LANE.end);
      while (this.position < end) this.step();
      this.keep(lane);
    }
  }

  /** Nothing: walking side by side gains nothing here; `walkOne` does it all. */
  walkFour(_a: number, _b: number, _c: number, _d: number): void {}

  /** Nothing, as `walkFour`. */
  walkTwo(_a: number, _b: number): void {}

  /** See {@linkcode TrailDecodeFunctions.expandTimes}. */
  expandTimes(
    rows: number,
    count: number,
    carry: number,
    timeBase: number,
    times: number,
    columnA: number,
    columnB: number,
  ): number {
    const { view, scale } = this;
    const masks = carry + this.rowBytes;
    let sum = this.u32(carry) + this.u32(carry + 4) * WORD;
    let fits = 1;
    for (let i = 0; i < count; i++) {
      const row = rows + i * this.rowBytes;
      const low = this.u32(row);
      const high = this.u32(row + 4);
      const unscaled = (low >>> scale) | (high << (32 - scale));
      const delta = ((unscaled & this.u32(masks)) >>> 0) +
        (((high >>> scale) & this.u32(masks + 4)) >>> 0) * WORD;
      sum = (low & BEGINS) !== 0 ? delta : sum + delta;
      if (sum >= TIME_LIMIT) fits = 0;
      view.setFloat64(times + 8 * i, timeBase + sum, true);
      fits &= this.#expand(row + 8, carry + 8, columnA + 4 * i);
      fits &= this.#expand(row + 12, carry + 12, columnB + 4 * i);
      view.setUint32(row, 0xffff_ffff, true);
      view.setUint32(row + 4, 0, true);
    }
    view.setUint32(carry, sum % WORD, true);
    view.setUint32(carry + 4, Math.floor(sum / WORD), true);
    return fits;
  }

  /** See {@linkcode TrailDecodeFunctions.expandFour}. */
  expandFour(
    rows: number,
    count: number,
    carry: number,
    columnA: number,
    columnB: number,
    columnC: number,
    columnD: number,
  ): number {
    let fits = 1;
    for (let i = 0; i < count; i++) {
      const row = rows + i * this.rowBytes;
      fits &= this.#expand(row, carry, columnA + 4 * i);
      fits &= this.#expand(row + 4, carry + 4, columnB + 4 * i);
      fits &= this.#expand(row + 8, carry + 8, columnC + 4 * i);
      fits &= this.#expand(row + 12, carry + 12, columnD + 4 * i);
    }
    return fits;
  }

  /** Does what one code says. */
  protected step(): void {
    this.read();
    this.row += this.effectHigh & SLOT_MAX;
    this.put();
  }

  /** Does the first code of a trail; false when that is no time. */
  protected begin(_lane: number): boolean {
    this.read();
    if ((this.effectHigh & SLOT_MAX) !== this.rowBytes) return false;
    this.row += this.rowBytes;
    new Uint8Array(this.#buffer, this.row, this.rowBytes).fill(0);
    this.put();
    this.view.setUint32(this.row, this.u32(this.row) | BEGINS, true);
    return true;
  }

  /** Gives the address behind the last row of a trail that ends. */
  protected endTrail(_lane: number, _isEmpty: boolean): number {
    return this.row + this.rowBytes;
  }

  /** Whether a lane inside a trail may go on. */
  protected isSound(): boolean {
    return true;
  }

  /** Takes up where a lane is. */
  protected take(lane: number): void {
    this.position = this.u32(lane + LANE.position);
    this.row = this.u32(lane + LANE.row);
  }

  /** Notes where a lane is. */
  protected keep(lane: number): void {
    this.view.setUint32(lane + LANE.position, this.position, true);
    this.view.setUint32(lane + LANE.row, this.row, true);
  }

  /** Reads a code and goes behind it. */
  protected read(): void {
    const low = this.wordLow = this.wordAt(this.position);
    const entry = this.entryOf(low);
    this.effectLow = this.u32(entry + ENTRY.effect);
    this.effectHigh = this.u32(entry + ENTRY.effect + 4);
    const isLiteral = (this.effectLow & 0x40) !== 0;
    this.valueLow = isLiteral ? low : this.u32(entry);
    this.valueHigh = isLiteral
      ? this.u32(REGIONS.data + 4 + (this.position >>> 3)) >>>
        (this.position & 7)
      : this.u32(entry + 4);
    this.position += this.effectLow & 0x4000_003f;
  }

  /** Gives 32 bits of data. */
  protected wordAt(position: number): number {
    const at = REGIONS.data + (position >>> 3);
    const shift = position & 7;
    return shift === 0
      ? this.u32(at)
      : (this.u32(at) >>> shift) | (this.u32(at + 4) << (32 - shift));
  }

  /** Gives the address of the entry of a code. */
  protected entryOf(word: number): number {
    const first = this.u32(REGIONS.first + (word & 0x3ffc));
    return (first >>> 9) + ((word >>> 10) & first & 0x1ff);
  }

  /** Writes to the slots of the code. */
  protected put(): void {
    const first = this.effectHigh >>> 18;
    const second = (this.effectLow >>> 8) & SLOT_MAX;
    this.view.setUint32(this.row + first, this.valueLow, true);
    this.view.setUint32(this.row + second, this.valueHigh, true);
  }

  /** Reads a word. */
  protected u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  /** Gives 0 when the value is above its limit. */
  #expand(slot: number, carry: number, out: number): number {
    const view = this.view;
    const change = this.u32(slot);
    if (change !== 0xffff_ffff) view.setUint32(carry, change, true);
    view.setUint32(slot, 0xffff_ffff, true);
    const mask = this.u32(carry + this.rowBytes);
    const value = ((this.u32(carry) >>> this.scale) & mask) >>> 0;
    view.setUint32(out, value, true);
    return value > this.u32(carry + 2 * this.rowBytes) ? 0 : 1;
  }

  #advance(lane: number): boolean {
    const view = this.view;
    const status = this.u32(lane + LANE.status);
    if (status === DONE) return false;
    const last = this.u32(lane + LANE.last);
    let next = this.u32(lane + LANE.next);
    this.take(lane);
    if (status === INSIDE) {
      const end = this.#endOf(next);
      if (!this.isSound()) return this.#fail(lane);
      if (this.position < end) return this.#resume(lane, end);
      if (this.position > end) return this.#fail(lane);
      this.#noteEnd(next, this.endTrail(lane, false));
      next++;
    }
    view.setUint32(lane + LANE.status, LANE_STATUS.idle, true);
    for (; next < last; next++) {
      const end = this.#endOf(next);
      const start = 8 * this.u32(this.#starts + 4 * next) + 1;
      if (start > end) return this.#fail(lane);
      if (start < end) {
        if (this.u32(lane + LANE.rowsEnd) - this.row < 2 * this.rowBytes) {
          view.setUint32(lane + LANE.next, next, true);
          this.keep(lane);
          return false;
        }
        this.position = start;
        if (!this.begin(lane) || this.position > end) return this.#fail(lane);
        if (this.position < end) {
          view.setUint32(lane + LANE.next, next, true);
          view.setUint32(lane + LANE.status, INSIDE, true);
          return this.#resume(lane, end);
        }
      }
      this.#noteEnd(next, this.endTrail(lane, start === end));
    }
    view.setUint32(lane + LANE.next, next, true);
    this.keep(lane);
    view.setUint32(lane + LANE.status, DONE, true);
    return false;
  }

  #resume(lane: number, end: number): boolean {
    this.keep(lane);
    const room = Math.floor(
      (this.u32(lane + LANE.rowsEnd) - this.row) / this.rowBytes,
    ) - 1;
    const limit = Math.min(end, this.u32(lane + LANE.limit));
    if (room <= 0 || this.position >= limit) return false;
    const reach = Math.min(limit, this.position + room * this.#minEventBits);
    this.view.setUint32(lane + LANE.end, reach, true);
    return true;
  }

  #noteEnd(trail: number, row: number): void {
    this.view.setUint32(this.#rowEnds + 4 * trail, row, true);
  }

  #fail(lane: number): boolean {
    this.view.setUint32(lane + LANE.failed, 1, true);
    this.view.setUint32(lane + LANE.status, DONE, true);
    return false;
  }

  #endOf(trail: number): number {
    const start = this.u32(this.#starts + 4 * trail);
    const residual = this.view.getUint8(REGIONS.data + start) & 7;
    return 8 * this.u32(this.#ends + 4 * trail) - residual - 2;
  }
}
