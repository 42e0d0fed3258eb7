/**
 * The reference of the kernel that decodes trails, over a plain buffer.
 *
 * Numbers of 64 bits are two words, so that no loop makes a `bigint`.
 *
 * @module
 */
import {
  LANE,
  LANE_STATUS,
  RECORD,
  SLOT_MAX,
  type TrailDecodeFunctions,
  type TrailDecodeKernel,
  type TrailDecodeRegions,
} from "./trail_decode_layout.ts";

const NEXT = LANE.next;
const LAST = LANE.last;
const POSITION = LANE.position;
const STATUS = LANE.status;
const ROW = LANE.row;
const ROWS_END = LANE.rowsEnd;
const TIME = LANE.time;
const FAILED = LANE.failed;
const END = LANE.end;
const LIMIT = LANE.limit;
const INSIDE = LANE_STATUS.inside;
const DONE = LANE_STATUS.done;
const WORD = 0x1_0000_0000;

const REGIONS: TrailDecodeRegions = {
  first: 0,
  second: 16_384,
  records: 540_672,
  data: 3_162_112,
  lanes: 4_210_816,
  heap: 4_211_072,
};

/** Does what the compiled kernel does, in TypeScript alone. */
export class TrailDecodeReference
  implements TrailDecodeKernel, TrailDecodeFunctions {
  /** Its functions: this object. */
  readonly functions: TrailDecodeFunctions = this;
  /** Where its regions are. */
  readonly regions: TrailDecodeRegions = REGIONS;
  /** It is the reference. */
  readonly isReference = true;
  #buffer = new ArrayBuffer(REGIONS.heap);
  #view = new DataView(this.#buffer);
  #rowBytes = 16;
  #minEventBits = 1;
  #timeScale = 0;
  #idScale = 0;
  #starts = 0;
  #ends = 0;
  #rowEnds = 0;

  /** Makes the memory long enough. See {@linkcode TrailDecodeKernel.reserve}. */
  reserve(end: number): ArrayBuffer {
    if (end > this.#buffer.byteLength) {
      const grown = new Uint8Array(Math.ceil(end / 65_536) * 65_536);
      grown.set(new Uint8Array(this.#buffer));
      this.#buffer = grown.buffer;
      this.#view = new DataView(this.#buffer);
    }
    return this.#buffer;
  }

  /** See {@linkcode TrailDecodeFunctions.configure}. */
  configure(
    rowBytes: number,
    minEventBits: number,
    timeScale: number,
    idScale: number,
    starts: number,
    ends: number,
    rowEnds: number,
  ): void {
    this.#rowBytes = rowBytes;
    this.#minEventBits = minEventBits;
    this.#timeScale = timeScale;
    this.#idScale = idScale;
    this.#starts = starts;
    this.#ends = ends;
    this.#rowEnds = rowEnds;
  }

  /** See {@linkcode TrailDecodeFunctions.walkOne}. */
  walkOne(lane: number): void {
    const view = this.#view;
    if (this.#u32(lane + STATUS) === DONE) return;
    while (this.#advance(lane)) {
      const end = this.#u32(lane + END);
      let position = this.#u32(lane + POSITION);
      let row = this.#u32(lane + ROW);
      let timeLow = this.#u32(lane + TIME);
      let timeHigh = this.#u32(lane + TIME + 4);
      let bad = 0;
      while (position < end) {
        const at = REGIONS.data + (position >>> 3);
        const shift = position & 7;
        const high = this.#u32(at + 4);
        const wordLow = shift === 0
          ? this.#u32(at)
          : (this.#u32(at) >>> shift) | (high << (32 - shift));
        const wordHigh = high >>> shift;
        const entry = this.#look(wordLow);
        const record = entry >>> 8;
        position += entry & 0xff;
        // A code has a value or takes bits of the input, never both.
        const low = this.#u32(record) |
          (wordLow & this.#u32(record + RECORD.literal));
        const top = this.#u32(record + 4) | (wordHigh & this.#u32(record + 12));
        const effect = this.#u32(record + RECORD.effect + 4);
        bad |= effect;
        if (effect >>> 31 === 1) {
          row += this.#rowBytes;
          const sum = timeLow + (low >>> 0);
          timeLow = sum % WORD;
          timeHigh = (timeHigh + (top >>> 0) + (sum >= WORD ? 1 : 0)) % WORD;
        }
        view.setUint32(
          row + (effect & SLOT_MAX),
          (low >>> 3) | (top << 29),
          true,
        );
        view.setUint32(
          row + ((effect >>> 14) & SLOT_MAX),
          this.#u32(record + RECORD.effect),
          true,
        );
        view.setUint32(row, timeLow, true);
        view.setUint32(row + 4, timeHigh, true);
      }
      if ((bad >>> 30 & 1) !== 0) {
        this.#fail(lane);
        return;
      }
      view.setUint32(lane + POSITION, position, true);
      view.setUint32(lane + ROW, row, true);
      view.setUint32(lane + TIME, timeLow, true);
      view.setUint32(lane + TIME + 4, timeHigh, true);
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
    const view = this.#view;
    let fits = 1;
    for (let i = 0; i < count; i++) {
      const row = rows + i * this.#rowBytes;
      if (this.#u32(row + 4) / 2 ** this.#timeScale >= 0x10_0000) fits = 0;
      view.setFloat64(times + 8 * i, timeBase + this.#time(row), true);
      view.setUint32(carry, this.#u32(row), true);
      view.setUint32(carry + 4, this.#u32(row + 4), true);
      fits &= this.#expand(row + 8, carry + 8, columnA + 4 * i);
      fits &= this.#expand(row + 12, carry + 12, columnB + 4 * i);
      view.setUint32(row, 0xffff_ffff, true);
      view.setUint32(row + 4, 0xffff_ffff, true);
    }
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
      const row = rows + i * this.#rowBytes;
      fits &= this.#expand(row, carry, columnA + 4 * i);
      fits &= this.#expand(row + 4, carry + 4, columnB + 4 * i);
      fits &= this.#expand(row + 8, carry + 8, columnC + 4 * i);
      fits &= this.#expand(row + 12, carry + 12, columnD + 4 * i);
    }
    return fits;
  }

  /** Unscales the time of a row; exact below 2^53. */
  #time(row: number): number {
    const scale = 2 ** this.#timeScale;
    const high = this.#u32(row + 4);
    const low = this.#u32(row);
    const rest = high % scale;
    return Math.floor(high / scale) * WORD +
      Math.floor((rest * WORD + low) / scale);
  }

  /** Gives 0 when the value is above its limit. */
  #expand(slot: number, carry: number, out: number): number {
    const view = this.#view;
    const change = this.#u32(slot);
    if (change !== 0xffff_ffff) view.setUint32(carry, change, true);
    view.setUint32(slot, 0xffff_ffff, true);
    const value = this.#u32(carry);
    view.setUint32(out, value >>> this.#idScale, true);
    return value > this.#u32(carry + this.#rowBytes) ? 0 : 1;
  }

  #advance(lane: number): boolean {
    const view = this.#view;
    const row = this.#u32(lane + ROW);
    const last = this.#u32(lane + LAST);
    let next = this.#u32(lane + NEXT);
    let position = this.#u32(lane + POSITION);
    if (this.#u32(lane + STATUS) === INSIDE) {
      const end = this.#endOf(next);
      if (position < end) return this.#resume(lane, position, row, end);
      if (position > end) return this.#fail(lane);
      view.setUint32(this.#rowEnds + 4 * next, row + this.#rowBytes, true);
      view.setUint32(lane + NEXT, ++next, true);
    }
    view.setUint32(lane + STATUS, 0, true);
    while (next < last) {
      const end = this.#endOf(next);
      position = 8 * this.#u32(this.#starts + 4 * next) + 3;
      if (position > end) return this.#fail(lane);
      if (position < end) {
        if (this.#u32(lane + ROWS_END) - row < 2 * this.#rowBytes) return false;
        const at = REGIONS.data + (position >>> 3);
        const word = (this.#u32(at) >>> 3) | (this.#u32(at + 4) << 29);
        const record = this.#look(word) >>> 8;
        if (this.#u32(record + RECORD.effect + 4) >>> 31 === 0) {
          return this.#fail(lane);
        }
        new Uint8Array(this.#buffer, row + this.#rowBytes, this.#rowBytes)
          .fill(0);
        view.setUint32(lane + TIME, 0, true);
        view.setUint32(lane + TIME + 4, 0, true);
        view.setUint32(lane + STATUS, INSIDE, true);
        return this.#resume(lane, position, row, end);
      }
      view.setUint32(this.#rowEnds + 4 * next, row + this.#rowBytes, true);
      view.setUint32(lane + NEXT, ++next, true);
    }
    view.setUint32(lane + STATUS, DONE, true);
    return false;
  }

  #resume(lane: number, position: number, row: number, end: number): boolean {
    const room = Math.floor(
      (this.#u32(lane + ROWS_END) - row) / this.#rowBytes,
    ) - 1;
    const limit = Math.min(end, this.#u32(lane + LIMIT));
    this.#view.setUint32(lane + POSITION, position, true);
    if (room === 0 || position >= limit) return false;
    const reach = Math.min(limit, position + room * this.#minEventBits);
    this.#view.setUint32(lane + END, reach, true);
    return true;
  }

  #fail(lane: number): boolean {
    this.#view.setUint32(lane + FAILED, 1, true);
    this.#view.setUint32(lane + STATUS, DONE, true);
    return false;
  }

  #endOf(trail: number): number {
    const start = this.#u32(this.#starts + 4 * trail);
    const residual = this.#view.getUint8(REGIONS.data + start) & 7;
    return 8 * this.#u32(this.#ends + 4 * trail) - residual;
  }

  #look(word: number): number {
    const entry = this.#u32(REGIONS.first + 4 * (word & 0xfff));
    return this.#u32((entry >>> 8) + ((word >>> 10) & entry & 0xff));
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, true);
  }
}
