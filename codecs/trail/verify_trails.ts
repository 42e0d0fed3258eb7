/**
 * Looking at everything in a TrailDB.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  type Finding,
  throwIfAborted,
} from "@cairn/core";
import { crc32c } from "@cairn/kernels";
import { MEMBER_SUMS, type SummedPart } from "./additions.ts";
import { EventDecoder, joinTime } from "./event_decoder.ts";
import {
  MEMBER_INFO,
  MEMBER_TRAILS_DATA,
  TAR_BLOCK_BYTES,
  TAR_TRAILER_BYTES,
  TRAILS_DATA_PADDING_BYTES,
} from "./layout.ts";
import type { TrailFile } from "./trail_file.ts";
import { readExtents } from "./scan/trail_extents.ts";
import { getMember, type MemberWindow, readWindow } from "./trail_members.ts";

/** Bytes read at a time. */
const PIECE_BYTES = 4 * 2 ** 20;
/** Keys looked at at a time. */
const PIECE_KEYS = 65_536;
/** Findings of one kind that are told; more would say nothing new. */
const FINDINGS_MAX = 100;

/**
 * Checks every rule of the format, and the checksums where there are any.
 *
 * @param file The file.
 * @returns What is wrong; nothing for a sound file.
 */
export async function* verifyTrails(
  file: TrailFile,
  options: AbortOptions = {},
): AsyncGenerator<Finding> {
  const steps = [verifySums, verifyLexicons, verifyKeys, verifyEvents];
  for (const step of steps) {
    throwIfAborted(options.signal);
    file.assertOpen();
    try {
      yield* step(file, options);
    } catch (error) {
      if (!(error instanceof CairnError) || error.code === "aborted") {
        throw error;
      }
      // What cannot be read says nothing about whether it is sound.
      if (error.code === "io") throw error;
      yield toFinding(error);
    }
  }
}

async function* verifyLexicons(
  file: TrailFile,
  options: AbortOptions,
): AsyncGenerator<Finding> {
  for (let field = 0; field < file.schema.fields.length; field++) {
    try {
      await file.lexicon(field, options);
    } catch (error) {
      if (!isDamage(error)) throw error;
      yield toFinding(error);
    }
  }
}

async function* verifyKeys(
  file: TrailFile,
  options: AbortOptions,
): AsyncGenerator<Finding> {
  const { trails } = file.info;
  for (let start = 0; start < trails; start += PIECE_KEYS) {
    try {
      // The last key of the piece before once more, to see it in order.
      const from = Math.max(0, start - 1);
      await file.keys.read(from, Math.min(trails, start + PIECE_KEYS), options);
    } catch (error) {
      if (!isDamage(error)) throw error;
      yield toFinding(error);
    }
  }
}

/** Decodes every event with every check, and holds the sums against `info`. */
async function* verifyEvents(
  file: TrailFile,
  options: AbortOptions,
): AsyncGenerator<Finding> {
  const { trails, events, minTime, maxTime } = file.info;
  if (trails === 0) return;
  const decoder = new EventDecoder(await file.model(options));
  const blocks = await file.blocks(options);
  const data = getMember(file.members, MEMBER_TRAILS_DATA);
  const seen = new Counts(minTime);
  const block = new Counts(minTime);
  let findings = 0;
  let next = 0;
  for await (
    const extent of readExtents(file, { start: 0, end: trails }, options)
  ) {
    for (let i = 0; i < extent.ordinals.length; i++) {
      const start = extent.starts[i]!;
      const length = extent.ends[i]! - start;
      try {
        decoder.load(
          extent.bytes.subarray(start),
          length,
          extent.offset + start,
        );
        while (decoder.next()) {
          seen.add(decoder);
          block.add(decoder);
        }
      } catch (error) {
        if (!isDamage(error)) throw error;
        if (findings++ < FINDINGS_MAX) yield toFinding(error);
      }
      next++;
      const size = blocks?.trailsPerBlock;
      if (size === undefined || (next % size !== 0 && next < trails)) continue;
      const number = Math.ceil(next / size) - 1;
      if (
        findings === 0 && !(block.events === blocks!.events[number] &&
          Number(block.min) === blocks!.minTimes[number] &&
          Number(block.max) === blocks!.maxTimes[number])
      ) {
        findings++;
        yield damage(
          data,
          `Block ${number} of trails is not what "cairn.blocks" states`,
        );
      }
      block.clear();
    }
  }
  if (findings > 0) return;
  // Version 0 wrote "time unknown" as a difference that adds up all the same.
  const maxIsRight = seen.max === maxTime || file.version === 0;
  if (
    seen.events !== events ||
    (events > 0 && (seen.min !== minTime || !maxIsRight))
  ) {
    yield damage(
      getMember(file.members, MEMBER_INFO),
      `There are ${seen.events} events, of time ${seen.min} to ${seen.max}; info states ${events}, ${minTime} to ${maxTime}`,
    );
  }
  yield* verifyPadding(data, options);
}

