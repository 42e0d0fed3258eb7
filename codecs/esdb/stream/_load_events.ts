/**
 * One pass over the events of an open stream.
 *
 * @module
 */
import type { CairnError, ReadOptions } from "@cairn/core";
import { type EventLog, scanLog } from "./_event_log.ts";
import { EventMarks } from "./_event_marks.ts";
import { findLaterEvent } from "./_later_event.ts";
import { KeyChain } from "./_key_chain.ts";
import type { StreamExtent } from "./event_stream.ts";
import { STREAM_START } from "./layout.ts";

/** What the pass found. */
export interface LoadedEvents {
  /** Where the events lie, and what lies behind them. */
  readonly extent: StreamExtent;
  /** The last event of each key. */
  readonly chain: KeyChain;
  /** Where events begin. */
  readonly marks: EventMarks;
  /** Number of events. */
  readonly count: number;
  /** What is wrong with the bytes behind the events, for `damage`. */
  readonly error: CairnError | undefined;
}

/**
 * Reads an open stream through: where its events end, and the last of each key.
 *
 * @param log The bytes.
 * @param size How many there are.
 * @param options Stops reading.
 */
export async function loadEvents(
  log: EventLog,
  size: number,
  options: ReadOptions,
): Promise<LoadedEvents> {
  const chain = new KeyChain();
  const marks = new EventMarks();
  let count = 0;
  const scan = scanLog(log, {
    ...options,
    from: STREAM_START,
    limit: size,
    chain,
  });
  let step = await scan.next();
  for (; step.done !== true; step = await scan.next()) {
    marks.addBatch(step.value);
    count += step.value.count;
  }
  const { offset, stop } = step.value;
  const byteLength = size - offset;
  const error = step.value.error ??
    await findLaterEvent(log, { offset, size, chain }, options);
  const reason = error !== undefined
    ? "damage"
    : stop === "full"
    ? "cut"
    : stop;
  return {
    extent: {
      start: STREAM_START,
      end: offset,
      rest: byteLength === 0 ? undefined : { offset, byteLength, reason },
    },
    chain,
    marks,
    count,
    error,
  };
}
