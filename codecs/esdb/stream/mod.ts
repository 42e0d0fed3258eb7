/**
 * ESDB's streams: append-only logs of events with indexes, in the format of
 * the Go library. Layout: docs/formats/esdb-streams.md.
 *
 * A stream is open, and grows, or closed, and stays as it is. `openStream`
 * reads both from any source. `createStream` and `reopenStream` write one,
 * `followStream` waits for what another process writes, `mergeStreams` makes
 * one closed stream of several, `streamEvents` gives a stream to the writer of
 * any store.
 *
 * @example Append, close, read
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeText, encodeText } from "@cairn/core";
 * import { openFile } from "@cairn/core/file";
 * import { createStream, openStream } from "@cairn/esdb/stream";
 *
 * const folder = await Deno.makeTempDir();
 * const path = `${folder}/a.stream`;
 * {
 *   await using writer = await createStream(path);
 *   await writer.append(encodeText("one"), { user: "ann" });
 *   await writer.append(encodeText("two"), { user: "ben" });
 *   await writer.seal();
 * }
 * const texts: string[] = [];
 * {
 *   await using stream = await openStream(await openFile(path));
 *   for await (const batch of stream.scan()) {
 *     for (const event of batch.events()) texts.push(decodeText(event.data)!);
 *   }
 * }
 * assertEquals(texts, ["one", "two"]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @module
 */
export type {
  EventStream,
  StreamExtent,
  StreamIndexOptions,
  StreamRest,
  StreamScanOptions,
  StreamTail,
} from "./event_stream.ts";
export {
  StreamBatch,
  type StreamBatchParts,
  type StreamEvent,
  type StreamEventKey,
} from "./stream_batch.ts";
export {
  encodeStreamKeys,
  joinStreamKey,
  splitStreamKey,
  type StreamIndexes,
  type StreamKeyParts,
  type TextOrBytes,
} from "./stream_key.ts";
export {
  openStream,
  type OpenStreamOptions,
  StreamReader,
} from "./stream_reader.ts";
export {
  type ClosedStreamSummary,
  ClosedStreamWriter,
  createClosedStream,
} from "./closed_stream_writer.ts";
export {
  type MergedSource,
  mergeStreams,
  type MergeStreamsOptions,
  type MergeSummary,
} from "./merge_streams.ts";
export type {
  AppendedEvent,
  CloseStreamOptions,
  StreamSync,
} from "./stream_sync.ts";
export { type FollowOptions, StreamWriter } from "./stream_writer.ts";
export {
  createStream,
  type CreateStreamOptions,
  reopenStream,
  type ReopenStreamOptions,
  type WriteStreamOptions,
} from "./create_stream.ts";
export { followStream, type FollowStreamOptions } from "./follow_stream.ts";
export {
  streamEvents,
  type StreamEventsOptions,
  streamSchema,
  type StreamSkipReason,
  type StreamValue,
} from "./stream_events.ts";
export {
  type BlockPlace,
  type BlockStreamOptions,
  BlockStreamWriter,
} from "./block_stream_writer.ts";
export {
  BlockStreamReader,
  type ScanBlocksOptions,
  type StreamBlock,
} from "./block_stream_reader.ts";
