/**
 * Decoding one trail, event by event, with every check. Cursors and `verify`
 * use it; scans have a kernel and come back here to say what is wrong.
 *
 * @module
 */
import { bitLength, type CairnError } from "@cairn/core";
import type { Codebook } from "./codebook.ts";
import { fieldIdBits, RESIDUAL_BITS } from "./layout.ts";
import { corruptMember, type MemberWindow } from "./trail_members.ts";

/** What it takes to decode trails. */
export interface DecodeModel {
  /** Fields of the schema, time not counted. */
  readonly fieldCount: number;
  /** Distinct values of each field, by field id; entry 0 is 0. */
  readonly valueCounts: Float64Array;
  /** Bits of a field id in a literal. */
  readonly fieldBits: number;
  /** Bits of a value in a literal, by field id; entry 0 is the time's. */
  readonly valueBits: Uint8Array;
  /** The codewords. */
  readonly codebook: Codebook;
  /** Smallest time of the file. */
  readonly minTime: bigint;
  /** The member `trails.data`, for errors. */
  readonly data: MemberWindow;
}

/**
 * Puts a model together.
 *
 * @param parts Codebook, counts, smallest time and member.
 * @param maxDelta Largest time difference that `info` states.
 */
export function makeDecodeModel(
  parts: Pick<DecodeModel, "valueCounts" | "codebook" | "minTime" | "data">,
  maxDelta: number,
): DecodeModel {
  const fieldCount = parts.valueCounts.length - 1;
  return {
    ...parts,
    fieldCount,
    fieldBits: fieldIdBits(fieldCount),
    valueBits: Uint8Array.from(
      parts.valueCounts,
      (count, field) => bitLength(field === 0 ? maxDelta : count),
    ),
  };
}

const TIME_WORD = 2 ** 48;
const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Joins the words of a time. @param high Upper word. @param low 48 bits. */
export function joinTime(high: number, low: number): bigint {
  return BigInt(high) * BigInt(TIME_WORD) + BigInt(low);
}

/**
 * Walks over the events of one trail.
 *
 * After `next`, the time and the items stored for the event are there, in the
 * order of the file; `values` keeps the value of every field.
 */
export class EventDecoder {
  /** Value of each field, by field id, after the last event; entry 0 is 0. */
  readonly values: Float64Array;
  /** Fields of the items stored for the event; the first `itemCount` count. */
  itemFields: Uint32Array;
  /** Values of the items stored for the event. */
  itemValues: Float64Array;
  /** How many items are stored for the event. */
  itemCount = 0;
  readonly #model: DecodeModel;
  #view: DataView = new DataView(new ArrayBuffer(16));
  #offset = 0;
  #byte = 0;
  #bit = 0;
  #endByte = 0;
  #endBit = 0;
  // The time since the smallest of the file, in two words of 48 bits.
  #timeLow = 0;
  #timeHigh = 0;
  #field = 0;
  #value = 0;
  #secondField = 0;
  #secondValue = 0;

  /** Makes a decoder without a trail. @param model The file's. */
  constructor(model: DecodeModel) {
    this.#model = model;
    this.values = new Float64Array(model.fieldCount + 1);
    this.itemFields = new Uint32Array(16);
    this.itemValues = new Float64Array(16);
  }

  /**
   * Begins a trail.
   *
   * @param bytes The trail and at least 8 bytes behind it; kept, not copied.
   * @param byteLength Bytes of the trail, at least 1.
   * @param offset Where it begins in `trails.data`, for errors.
   * @throws {CairnError} `corrupt` when it is too short for what it states.
   */
  load(bytes: Uint8Array, byteLength: number, offset: number): void {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
    this.#byte = 0;
    this.#bit = RESIDUAL_BITS;
    const residual = bytes[0]! & 7;
    this.#endByte = residual === 0 ? byteLength : byteLength - 1;
    this.#endBit = residual === 0 ? 0 : 8 - residual;
    if (this.#endByte === 0 && this.#endBit < RESIDUAL_BITS) {
      throw this.#corrupt(`it has ${this.#endBit} bits`);
    }
    this.#timeLow = 0;
    this.#timeHigh = 0;
    this.values.fill(0);
    this.itemCount = 0;
  }

  /** Time of the event. */
  get time(): bigint {
    return this.#model.minTime + joinTime(this.#timeHigh, this.#timeLow);
  }

  /** Upper word of the time since the smallest of the file. */
  get timeHigh(): number {
    return this.#timeHigh;
  }

  /** Lower word of it, of 48 bits. */
  get timeLow(): number {
    return this.#timeLow;
  }

  /** Time of the event since the smallest of the file; rounded above 2^53. */
  get sinceMinTime(): number {
    return this.#timeHigh * TIME_WORD + this.#timeLow;
  }

  /** Whether the trail is decoded to its end. */
  get atEnd(): boolean {
    return this.#byte === this.#endByte && this.#bit === this.#endBit;
  }

