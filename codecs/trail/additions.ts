/**
 * What cairn adds to a TrailDB: members of which the C program knows nothing.
 *
 * | member         | content                                                  |
 * | -------------- | -------------------------------------------------------- |
 * | `cairn.fields` | the type of each field                                   |
 * | `cairn.blocks` | events, smallest and largest time of each block of trails |
 * | `cairn.sums`   | CRC-32C of every range of bytes in front of it            |
 *
 * All three are there or none, in this order, last in the package and listed in
 * `tar.toc`. Each is one CBOR map; `cairn.sums` ends with a CRC-32C of its own.
 * The size of each follows from what is known before the first byte is written,
 * so a writer can state it in `tar.toc`.
 *
 * Layout: docs/formats/traildb.md, part "Additions".
 *
 * @module
 */
import {
  ByteReader,
  type ByteReaderPlace,
  ByteWriter,
  CairnError,
  type FieldType,
} from "@cairn/core";
import { crc32c } from "@cairn/kernels";
import { decode, encode } from "cborg";

/** Member: field types. */
export const MEMBER_FIELD_TYPES = "cairn.fields";
/** Member: facts about blocks of trails. */
export const MEMBER_BLOCKS = "cairn.blocks";
/** Member: checksums; always the last one. */
export const MEMBER_SUMS = "cairn.sums";
/** What the names of all our members begin with. */
export const ADDITIONS_PREFIX = "cairn.";
/** The version of all three. */
const ADDITIONS_VERSION = 1;
/** Trails of a block, as written. */
export const BLOCK_TRAILS = 128;
/** Bytes of a range with a checksum of its own, as written. */
export const SUM_RANGE_BYTES = 65_536;

/** Facts about runs of `trailsPerBlock` trails, the last one perhaps shorter. */
export interface TrailBlocks {
  /** Trails of a block. */
  readonly trailsPerBlock: number;
  /** Events of each block; at least 1. */
  readonly events: Float64Array;
  /** Smallest time of each block. */
  readonly minTimes: Float64Array;
  /** Largest time of each block. */
  readonly maxTimes: Float64Array;
}

/** Checksums of one run of bytes, from its start. */
export interface SummedPart {
  /**
   * In a directory the name of a member. In a package the empty string, for the
   * file from its first byte up to the content of `cairn.sums`, the header of
   * that member included.
   */
  readonly member: string;
  /** Bytes of the run. */
  readonly byteLength: number;
  /** Bytes of a range; the last one may be shorter. */
  readonly rangeBytes: number;
  /** CRC-32C of each range. */
  readonly sums: Uint32Array;
}

/** What the facts must agree with. */
export interface BlocksExpected {
  /** Trails of the file. */
  readonly trails: number;
  /** Events of the file. */
  readonly events: number;
  /** Smallest time of the file. */
  readonly minTime: number;
  /** Largest time of the file. */
  readonly maxTime: number;
}

/** Encodes `cairn.fields`. @param types A type for each field, in schema order. */
export function encodeFieldTypes(types: readonly FieldType[]): Uint8Array {
  return encode({ version: ADDITIONS_VERSION, types });
}

/**
 * Decodes `cairn.fields`.
 *
 * @param bytes The member.
 * @param fieldCount Fields of the schema.
 * @param place Where the member is, for errors.
 * @returns A type for each field.
 * @throws {CairnError} `corrupt`; `unsupported` for a later version.
 */
export function decodeFieldTypes(
  bytes: Uint8Array,
  fieldCount: number,
  place: ByteReaderPlace,
): FieldType[] {
  const { types } = decodeMap(bytes, place);
  if (
    !Array.isArray(types) || types.length !== fieldCount ||
    !types.every(isFieldType)
  ) {
    throw corrupt(
      place,
      `Cannot read field types: one of ${fieldCount} is bad`,
    );
  }
  return types;
}

/**
 * Encodes `cairn.blocks`.
 *
 * @param blocks Facts about all blocks of the file.
 * @param minTime Smallest time of the file; times are stored from there.
 */
