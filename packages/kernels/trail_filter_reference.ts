/**
 * The reference of the kernel that filters trails, over a plain buffer.
 *
 * @module
 */
import { ENTRIES_BYTES, ENTRY, LANE } from "./trail_decode_layout.ts";
import {
  DECODE_REGIONS_END,
  TrailDecodeReference,
} from "./trail_decode_reference.ts";
import {
  FILTER_FIELDS,
  FILTER_KINDS,
  FILTER_STATE,
  FILTER_TRANSITIONS_BYTES,
  type TrailFilterFunctions,
  type TrailFilterKernel,
  type TrailFilterRegions,
} from "./trail_filter_layout.ts";

const LANES = 4;
const WORD = 0x1_0000_0000;
const BEGINS = 4;
const IS_TIME = 0x8000_0000;
const IS_INPUT = 0x80;

/** Does what the compiled kernel does, in TypeScript alone. */
export class TrailFilterReference extends TrailDecodeReference
  implements TrailFilterKernel, TrailFilterFunctions {
  /** Its functions: this object. */
  override readonly functions: TrailFilterFunctions = this;
  /** Where its own regions are. */
  readonly filterRegions: TrailFilterRegions;
  readonly #marks: number;
  #firstState = 0;
  #timeBits = 0;
  #kinds = 0;
  #seen = 0;
  #lane = 0;
  #state = 0;
  #timeLow = 0;
  #timeHigh = 0;

  /** Makes a kernel with an empty memory. */
  constructor() {
    const marks = DECODE_REGIONS_END;
    const transitions = marks + LANES * 4 * FILTER_KINDS;
    const slots = transitions + FILTER_TRANSITIONS_BYTES;
    const values = slots + 4 * FILTER_KINDS;
    const items = values + 16 * FILTER_FIELDS;
    super(items + ENTRIES_BYTES / 2);
    this.#marks = marks;
    this.filterRegions = {
      transitions,
      transitionBias: 0,
      items,
      slots,
      values,
    };
  }

  /** See {@linkcode TrailFilterFunctions.configureFilter}. */
  configureFilter(
    state: number,
    timeBits: number,
    kinds: number,
    seen: number,
  ): void {
    this.#firstState = state;
    this.#timeBits = timeBits;
    this.#kinds = kinds;
    this.#seen = seen;
  }

  /** See {@linkcode TrailFilterFunctions.settle}. */
  settle(lane: number): void {
    this.take(lane);
    if ((this.#state & FILTER_STATE.pending) !== 0) this.#lookUp();
    this.#applyMarks();
    this.#fill(this.#seenAt(0), this.rowBytes + 16);
    this.keep(lane);
  }

  /** Does what one code says. */
  protected override step(): void {
    const bit = this.position;
    this.read();
    if (this.#state >= FILTER_STATE.passes) {
      this.#attend(this.effectLow >= IS_TIME);
    }
    this.#noteCode(bit);
    this.#addTime();
    this.#state = this.#successor(this.#state);
  }

  /** Does the first code of a trail; false when that is no time. */
  protected override begin(lane: number): boolean {
    this.#lane = lane;
    const bit = this.position;
    this.read();
    if (this.effectLow < IS_TIME) return false;
    this.#fill(this.row, this.rowBytes);
    this.#fill(this.#markAt(0), 4 * this.#kinds);
    this.#fill(this.#seenAt(0), this.rowBytes + 16);
    this.#noteCode(bit);
    this.#timeLow = 0;
    this.#timeHigh = 0;
    this.#addTime();
    this.#state = this.#successor(this.#firstState);
    this.keep(lane);
    return true;
  }

  /** Gives the address behind the last row of a trail that ends. */
  protected override endTrail(_lane: number, isEmpty: boolean): number {
    if (!isEmpty && this.#state >= FILTER_STATE.passes) this.#attend(true);
    return this.row;
  }

  /** Whether times are below 2^52. */
  protected override isSound(): boolean {
    return this.#timeHigh < 2 ** (20 + this.scale);
  }

  /** Takes up where a lane is. */
  protected override take(lane: number): void {
    super.take(lane);
    this.#lane = lane;
    this.#timeLow = this.u32(lane + LANE.time);
    this.#timeHigh = this.u32(lane + LANE.time + 4);
    this.#state = this.u32(lane + LANE.state);
  }

  /** Notes where a lane is. */
  protected override keep(lane: number): void {
    super.keep(lane);
    this.view.setUint32(lane + LANE.time, this.#timeLow, true);
    this.view.setUint32(lane + LANE.time + 4, this.#timeHigh, true);
    this.view.setUint32(lane + LANE.state, this.#state, true);
  }

  /** Does what the state asks for before the next code. */
  #attend(isTime: boolean): void {
    if ((this.#state & FILTER_STATE.pending) !== 0) this.#lookUp();
    if (isTime && this.#state >= FILTER_STATE.passes) this.#accept();
    this.#state &= FILTER_STATE.mask;
  }

  /** Looks up the literal that was the last code. */
  #lookUp(): void {
    const number = (this.#state >>> FILTER_STATE.number) & 15;
    const field = this.filterRegions.values + 16 * (number - 1);
    const bit = this.u32(this.#markAt(this.u32(field + 12)));
    const value = ((this.wordAt(bit) >>> this.scale) & this.u32(field + 8)) >>>
      0;
    this.#state &= FILTER_STATE.mask;
    if (value >= this.u32(field + 4)) {
      this.view.setUint32(this.#lane + LANE.failed, 1, true);
      return;
    }
    const bits = this.view.getUint8(this.u32(field) + value);
    this.#state = this.u32(
      this.filterRegions.transitions + (this.#state | 4 * bits),
    );
  }

  /** Keeps a row: what follows changes a copy of it. */
  #accept(): void {
    this.#applyMarks();
    const { row, view } = this;
    view.setUint32(row, this.#timeLow | BEGINS, true);
    view.setUint32(row + 4, this.#timeHigh, true);
    this.row += this.rowBytes;
    new Uint8Array(view.buffer as ArrayBuffer).copyWithin(
      this.row,
      row,
      this.row,
    );
  }

  /** Writes what has changed since the last time to the row. */
  #applyMarks(): void {
    for (let kind = 1; kind < this.#kinds; kind++) {
      const bit = this.u32(this.#markAt(4 * kind));
      if (bit !== 0) this.#applyMark(kind, bit);
    }
    this.#fill(this.#markAt(0), 4 * this.#kinds);
  }

  /** Writes the items of a code, but where later ones have been. */
  #applyMark(kind: number, bit: number): void {
    const { items, slots } = this.filterRegions;
    const word = this.wordAt(bit);
    const entry = this.entryOf(word);
    const written = items + (entry - this.regions.entries) / 2;
    const isInput = (this.u32(entry + ENTRY.effect) & IS_INPUT) !== 0;
    const low = isInput ? word : this.u32(written);
    const pair = this.u32(slots + 4 * kind);
    this.#write(pair & 0xffff, bit, low);
    this.#write(pair >>> 16, bit, this.u32(written + 4));
  }

  #write(slot: number, bit: number, value: number): void {
    const at = this.#seenAt(slot);
    if (this.u32(at) >= bit) return;
    this.view.setUint32(at, bit, true);
    this.view.setUint32(this.row + slot, value, true);
  }

  #noteCode(bit: number): void {
    const kind = (this.effectLow >>> 8) & FILTER_STATE.mask;
    this.view.setUint32(this.#markAt(kind), bit, true);
  }

  #addTime(): void {
    const { scale } = this;
    const bits = this.#timeBits + scale;
    const lowMask = -(2 ** scale) & (bits < 32 ? 2 ** bits - 1 : -1);
    const highMask = bits > 32 ? 2 ** (bits - 32) - 1 : 0;
    const low = this.#timeLow + ((this.valueLow & lowMask) >>> 0);
    this.#timeLow = low % WORD;
    this.#timeHigh += (this.valueHigh & highMask) + (low >= WORD ? 1 : 0);
  }

  #successor(state: number): number {
    return this.u32(this.effectHigh + state);
  }

  /** Address of the mark of a kind, given four times the kind. */
  #markAt(kind: number): number {
    const lane = (this.#lane - this.regions.lanes) / LANE.byteLength;
    return this.#marks + 4 * FILTER_KINDS * lane + kind;
  }

  /** Address where is noted which code last wrote to a slot. */
  #seenAt(slot: number): number {
    const lane = (this.#lane - this.regions.lanes) / LANE.byteLength;
    return this.#seen + (this.rowBytes + 16) * lane + slot;
  }

  #fill(start: number, byteLength: number): void {
    new Uint8Array(this.view.buffer, start, byteLength).fill(0);
  }
}
