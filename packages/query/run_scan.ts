/**
 * One pass over events for any number of jobs.
 *
 * @module
 */
import {
  type AbortOptions,
  type Bitmap,
  type EventBatch,
  Filter,
  type OrdinalRange,
  type ScanOptions,
  type Store,
  timeRange,
} from "@cairn/core";
import { BatchIds } from "./batch_ids.ts";
import type { PlanBuilder } from "./plan.ts";
import type { ScanJob } from "./scan_job.ts";

/** What a pass is about. */
export interface RunScanOptions extends AbortOptions {
  /** Which trails; all if left out. */
  readonly trails?: Bitmap | OrdinalRange;
  /** What for, in words. */
  readonly purpose: string;
  /** Notes what was done. */
  readonly plan: PlanBuilder;
  /** How many trails are asked for. */
  readonly trailCount: number;
}

/** Most jobs of one pass; more take several, so that their tables fit in memory. */
const JOBS_MAX = 32;

/**
 * Scans for some jobs, in as few passes as their number allows.
 *
 * @param store The store.
 * @param jobs What looks at the batches.
 * @param options Trails and purpose.
 */
export async function runScan(
  store: Store,
  jobs: readonly ScanJob[],
  options: RunScanOptions,
): Promise<void> {
  for (let first = 0; first < jobs.length; first += JOBS_MAX) {
    await runPass(store, jobs.slice(first, first + JOBS_MAX), options);
  }
}

async function runPass(
  store: Store,
  jobs: readonly ScanJob[],
  options: RunScanOptions,
): Promise<void> {
  const { plan, purpose, trails, signal, trailCount } = options;
  const fields = [
    ...new Set(jobs.flatMap(({ field }) => field === undefined ? [] : [field])),
  ];
  const filter = timesFilter(jobs);
  const scanOptions: ScanOptions = {
    fields,
    ...(trails === undefined ? {} : { trails }),
    ...(filter === undefined ? {} : { filter }),
    ...(signal === undefined ? {} : { signal }),
  };
  const ids = new BatchIds(fields);
  let events = 0;
  let trailsSeen = 0;
  let lastTrail = -1;
  for await (const batch of store.scan(scanOptions)) {
    ids.begin(batch);
    for (const job of jobs) job.visit(batch, ids);
    events += batch.count;
    trailsSeen += countTrails(batch, lastTrail);
    lastTrail = batch.trailOrdinals.at(-1) ?? lastTrail;
  }
  plan.scans.push({
    purpose,
    fields,
    jobs: jobs.length,
    trails: trailCount,
    trailsSeen,
    events,
  });
  for (const { field, notNumbers } of jobs) {
    if (field !== undefined) plan.metNotNumbers(field, notNumbers);
  }
}

function countTrails(batch: EventBatch, lastTrail: number): number {
  return batch.trailCount - (batch.trailOrdinals[0] === lastTrail ? 1 : 0);
}

/** Where all jobs look at some times only, no other events need come. */
function timesFilter(jobs: readonly ScanJob[]): Filter | undefined {
  let from = Infinity;
  let to = -Infinity;
  for (const { times } of jobs) {
    if (times === undefined) return undefined;
    from = Math.min(from, times.from);
    to = Math.max(to, times.to);
  }
  if (to <= Math.max(from, 0)) return Filter.none;
  return new Filter([[timeRange(Math.max(from, 0), to)]]);
}