export function encodeBlocks(blocks: TrailBlocks, minTime: number): Uint8Array {
  const writer = new ByteWriter(16 * blocks.events.length);
  for (let block = 0; block < blocks.events.length; block++) {
    writer.uvarint(blocks.events[block]!);
    writer.uvarint(blocks.minTimes[block]! - minTime);
    writer.uvarint(blocks.maxTimes[block]! - blocks.minTimes[block]!);
  }
  return encode({
    version: ADDITIONS_VERSION,
    trailsPerBlock: blocks.trailsPerBlock,
    blocks: writer.take(),
  });
}

/**
 * Decodes `cairn.blocks`.
 *
 * @param bytes The member.
 * @param expected What `info` says.
 * @param place Where the member is, for errors.
 * @returns Facts about all blocks; copies.
 * @throws {CairnError} `corrupt` when it is damaged or does not agree with
 * `info`; `unsupported` for a later version.
 */
export function decodeBlocks(
  bytes: Uint8Array,
  expected: BlocksExpected,
  place: ByteReaderPlace,
): TrailBlocks {
  const { trailsPerBlock, blocks } = decodeMap(bytes, place);
  if (!isCount(trailsPerBlock, 1) || !(blocks instanceof Uint8Array)) {
    throw corrupt(place, "Cannot read blocks: not what a block table holds");
  }
  const count = Math.ceil(expected.trails / trailsPerBlock);
  // Each block takes three bytes at least: no allocation by the file's word.
  if (count > blocks.length / 3) {
    throw corrupt(
      place,
      `Cannot read blocks: ${blocks.length} bytes for ${count} blocks`,
    );
  }
  const table = {
    trailsPerBlock,
    events: new Float64Array(count),
    minTimes: new Float64Array(count),
    maxTimes: new Float64Array(count),
  };
  const reader = new ByteReader(blocks, place);
  let events = 0;
  for (let block = 0; block < count; block++) {
    table.events[block] = reader.uvarint("events", expected.events - events);
    events += table.events[block]!;
    const min = expected.minTime +
      reader.uvarint("smallest time", expected.maxTime - expected.minTime);
    table.minTimes[block] = min;
    table.maxTimes[block] = min +
      reader.uvarint("largest time", expected.maxTime - min);
  }
  reader.expectEnd();
  if (events !== expected.events || table.events.includes(0)) {
    throw corrupt(
      place,
      `Cannot read blocks: ${events} events, ${expected.events} wanted`,
    );
  }
  return table;
}

/**
 * Encodes `cairn.sums`. Its length depends on the parts' names and lengths
 * alone, not on the sums.
 *
 * @param parts A package has one part, a directory one for each member.
 */
export function encodeSums(parts: readonly SummedPart[]): Uint8Array {
  const body = encode({
    version: ADDITIONS_VERSION,
    parts: parts.map(({ member, byteLength, rangeBytes, sums }) => {
      const writer = new ByteWriter(4 * sums.length);
      for (const sum of sums) writer.u32(sum);
      return [member, byteLength, rangeBytes, writer.take()];
    }),
  });
  const bytes = new Uint8Array(body.length + 4);
  bytes.set(body);
  new DataView(bytes.buffer).setUint32(body.length, crc32c(body), true);
  return bytes;
}

/**
 * Gives the length of `cairn.sums` before there are sums.
 *
 * For a package it depends on where the member's content begins, which does
 * not depend on its length.
 *
 * @param parts Names and lengths of the parts.
 * @returns Bytes of the member.
 */
export function sumsByteLength(
  parts: readonly Pick<SummedPart, "member" | "byteLength" | "rangeBytes">[],
): number {
  return encodeSums(parts.map((part) => ({
    ...part,
    sums: new Uint32Array(Math.ceil(part.byteLength / part.rangeBytes)),
  }))).length;
}

