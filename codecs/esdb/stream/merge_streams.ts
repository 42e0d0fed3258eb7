/**
 * Several streams into one.
 *
 * @module
 */
import { type AbortOptions, type Sink, throwIfAborted } from "@cairn/core";
import { signalOf } from "./_event_reading.ts";
import {
  type ClosedStreamSummary,
  createClosedStream,
} from "./closed_stream_writer.ts";
import type { EventStream, StreamRest } from "./event_stream.ts";
import type { CloseStreamOptions } from "./stream_sync.ts";

/** How to merge. */
export interface MergeStreamsOptions extends AbortOptions, CloseStreamOptions {
  /** Told after each batch how many events have been taken. */
  readonly onProgress?: (events: number) => void;
}

/** What one stream gave to a merge. */
export interface MergedSource {
  /** Its name. */
  readonly name: string;
  /** Events taken from it. */
  readonly events: number;
  /** Bytes behind its events that were no event, if there were some. */
  readonly rest: StreamRest | undefined;
}

/** What a merge tells. */
export interface MergeSummary extends ClosedStreamSummary {
  /** What each stream gave, in order. */
  readonly sources: readonly MergedSource[];
}

/**
 * Writes all events of the streams, one stream after the other, as a new
 * closed stream. Keys are taken over whole; offsets and links are new. Of a
 * stream with a cut last event what is whole is taken.
 *
 * @param sink Where it goes; appears whole or not at all. It is finished, or
 * aborted when anything fails.
 * @param streams What to merge, in order; they stay open.
 * @param options Stops merging.
 * @returns Counts, and what was left out.
 * @throws {CairnError} `corrupt`, `aborted`, `io`; `exists` from the sink.
 */
export async function mergeStreams(
  sink: Sink,
  streams: readonly EventStream[],
  options: MergeStreamsOptions = {},
): Promise<MergeSummary> {
  await using writer = createClosedStream(sink, options);
  const sources: MergedSource[] = [];
  let taken = 0;
  for (const stream of streams) {
    let events = 0;
    for await (const batch of stream.scan(signalOf(options))) {
      for (const { data, keys } of batch.events()) {
        await writer.appendKeys(data, keys.map(({ key }) => key));
      }
      events += batch.count;
      options.onProgress?.(taken + events);
      throwIfAborted(options.signal);
    }
    taken += events;
    const { rest } = await stream.extent(signalOf(options));
    sources.push({ name: stream.name, events, rest });
  }
  const summary = await writer.finish(signalOf(options));
  return { ...summary, sources };
}
