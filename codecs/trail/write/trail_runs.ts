/**
 * Sorted events as the writer walks over them, again and again: with time
 * differences, in pieces that fit the caches.
 *
 * @module
 */
import { type ByteSpans, CairnError } from "@cairn/core";
import type { SortedEvents } from "@cairn/core/sort";
import { TIME_DELTA_MAX } from "../layout.ts";
import { reverseEqualTimes } from "./_equal_times.ts";
import { sortExactTimes } from "../_exact_times.ts";
import type { ExactBatch } from "../_row_buffer.ts";

/** Value ids of a piece, at most, unless a single event has more. */
const RUN_IDS_MAX = 131_072;
/** Events of a piece, at most. */
const RUN_EVENTS_MAX = 16_384;

/** A run of sorted events. All arrays are views, valid until the next run. */
export interface TrailRun {
  /** Number of events, at least 1. */
  readonly count: number;
  /** Ordinal of the first trail. */
  readonly firstTrail: number;
  /** Whether the first trail began in an earlier run. */
  readonly continued: boolean;
  /** Key of each trail. */
  readonly trailKeys: ByteSpans;
  /** Where each trail's rows begin, and the end of the last. */
  readonly trailOffsets: Uint32Array;
  /** The time of each event. */
  readonly timestamps: Float64Array;
  /** Time since the event before in the trail, or since the smallest time of all. */
  readonly deltas: Float64Array;
  /** The largest time, where timestamps do not hold it. */
  readonly maxTime: bigint | undefined;
  /** Value ids of each field. */
  readonly columns: readonly Uint32Array[];
}

/** What there is to walk over. */
export interface TrailRunsOptions {
  /** Number of trails at the end that are not to be seen. */
  readonly hiddenTrails: number;
  /** Whether equal times come in the reverse of the order added. */
  readonly reversed: boolean;
  /** Whether the first column is the hidden one of exact times. */
  readonly exactTimes: boolean;
  /** Stops the walk. */
  readonly signal: AbortSignal | undefined;
}

/** Sorted events that can be walked over any number of times. */
export class TrailRuns {
  /** Number of trails. */
  readonly trails: number;
  /** Smallest time of all; 0 without events. */
  readonly minTime: number;
  readonly #sorted: SortedEvents;
  readonly #options: TrailRunsOptions;

  /** Prepares to walk. @param sorted The events. @param options What to see of them. */
  constructor(sorted: SortedEvents, options: TrailRunsOptions) {
    this.#sorted = sorted;
    this.#options = options;
    this.trails = sorted.stats.trails - options.hiddenTrails;
    this.minTime = this.trails === 0 ? 0 : sorted.stats.minTimestamp!;
  }

  /**
   * Walks over all events.
   *
   * @throws {CairnError} `limit` when a time is too far from the one before.
   */
  async *scan(): AsyncGenerator<TrailRun> {
    const { signal, reversed, exactTimes } = this.#options;
    let batches: AsyncIterable<ExactBatch> = this.#sorted.scan(
      signal === undefined ? {} : { signal },
    );
    if (reversed) batches = reverseEqualTimes(batches);
    if (exactTimes) {
      batches = sortExactTimes(batches, this.#sorted.lexicons[0]!);
    }
    const deltas = new DeltaWalk(this.minTime);
    for await (const batch of batches) {
      if (batch.firstTrail >= this.trails) break;
      yield* splitBatch(this.#visible(batch), deltas);
    }
  }

  #visible(batch: ExactBatch): ExactBatch {
    const visible = this.trails - batch.firstTrail;
    if (batch.trailOffsets.length - 1 <= visible) return batch;
    const trailOffsets = batch.trailOffsets.subarray(0, visible + 1);
    return { ...batch, trailOffsets, count: trailOffsets[visible]! };
  }
}

