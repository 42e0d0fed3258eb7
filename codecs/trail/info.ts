/**
 * The members `version` and `info`.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import { TIME_DELTA_MAX, TRAIL_FORMAT_VERSION } from "./layout.ts";
import { corruptMember, type MemberWindow } from "./trail_members.ts";

/** What `info` states. */
export interface TrailInfo {
  /** Number of trails. */
  readonly trails: number;
  /** Number of events. */
  readonly events: number;
  /** Smallest time; 2^64 - 1 without events. */
  readonly minTime: bigint;
  /** Largest time; 0 without events. */
  readonly maxTime: bigint;
  /** Largest time difference; decides how many bits a literal one has. */
  readonly maxDelta: number;
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const latin1 = new TextDecoder("latin1");

/**
 * Decodes `version`.
 *
 * White space in front and anything behind the number are passed over, as the
 * C reader does.
 *
 * @param bytes The member.
 * @param window Where it is.
 * @throws {CairnError} `corrupt`; `unsupported` for a later version.
 */
export function decodeVersion(bytes: Uint8Array, window: MemberWindow): number {
  const text = latin1.decode(bytes.subarray(0, 512));
  const digits = /^[ \t\n\v\f\r]*([0-9]+)/.exec(text)?.[1];
  if (digits === undefined) {
    throw corruptMember(window, "Cannot read version: no number");
  }
  const version = Number(digits);
  if (version > TRAIL_FORMAT_VERSION) {
    throw new CairnError(
      "unsupported",
      `Cannot read TrailDB of version ${digits}: at most ${TRAIL_FORMAT_VERSION} wanted`,
      {
        where: {
          file: window.source.name,
          part: window.name,
          offset: window.offset,
        },
        reason: "incompatible-version",
      },
    );
  }
  return version;
}

/**
 * Decodes `info`.
 *
 * @param bytes The member.
 * @param window Where it is.
 * @throws {CairnError} `corrupt`.
 */
export function decodeInfo(bytes: Uint8Array, window: MemberWindow): TrailInfo {
  const text = latin1.decode(bytes.subarray(0, 512));
  const words =
    /^\s*([0-9]+)\s+([0-9]+)\s+([0-9]+)\s+([0-9]+)\s+([0-9]+)(?:\s|\0|$)/
      .exec(text)?.slice(1);
  if (words === undefined) {
    throw corruptMember(window, "Cannot read info: no five numbers");
  }
  const [trails = 0n, events = 0n, minTime = 0n, maxTime = 0n, maxDelta = 0n] =
    words.map((word) => BigInt(word.slice(0, 32)));
  for (const value of [minTime, maxTime]) {
    if (value > U64_MAX) {
      throw corruptMember(
        window,
        `Cannot read info: time ${value} has over 64 bits`,
      );
    }
  }
  if (events > 0n && minTime > maxTime) {
    throw corruptMember(
      window,
      `Cannot read info: smallest time ${minTime}, largest ${maxTime}`,
    );
  }
  return {
    trails: safe(trails, BigInt(Number.MAX_SAFE_INTEGER), "trails"),
    events: safe(events, BigInt(Number.MAX_SAFE_INTEGER), "events"),
    minTime,
    maxTime,
    maxDelta: safe(maxDelta, BigInt(TIME_DELTA_MAX), "largest difference"),
  };

  function safe(value: bigint, max: bigint, what: string): number {
    if (value > max) {
      throw corruptMember(
        window,
        `Cannot read info: ${what} ${value}, at most ${max} wanted`,
      );
    }
    return Number(value);
  }
}
