/**
 * Telling a damaged length from an event that was cut.
 *
 * @module
 */
import { CairnError, type ReadOptions } from "@cairn/core";
import { decodeEvent } from "./_decode_events.ts";
import type { EventLog } from "./_event_log.ts";
import type { KeyChain } from "./_key_chain.ts";
import type { StreamEvent } from "./stream_batch.ts";
import { keyText } from "./stream_key.ts";
import { EVENT_LENGTH_BYTES, KEY_BYTES_MIN } from "./layout.ts";

/** How far behind the end of the events is looked. */
const WINDOW_BYTES: number = 2 ** 20;
/** Bytes of would-be events that are decoded, lest a file keep us busy. */
const BUDGET_BYTES: number = 2 ** 24;
/** A body with a key: the data's length, the key count, the key. */
const BODY_BYTES_MIN = 2 + KEY_BYTES_MIN;

/** Where the events seem to end. */
export interface SeemingEnd {
  /** The end of the last whole event. */
  readonly offset: number;
  /** Bytes of the file. */
  readonly size: number;
  /** The last event of each key up to there. */
  readonly chain: KeyChain;
}

/**
 * Looks for an event behind the end that goes on where the events before it
 * stopped. There is none behind an event that a crash has cut. One says that
 * it is a length that is wrong, by which all that follows would be given up.
 *
 * @param log The bytes.
 * @param end Where the events seem to end.
 * @param options Stops reading.
 * @returns The error, or `undefined` when nothing speaks against the end.
 */
export async function findLaterEvent(
  log: EventLog,
  end: SeemingEnd,
  options: ReadOptions,
): Promise<CairnError | undefined> {
  const length = Math.min(WINDOW_BYTES, end.size - end.offset);
  const bytes = await log.read(end.offset, length, options);
  let budget = BUDGET_BYTES;
  const last = length - EVENT_LENGTH_BYTES - BODY_BYTES_MIN;
  for (let at = 1; at <= last && budget > 0; at++) {
    // Few bytes make a length that fits, so that little is tried in earnest.
    const bodyBytes = bytes[at]! + bytes[at + 1]! * 2 ** 8 +
      bytes[at + 2]! * 2 ** 16 + bytes[at + 3]! * 2 ** 24;
    if (bodyBytes < BODY_BYTES_MIN) continue;
    if (bodyBytes > length - at - EVENT_LENGTH_BYTES) continue;
    budget -= bodyBytes;
    const { event } = decodeEvent({
      bytes: bytes.subarray(at),
      offset: end.offset + at,
      limit: end.size,
      file: log.name,
    });
    if (event === undefined || !goesOn(event, end)) continue;
    return new CairnError(
      "corrupt",
      `Cannot read event: its length is wrong, as another follows at ${event.offset}`,
      { where: { file: log.name, part: "events", offset: end.offset } },
    );
  }
  return undefined;
}

/** Whether an event's links agree with the events before the end, and prove it. */
function goesOn(event: StreamEvent, end: SeemingEnd): boolean {
  let proven = false;
  for (const { key, previous } of event.keys) {
    // Events behind the end may have had the key too.
    if (previous > end.offset) continue;
    const last = end.chain.last(keyText(key, 0, key.length));
    if (previous !== last && previous !== end.offset) return false;
    if (previous !== 0) proven = true;
  }
  return proven;
}
