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

  take(): SortedSpace {
    return {
      id: this.id,
      events: {
        count: this.count,
        timestamps: this.#timestamps,
        bytes: this.#bytes,
        starts: this.#starts,
        ends: this.#ends,
        first: 0,
      },
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
 * Walks over the spaces of sorted events: runs of spaces, each to be walked
 * over before the next is asked for.
 *
 * @param sorted One column of bytes: records.
 * @param options A signal.
 */
export async function* sortedSpaces(
  sorted: SortedEvents,
  options: AbortOptions,
): AsyncGenerator<Iterable<SortedSpace>, void, undefined> {
  const held = new HeldSpace();
  const { signal } = options;
  const scan = sorted.scan(signal === undefined ? {} : { signal });
  for await (const batch of scan) yield spacesOf(batch, held);
  if (held.count > 0) yield [held.take()];
}

/** The spaces that end in a batch; the last one may go on, and is held. */
function* spacesOf(
  batch: SortedBatch,
  held: HeldSpace,
): Generator<SortedSpace> {
  const { trailKeys, trailOffsets, timestamps } = batch;
  const { bytes, starts, ends } = batch.columns[0] as ByteSpans;
  const trails = trailOffsets.length - 1;
  let t = 0;
  if (held.count > 0) {
    if (batch.continued) held.add(batch, 0, trailOffsets[1]!);
    if (batch.continued && trails === 1) return;
    yield held.take();
    held.count = 0;
    if (batch.continued) t = 1;
  }
  for (; t < trails - 1; t++) {
    const from = trailOffsets[t]!;
    yield {
      id: keyOf(trailKeys, t),
      events: {
        count: trailOffsets[t + 1]! - from,
        timestamps,
        bytes,
        starts,
        ends,
        first: from,
      },
    };
  }
  held.begin(keyOf(trailKeys, t));
  held.add(batch, trailOffsets[t]!, trailOffsets[t + 1]!);
}

function keyOf(keys: ByteSpans, trail: number): Uint8Array {
  return keys.bytes.subarray(keys.starts[trail]!, keys.ends[trail]!);
}
