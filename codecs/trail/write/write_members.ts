/**
 * The members of a TrailDB, as bytes.
 *
 * Layout: docs/formats/traildb.md, parts 4 to 8.
 *
 * @module
 */
import { encodeText, type Schema } from "@cairn/core";
import type { PackedLexicon } from "@cairn/core/sort";
import type { TrailHead } from "./encode_trails.ts";
import {
  LEXICON_PREFIX,
  NO_EVENTS_MIN_TIME,
  TRAILS_DATA_PADDING_BYTES,
  WIDE_LEXICON_BYTES_MIN,
  WIDE_TOC_DATA_BYTES_MIN,
} from "../layout.ts";
import type { Spool } from "./spool.ts";

/** A member to be written. */
export interface Member {
  /** Its name. */
  readonly name: string;
  /** Bytes of its content. */
  readonly byteLength: number;
  /** Gives its content in pieces, once; each is valid until the next. */
  read(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Numbers of a piece of a table of offsets. */
const PIECE_NUMBERS = 16_384;

/** Makes a member of bytes at hand. @param name Its name. @param bytes Its content. */
export function bytesMember(name: string, bytes: Uint8Array): Member {
  return { name, byteLength: bytes.length, read: () => [bytes] };
}

/** Makes a member of a spool. @param name Its name. @param spool Its content. */
export function spoolMember(name: string, spool: Spool): Member {
  return { name, byteLength: spool.byteLength, read: () => spool.read() };
}

/** Facts of the member `info`. */
export interface InfoFacts {
  /** Number of trails. */
  readonly trails: number;
  /** Number of events. */
  readonly events: number;
  /** Smallest time. */
  readonly minTime: number;
  /** Largest time. */
  readonly maxTime: bigint;
  /** Largest time difference. */
  readonly maxDelta: number;
}

/** Formats `info`. @param facts What it says. */
export function encodeInfo(facts: InfoFacts): Uint8Array {
  const { trails, events, maxTime, maxDelta } = facts;
  const minTime = events === 0 ? NO_EVENTS_MIN_TIME : facts.minTime;
  return encodeText(`${trails} ${events} ${minTime} ${maxTime} ${maxDelta}\n`);
}

/** Formats `fields`. @param schema The fields. */
export function encodeFields(schema: Schema): Uint8Array {
  const lines = schema.fields.map(({ name }) => `${name}\n`);
  return encodeText(lines.join("") + "\n");
}

/** Makes the member of a field's lexicon. @param field The field's name. @param lexicon Its values. */
export function lexiconMember(field: string, lexicon: PackedLexicon): Member {
  const { bytes, offsets, count } = lexicon;
  const values = bytes.subarray(offsets[0], offsets[count]);
  const narrow = (count + 2) * 4 + values.length;
  const width = narrow < WIDE_LEXICON_BYTES_MIN ? 4 : 8;
  const tableBytes = (count + 2) * width;
  return {
    name: LEXICON_PREFIX + field,
    byteLength: tableBytes + values.length,
    *read() {
      yield packNumbers([count], width);
      for (let i = 0; i <= count; i += PIECE_NUMBERS) {
        const piece = offsets.subarray(
          i,
          Math.min(count + 1, i + PIECE_NUMBERS),
        );
        yield packNumbers(
          Float64Array.from(piece, (o) => tableBytes + o - offsets[0]!),
          width,
        );
      }
      if (values.length > 0) yield values;
    },
  };
}

/**
 * Makes `trails.toc`.
 *
 * @param name The member's name.
 * @param ends Where each trail ends, as f64.
 * @param dataBytes Bytes of `trails.data`, its padding included.
 */
export function tocMember(
  name: string,
  ends: Spool,
  dataBytes: number,
): Member {
  const width = dataBytes < WIDE_TOC_DATA_BYTES_MIN ? 4 : 8;
  return {
    name,
    byteLength: (ends.byteLength / 8 + 1) * width,
    async *read() {
      yield new Uint8Array(width);
      for await (const piece of ends.read()) {
        const copy = piece.slice();
        yield packNumbers(
          new Float64Array(copy.buffer, 0, copy.length / 8),
          width,
        );
      }
    },
  };
}

/**
 * Makes `trails.data`.
 *
 * @param name The member's name.
 * @param data The trails.
 * @param heads Bytes that have to be mended, ascending.
 */
export function dataMember(
  name: string,
  data: Spool,
  heads: readonly TrailHead[],
): Member {
  return {
    name,
    byteLength: data.byteLength + TRAILS_DATA_PADDING_BYTES,
    async *read() {
      let offset = 0;
      let head = 0;
      for await (const piece of data.read()) {
        let bytes = piece;
        const end = offset + piece.length;
        while (head < heads.length && heads[head]!.offset < end) {
          if (bytes === piece) bytes = piece.slice();
          const { offset: at, bits } = heads[head++]!;
          bytes[at - offset]! |= bits;
        }
        yield bytes;
        offset = end;
      }
      yield new Uint8Array(TRAILS_DATA_PADDING_BYTES);
    },
  };
}

function packNumbers(
  numbers: ArrayLike<number>,
  width: 4 | 8,
): Uint8Array {
  const bytes = new Uint8Array(numbers.length * width);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    view.setUint32(i * width, number, true);
    if (width === 8) {
      view.setUint32(i * 8 + 4, Math.floor(number / 0x1_0000_0000), true);
    }
  }
  return bytes;
}
