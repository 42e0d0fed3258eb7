/**
 * Events and times of blocks of trails, as they are written.
 *
 * @module
 */
import type { TrailBlocks } from "./additions.ts";
import type { TrailRun } from "./write/trail_runs.ts";

/** Collects facts about blocks of trails. */
export class BlockFacts {
  readonly #trailsPerBlock: number;
  readonly #events: number[] = [];
  readonly #minTimes: number[] = [];
  readonly #maxTimes: number[] = [];

  /** Makes an empty collection. @param trailsPerBlock Trails of a block. */
  constructor(trailsPerBlock: number) {
    this.#trailsPerBlock = trailsPerBlock;
  }

  /** Takes the next run. @param run The events that follow those before. */
  add(run: TrailRun): void {
    const { trailOffsets, timestamps } = run;
    for (let trail = 0; trail + 1 < trailOffsets.length; trail++) {
      const block = Math.floor((run.firstTrail + trail) / this.#trailsPerBlock);
      const start = trailOffsets[trail]!;
      const end = trailOffsets[trail + 1]!;
      // Within a trail times ascend.
      const min = timestamps[start]!;
      const max = timestamps[end - 1]!;
      if (block === this.#events.length) {
        this.#events.push(end - start);
        this.#minTimes.push(min);
        this.#maxTimes.push(max);
        continue;
      }
      this.#events[block]! += end - start;
      if (min < this.#minTimes[block]!) this.#minTimes[block] = min;
      if (max > this.#maxTimes[block]!) this.#maxTimes[block] = max;
    }
  }

  /** Gives what was collected. */
  take(): TrailBlocks {
    return {
      trailsPerBlock: this.#trailsPerBlock,
      events: Float64Array.from(this.#events),
      minTimes: Float64Array.from(this.#minTimes),
      maxTimes: Float64Array.from(this.#maxTimes),
    };
  }
}