async function* verifyPadding(
  data: MemberWindow,
  options: AbortOptions,
): AsyncGenerator<Finding> {
  const bytes = await readWindow(
    data,
    data.byteLength - TRAILS_DATA_PADDING_BYTES,
    TRAILS_DATA_PADDING_BYTES,
    options,
  );
  if (bytes.some((byte) => byte !== 0)) {
    yield damage(data, "The padding behind the trails is not zero");
  }
}

/** Counts events; times as two words, no bigint for an event. */
class Counts {
  events = 0;
  readonly #minTime: bigint;
  #minHigh = 0;
  #minLow = 0;
  #maxHigh = 0;
  #maxLow = 0;

  /** Counts nothing yet. @param minTime What all times are told from. */
  constructor(minTime: bigint) {
    this.#minTime = minTime;
  }

  add({ timeHigh, timeLow }: EventDecoder): void {
    const isFirst = this.events++ === 0;
    if (
      isFirst || timeHigh < this.#minHigh ||
      (timeHigh === this.#minHigh && timeLow < this.#minLow)
    ) {
      this.#minHigh = timeHigh;
      this.#minLow = timeLow;
    }
    if (
      isFirst || timeHigh > this.#maxHigh ||
      (timeHigh === this.#maxHigh && timeLow > this.#maxLow)
    ) {
      this.#maxHigh = timeHigh;
      this.#maxLow = timeLow;
    }
  }

  /** Smallest time; of no meaning without events. */
  get min(): bigint {
    return this.#minTime + joinTime(this.#minHigh, this.#minLow);
  }

  /** Largest time; of no meaning without events. */
  get max(): bigint {
    return this.#minTime + joinTime(this.#maxHigh, this.#maxLow);
  }

  clear(): void {
    this.events = 0;
  }
}

/** Holds the checksums against every byte; without any there is nothing to do. */
async function* verifySums(
  file: TrailFile,
  options: AbortOptions,
): AsyncGenerator<Finding> {
  const parts = await file.sums(options);
  if (parts === undefined) return;
  const window = getMember(file.members, MEMBER_SUMS);
  if (file.members.container === "package") {
    const [part] = parts;
    if (
      parts.length !== 1 || part!.member !== "" ||
      part!.byteLength !== window.offset
    ) {
      yield damage(window, "The checksums are not those of the bytes in front");
      return;
    }
    yield* verifyPart(part!, { ...window, offset: 0 }, options);
    yield* verifyTrailer(window, options);
    return;
  }
  const names = new Set(parts.map((part) => part.member));
  for (const { name, byteLength } of file.members.windows) {
    if (name !== MEMBER_SUMS && !names.has(name)) {
      yield damage(
        window,
        `There are no checksums for "${name}" of ${byteLength} bytes`,
      );
    }
  }
  for (const part of parts) {
    const member = getMember(file.members, part.member);
    if (member.byteLength !== part.byteLength) {
      yield damage(
        member,
        `It has ${member.byteLength} bytes, ${part.byteLength} when it was written`,
      );
    } else yield* verifyPart(part, member, options);
  }
}

async function* verifyPart(
  part: SummedPart,
  window: MemberWindow,
  options: AbortOptions,
): AsyncGenerator<Finding> {
  const { byteLength, rangeBytes, sums } = part;
  const ranges = Math.max(1, Math.floor(PIECE_BYTES / rangeBytes));
  for (let first = 0; first < sums.length; first += ranges) {
    throwIfAborted(options.signal);
    const start = first * rangeBytes;
    const end = Math.min(byteLength, start + ranges * rangeBytes);
    const bytes = await readWindow(window, start, end - start, options);
    for (let at = 0; at < bytes.length; at += rangeBytes) {
      const sum = crc32c(bytes.subarray(at, at + rangeBytes));
      if (sum === sums[first + at / rangeBytes]) continue;
      yield {
        severity: "corrupt",
        detail: `Bytes ${start + at} to ${
          Math.min(end, start + at + rangeBytes)
        } are not those that were written: their checksum differs`,
        where: {
          file: window.source.name,
          part: window.name,
          offset: window.offset + start + at,
        },
      };
    }
  }
}

/** Behind the checksums there are zeros up to a block, and two zero blocks. */
async function* verifyTrailer(
  window: MemberWindow,
  options: AbortOptions,
): AsyncGenerator<Finding> {
  const end = window.offset + window.byteLength;
  const wanted = Math.ceil(end / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES +
    TAR_TRAILER_BYTES;
  if (window.source.size !== wanted) {
    yield damage(
      window,
      `The file has ${window.source.size} bytes, ${wanted} when it was written`,
    );
    return;
  }
  const bytes = await window.source.read(end, wanted - end, options);
  if (bytes.some((byte) => byte !== 0)) {
    yield damage(window, "The bytes behind the last member are not zero");
  }
}

function isDamage(error: unknown): error is CairnError {
  return error instanceof CairnError && error.code === "corrupt";
}

function toFinding(error: CairnError): Finding {
  return { severity: "corrupt", detail: error.detail, where: error.where };
}

function damage(window: MemberWindow, detail: string): Finding {
  return {
    severity: "corrupt",
    detail,
    where: {
      file: window.source.name,
      part: window.name,
      offset: window.offset,
    },
  };
}
