/**
 * The reference of the kernel that filters trails, over a plain buffer.
 *
 * @module
 */
import { LANE } from "./trail_decode_layout.ts";
import { TrailDecodeReference } from "./trail_decode_reference.ts";
import {
  FILTER_STATES,
  type TrailFilterKernel,
} from "./trail_filter_layout.ts";

const WORD = 0x1_0000_0000;
const BAD = 2 ** 30;
const BEGINS = 4;

/** Does what the compiled kernel does, in TypeScript alone. */
export class TrailFilterReference extends TrailDecodeReference
  implements TrailFilterKernel {
  /** Address of the table of states that pass. */
  readonly accept: number = this.regions.lanes + 256;
  /** Address of the table of fields with values. */
  readonly values: number = this.accept + FILTER_STATES;
  #firstState = 0;
  #timeMask = 0;
  #state = 0;
  #timeLow = 0;
  #timeHigh = 0;

  /** See {@linkcode TrailFilterKernel.configureFilter}. */
  configureFilter(state: number, timeMask: number): void {
    this.#firstState = state;
    this.#timeMask = timeMask;
  }

  /** Does what one code says. */
  protected override step(): void {
    this.read();
    if (this.effectLow >>> 31 === 1) {
      if (this.#accepts()) {
        this.#noteTime();
        const row = this.row;
        const bytes = new Uint8Array(this.view.buffer as ArrayBuffer);
        this.row += this.rowBytes;
        bytes.copyWithin(this.row, row, this.row);
      }
      const sum = this.#timeLow + ((this.valueLow & this.#timeMask) >>> 0);
      this.#timeLow = sum % WORD;
      if (sum >= WORD) this.#timeHigh++;
    }
    this.#change();
    this.put();
  }

  /** Does the first code of a trail; false when that is no time. */
  protected override begin(lane: number): boolean {
    this.read();
    if (this.effectLow >>> 31 === 0) return false;
    const row = new Uint8Array(this.view.buffer, this.row, this.rowBytes);
    row.fill(0);
    this.#state = this.#firstState;
    this.#timeLow = (this.valueLow & this.#timeMask) >>> 0;
    this.#timeHigh = 0;
    this.#change();
    this.put();
    this.keep(lane);
    return true;
  }

  /** Gives the address behind the last row of a trail that ends. */
  protected override endTrail(_lane: number, isEmpty: boolean): number {
    if (!isEmpty && this.#accepts()) {
      this.#noteTime();
      this.row += this.rowBytes;
    }
    return this.row;
  }

  /** Takes up where a lane is. */
  protected override take(lane: number): void {
    super.take(lane);
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

  #accepts(): boolean {
    return this.view.getUint8(this.accept + this.#state) === 1;
  }

  #noteTime(): void {
    this.view.setUint32(this.row, this.#timeLow | BEGINS, true);
    this.view.setUint32(this.row + 4, this.#timeHigh, true);
  }

  /** Changes the state as the code says. */
  #change(): void {
    this.#state = (this.#state & this.effectHigh) |
      ((this.effectHigh >>> 8) & 0xff);
    const number = (this.effectLow >>> 22) & 15;
    if (number === 0) return;
    const entry = this.values + 16 * (number - 1);
    const value = ((this.wordLow >>> this.scale) & this.u32(entry + 8)) >>> 0;
    if (value >= this.u32(entry + 4)) {
      this.position += BAD;
    } else {
      this.#state |= this.view.getUint8(this.u32(entry) + value);
    }
  }
}