/**
 * Decodes `cairn.sums`.
 *
 * @param bytes The member.
 * @param place Where the member is, for errors.
 * @returns The parts; copies.
 * @throws {CairnError} `corrupt`; `unsupported` for a later version.
 */
export function decodeSums(
  bytes: Uint8Array,
  place: ByteReaderPlace,
): SummedPart[] {
  const body = bytes.subarray(0, Math.max(0, bytes.length - 4));
  const stated = new ByteReader(bytes.subarray(body.length), place).u32("sum");
  if (crc32c(body) !== stated) {
    throw corrupt(place, "Cannot read checksums: their own checksum differs");
  }
  const { parts } = decodeMap(body, place);
  if (!Array.isArray(parts)) {
    throw corrupt(place, "Cannot read checksums: no list of parts");
  }
  return parts.map((part: unknown) => {
    const [member, byteLength, rangeBytes, sums] = Array.isArray(part)
      ? part as unknown[]
      : [];
    if (
      typeof member !== "string" || !isCount(byteLength, 0) ||
      !isCount(rangeBytes, 1) || !(sums instanceof Uint8Array) ||
      sums.length !== 4 * Math.ceil(byteLength / rangeBytes)
    ) {
      throw corrupt(place, "Cannot read checksums: a part is not one");
    }
    const reader = new ByteReader(sums, place);
    return {
      member,
      byteLength,
      rangeBytes,
      sums: Uint32Array.from(
        { length: sums.length / 4 },
        () => reader.u32("sum"),
      ),
    };
  });
}

/** Sums up a run of bytes, range by range, as they come. */
export class RangeSummer {
  readonly #rangeBytes: number;
  readonly #sums: number[] = [];
  #sum = 0;
  #inRange = 0;

  /** Makes a summer. @param rangeBytes Bytes of a range. */
  constructor(rangeBytes: number = SUM_RANGE_BYTES) {
    this.#rangeBytes = rangeBytes;
  }

  /** Takes the next bytes. @param bytes Any number. */
  update(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const end = Math.min(bytes.length, at + this.#rangeBytes - this.#inRange);
      this.#sum = crc32c(bytes.subarray(at, end), this.#sum);
      this.#inRange += end - at;
      at = end;
      if (this.#inRange === this.#rangeBytes) this.#endRange();
    }
  }

  /** Gives the sums of all ranges; the last range may be short. Once only. */
  finish(): Uint32Array {
    if (this.#inRange > 0) this.#endRange();
    return Uint32Array.from(this.#sums);
  }

  #endRange(): void {
    this.#sums.push(this.#sum);
    this.#sum = 0;
    this.#inRange = 0;
  }
}

function decodeMap(
  bytes: Uint8Array,
  place: ByteReaderPlace,
): Record<string, unknown> {
  let value: unknown;
  try {
    value = decode(bytes, { strict: true, rejectDuplicateMapKeys: true });
  } catch (cause) {
    throw new CairnError("corrupt", "Cannot read addition: not sound CBOR", {
      where: errorPlace(place),
      cause,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw corrupt(place, "Cannot read addition: CBOR, but no map");
  }
  const map = value as Record<string, unknown>;
  if (map.version !== ADDITIONS_VERSION) {
    const code = isCount(map.version, 0) ? "unsupported" : "corrupt";
    throw new CairnError(
      code,
      `Cannot read addition: version ${map.version}, ${ADDITIONS_VERSION} wanted`,
      { where: errorPlace(place) },
    );
  }
  return map;
}

function isFieldType(value: unknown): value is FieldType {
  return value === "bytes" || value === "text" || value === "integer";
}

function isCount(value: unknown, min: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) &&
    value >= min;
}

function corrupt(place: ByteReaderPlace, detail: string): CairnError {
  return new CairnError("corrupt", detail, { where: errorPlace(place) });
}

function errorPlace(place: ByteReaderPlace): {
  part: string;
  offset: number;
  file?: string;
} {
  const { part, offset = 0, file } = place;
  return { part, offset, ...(file === undefined ? {} : { file }) };
}