  /**
   * Decodes the next event.
   *
   * @returns False at the end of the trail.
   * @throws {CairnError} `corrupt`.
   */
  next(): boolean {
    this.itemCount = 0;
    if (this.atEnd) return false;
    this.#readCode();
    if (this.#field !== 0) throw this.#corrupt("an event without a time");
    this.#addTime(this.#value);
    if (this.#secondField !== 0) {
      this.#addItem(this.#secondField, this.#secondValue);
    }
    while (!this.atEnd) {
      const byte = this.#byte;
      const bit = this.#bit;
      this.#readCode();
      if (this.#field === 0) {
        // The next event begins here: look at it again then.
        this.#byte = byte;
        this.#bit = bit;
        return true;
      }
      this.#addItem(this.#field, this.#value);
      if (this.#secondField !== 0) {
        this.#addItem(this.#secondField, this.#secondValue);
      }
    }
    return true;
  }

  #addTime(delta: number): void {
    this.#timeLow += delta;
    if (this.#timeLow >= TIME_WORD) {
      this.#timeLow -= TIME_WORD;
      this.#timeHigh++;
    }
    // Only after 2^16 words can the sum pass 64 bits.
    if (this.#timeHigh >= 0xfff0 && this.time > U64_MAX) {
      throw this.#corrupt("a time of more than 64 bits");
    }
  }

  #addItem(field: number, value: number): void {
    if (this.itemCount === this.itemFields.length) {
      // Not by the file's word: each item took bits of the trail.
      const fields = new Uint32Array(2 * this.itemCount);
      const values = new Float64Array(2 * this.itemCount);
      fields.set(this.itemFields);
      values.set(this.itemValues);
      this.itemFields = fields;
      this.itemValues = values;
    }
    this.itemFields[this.itemCount] = field;
    this.itemValues[this.itemCount++] = value;
    this.values[field] = value;
  }

  /** Reads a code into `#field`, `#value` and the second item. */
  #readCode(): void {
    const model = this.#model;
    this.#secondField = 0;
    if (this.#peek(0, 1) === 1) {
      const symbol = model.codebook.symbols[this.#peek(1, 16)]!;
      if (symbol === 0) {
        throw this.#corrupt(
          `codebook entry ${this.#peek(1, 16)} is unused or damaged`,
        );
      }
      this.#skip(1 + model.codebook.codeBits[symbol]!);
      this.#field = model.codebook.firstFields[symbol]!;
      this.#value = model.codebook.firstValues[symbol]!;
      this.#secondField = model.codebook.secondFields[symbol]!;
      this.#secondValue = model.codebook.secondValues[symbol]!;
      return;
    }
    const field = this.#peek(1, model.fieldBits);
    if (field > model.fieldCount) {
      throw this.#corrupt(
        `a literal of field ${field}, there are ${model.fieldCount}`,
      );
    }
    const start = 1 + model.fieldBits;
    const bits = model.valueBits[field]!;
    const lowBits = Math.min(bits, 24);
    let value = this.#peek(start, lowBits);
    if (bits > 24) value += this.#peek(start + 24, bits - 24) * 2 ** 24;
    if (field !== 0 && value > model.valueCounts[field]!) {
      throw this.#corrupt(
        `value ${value} of field ${field}, there are ${
          model.valueCounts[field]
        }`,
      );
    }
    this.#skip(start + bits);
    this.#field = field;
    this.#value = value;
  }

  /** Looks at up to 24 bits, at most 48 bits ahead; never past the padding. */
  #peek(ahead: number, bits: number): number {
    const from = this.#bit + ahead;
    const byte = this.#byte + (from >>> 3);
    if (byte + 4 > this.#view.byteLength) {
      return this.#peekEnd(byte, from, bits);
    }
    return this.#view.getUint32(byte, true) >>> (from & 7) & ((1 << bits) - 1);
  }

  /** The same where four bytes are not there: what is missing is zero. */
  #peekEnd(byte: number, from: number, bits: number): number {
    let word = 0;
    for (let i = 0; i < 4 && byte + i < this.#view.byteLength; i++) {
      word |= this.#view.getUint8(byte + i) << 8 * i;
    }
    return word >>> (from & 7) & ((1 << bits) - 1);
  }

  /** Moves on, but not past the end of the trail. */
  #skip(bits: number): void {
    const to = this.#bit + bits;
    const byte = this.#byte + (to >>> 3);
    const bit = to & 7;
    if (
      byte > this.#endByte || (byte === this.#endByte && bit > this.#endBit)
    ) {
      throw this.#corrupt("its last code goes past its end");
    }
    this.#byte = byte;
    this.#bit = bit;
  }

  #corrupt(state: string): CairnError {
    return corruptMember(
      this.#model.data,
      `Cannot decode trail: ${state}`,
      this.#offset + this.#byte,
    );
  }
}
