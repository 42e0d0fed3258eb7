/**
 * Sorted events, a whole space at a time.
 *
 * @module
 */
import type { AbortOptions, ByteSpans } from "@cairn/core";
import type { SortedBatch, SortedEvents } from "@cairn/core/sort";
import type { SpaceEvents } from "./space_encoder.ts";

/** A space and its events; valid until the next one is asked for. */
export interface SortedSpace {
  /** Its id. */
  readonly id: Uint8Array;
  /** Its events. */
  readonly events: SpaceEvents;
}

/** Spaces side by side, as columns; valid until the next ones are asked for. */
export interface SortedSpaces {
  /** Number of spaces. */
  readonly count: number;
  /** Which of `ids` and `offsets` is the first one's. */
  readonly first: number;
  /** Their ids. */
  readonly ids: ByteSpans;
  /** Where each space's events begin, and the end of the last. */
  readonly offsets: Uint32Array;
  /** A time for each event. */
  readonly timestamps: Float64Array;
  /** The record of each event. */
  readonly records: ByteSpans;
}

/** Gives one of several spaces. */
export function spaceAt(spaces: SortedSpaces, i: number): SortedSpace {
  const { ids, offsets, timestamps, records } = spaces;
  const at = spaces.first + i;
  const first = offsets[at]!;
  return {
    id: ids.bytes.subarray(ids.starts[at]!, ids.ends[at]!),
    events: {
      count: offsets[at + 1]! - first,
      timestamps,
      bytes: records.bytes,
      starts: records.starts,
      ends: records.ends,
      first,
    },
  };
}

/** Events of a space that may go on in the next batch. */
class HeldSpace {
  id: Uint8Array = new Uint8Array(0);
  count = 0;
  #timestamps: Float64Array = new Float64Array(1024);
  #starts: Uint32Array = new Uint32Array(1024);
  #ends: Uint32Array = new Uint32Array(1024);
  #bytes: Uint8Array = new Uint8Array(65_536);
  #byteLength = 0;

  begin(id: Uint8Array): void {
    this.id = id.slice();
    this.count = 0;
    this.#byteLength = 0;
  }

  add(batch: SortedBatch, from: number, to: number): void {
    const { bytes, starts, ends } = batch.columns[0] as ByteSpans;
    for (let row = from; row < to; row++) {
      if (this.count === this.#starts.length) this.#grow();
      const record = bytes.subarray(starts[row]!, ends[row]!);
      const wanted = this.#byteLength + record.length;
      if (wanted > this.#bytes.length) {
        const grown = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
        grown.set(this.#bytes.subarray(0, this.#byteLength));
        this.#bytes = grown;
      }
      this.#bytes.set(record, this.#byteLength);
      this.#timestamps[this.count] = batch.timestamps[row]!;
      this.#starts[this.count] = this.#byteLength;
      this.#ends[this.count++] = wanted;
      this.#byteLength = wanted;
    }
  }

  take(): SortedSpaces {
    return {
      count: 1,
      first: 0,
      ids: {
        bytes: this.id,
        starts: Uint32Array.of(0),
        ends: Uint32Array.of(this.id.length),
      },
      offsets: Uint32Array.of(0, this.count),
      timestamps: this.#timestamps,
      records: { bytes: this.#bytes, starts: this.#starts, ends: this.#ends },
    };
  }

  #grow(): void {
    const size = 2 * this.count;
    const timestamps = new Float64Array(size);
    timestamps.set(this.#timestamps);
    this.#timestamps = timestamps;
    const starts = new Uint32Array(size);
    starts.set(this.#starts);
    this.#starts = starts;
    const ends = new Uint32Array(size);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}

/**
 * Walks over the spaces of sorted events.
 *
 * @param sorted One column of bytes: records.
 * @param options A signal.
 */
export async function* sortedSpaces(
  sorted: SortedEvents,
  options: AbortOptions,
): AsyncGenerator<SortedSpaces, void, undefined> {
  const held = new HeldSpace();
  const { signal } = options;
  const scan = sorted.scan(signal === undefined ? {} : { signal });
  for await (const batch of scan) yield* spacesOf(batch, held);
  if (held.count > 0) yield held.take();
}

/** The spaces that end in a batch; the last one may go on, and is held. */
function* spacesOf(
  batch: SortedBatch,
  held: HeldSpace,
): Generator<SortedSpaces> {
  const { trailKeys, trailOffsets, timestamps } = batch;
  const trails = trailOffsets.length - 1;
  let first = 0;
  if (held.count > 0) {
    if (batch.continued) held.add(batch, 0, trailOffsets[1]!);
    if (batch.continued && trails === 1) return;
    yield held.take();
    held.count = 0;
    if (batch.continued) first = 1;
  }
  const last = trails - 1;
  if (last > first) {
    yield {
      count: last - first,
      first,
      ids: trailKeys,
      offsets: trailOffsets,
      timestamps,
      records: batch.columns[0] as ByteSpans,
    };
  }
  const { bytes, starts, ends } = trailKeys;
  held.begin(bytes.subarray(starts[last]!, ends[last]!));
  held.add(batch, trailOffsets[last]!, trailOffsets[trails]!);
}