/** Cuts a batch into runs, whole trails where they are short enough. */
function* splitBatch(
  batch: ExactBatch,
  deltas: DeltaWalk,
): Generator<TrailRun> {
  const { trailOffsets, trailKeys } = batch;
  const columns = batch.columns as readonly Uint32Array[];
  const rowsMax = Math.max(
    1,
    Math.min(RUN_EVENTS_MAX, Math.floor(RUN_IDS_MAX / (columns.length + 1))),
  );
  let trail = 0;
  for (let start = 0; start < batch.count;) {
    const end = Math.min(batch.count, start + rowsMax);
    let lastTrail = trail;
    while (trailOffsets[lastTrail + 1]! < end) lastTrail++;
    const offsets = trailOffsets.slice(trail, lastTrail + 2);
    for (let t = 0; t < offsets.length; t++) {
      offsets[t] = Math.min(end, Math.max(start, offsets[t]!)) - start;
    }
    const timestamps = batch.timestamps.subarray(start, end);
    const continued = start === 0
      ? batch.continued
      : trailOffsets[trail]! < start;
    yield {
      count: end - start,
      firstTrail: batch.firstTrail + trail,
      continued,
      trailKeys: {
        bytes: trailKeys.bytes,
        starts: trailKeys.starts.subarray(trail, lastTrail + 1),
        ends: trailKeys.ends.subarray(trail, lastTrail + 1),
      },
      trailOffsets: offsets,
      timestamps,
      deltas: batch.exactTimes === undefined
        ? deltas.next(timestamps, offsets, continued)
        : deltas.nextExact(batch.exactTimes.subarray(start, end), continued),
      maxTime: batch.exactTimes?.[end - 1],
      columns: columns.map((column) => column.subarray(start, end)),
    };
    trail = trailOffsets[lastTrail + 1] === end ? lastTrail + 1 : lastTrail;
    start = end;
  }
}

/** Turns times into differences, from run to run. */
class DeltaWalk {
  readonly #minTime: number;
  #previous = 0;
  #previousExact: bigint | undefined;
  #deltas = new Float64Array(RUN_EVENTS_MAX);

  constructor(minTime: number) {
    this.#minTime = minTime;
  }

  next(
    timestamps: Float64Array,
    trailOffsets: Uint32Array,
    continued: boolean,
  ): Float64Array {
    const deltas = this.#deltas;
    let previous = this.#previous;
    for (let trail = 0; trail + 1 < trailOffsets.length; trail++) {
      if (trail > 0 || !continued) previous = this.#minTime;
      const end = trailOffsets[trail + 1]!;
      for (let row = trailOffsets[trail]!; row < end; row++) {
        const delta = timestamps[row]! - previous;
        if (delta > TIME_DELTA_MAX) throw tooFar(previous, timestamps[row]!);
        deltas[row] = delta;
        previous = timestamps[row]!;
      }
    }
    this.#previous = previous;
    this.#previousExact = undefined;
    return deltas.subarray(0, timestamps.length);
  }

  /** The same for large times, which are all of one trail. */
  nextExact(times: BigUint64Array, continued: boolean): Float64Array {
    const deltas = new Float64Array(times.length);
    let previous = !continued
      ? BigInt(this.#minTime)
      : this.#previousExact ?? BigInt(this.#previous);
    for (let row = 0; row < times.length; row++) {
      const time = times[row]!;
      if (time - previous > BigInt(TIME_DELTA_MAX)) {
        throw tooFar(previous, time);
      }
      deltas[row] = Number(time - previous);
      previous = time;
    }
    this.#previousExact = previous;
    return deltas;
  }
}

function tooFar(
  previous: number | bigint,
  timestamp: number | bigint,
): CairnError {
  const delta = BigInt(timestamp) - BigInt(previous);
  return new CairnError(
    "limit",
    `Cannot write store: time ${timestamp} comes ${delta} after the event before it in its trail, or the first of all; at most ${TIME_DELTA_MAX} wanted`,
    { reason: "timestamp" },
  );
}
