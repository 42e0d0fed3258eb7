/**
 * How much a scan does at a time.
 *
 * @module
 */
import type { Bitmap, CompiledFilter, OrdinalRange } from "@cairn/core";
import { MEMBER_TRAILS_DATA } from "../layout.ts";
import { rowBytes, type RowPlan, toRowTerms } from "./_row_decoder.ts";
import type { ScanWorkers } from "./scan_workers.ts";
import type { TrailFile } from "../trail_file.ts";
import { getMember } from "../trail_members.ts";

/** Most bytes of columns of a batch; more columns make smaller batches. */
const BATCH_BYTES_MAX = 64 * 2 ** 20;
/** Fewest rows of a batch for which room is made. */
const ROWS_MIN = 256;
/** Rows that come together, also where batches are smaller. */
const ROOM_ROWS_MIN = 16_384;
/** Most bytes of columns that come together. */
const ROOM_BYTES_MAX = 8 * 2 ** 20;
/** Fewest bytes of trails for a worker at a time. */
const TASK_BYTES_MIN = 65_536;
/** Most bytes of trails for a worker at a time. */
const TASK_BYTES_MAX = 2 ** 20;
/** Orders that are left for each worker when they begin to shrink. */
const TASKS_LEFT = 4;
/** How much of a room trails should fill, so that few need a second one. */
const FILL = 0.9;

/**
 * Plans what to decode and keep.
 *
 * @param file The file.
 * @param bound Columns and filter.
 * @param options Sizes.
 */
export function planRowsOf(
  file: TrailFile,
  bound: {
    readonly fields: readonly number[];
    readonly columnCount: number;
    readonly filter: CompiledFilter;
  },
  options: { readonly batchEvents: number; readonly reference?: boolean },
): RowPlan {
  const { filter, fields, columnCount } = bound;
  const { minTime, maxTime, events } = file.info;
  const { byteLength } = getMember(file.members, MEMBER_TRAILS_DATA);
  return {
    fields,
    columnCount,
    ...(filter.verdict === "some" ? { clauses: toRowTerms(filter) } : {}),
    batchRows: Math.min(
      options.batchEvents,
      rowsWithin(BATCH_BYTES_MAX, fields.length),
      // A small file needs little room; what lies gets smaller batches.
      Math.max(ROWS_MIN, events),
    ),
    // Version 0 wrote "time unknown" as a difference that adds up all the same.
    timeSpan: file.version === 0
      ? 2 ** 52 - 1
      : events === 0
      ? 0
      : Number(maxTime - minTime),
    eventBytes: byteLength / Math.max(1, events),
    reference: options.reference ?? false,
  };
}

/**
 * Chooses sizes for work that is spread over threads.
 *
 * @param plan For one thread.
 * @param file Whose trails; few events need little room.
 * @param workers Over whom.
 */
export function spreadPlan(
  plan: RowPlan,
  file: TrailFile,
  workers: ScanWorkers,
): { plan: RowPlan; extentBytes: (bytesLeft: number) => number } {
  const batchRows = Math.min(
    Math.max(plan.batchRows, ROOM_ROWS_MIN),
    rowsWithin(ROOM_BYTES_MAX, plan.fields.length),
    Math.max(256, file.info.events),
  );
  const wanted = plan.clauses === undefined
    ? Math.floor(FILL * batchRows * plan.eventBytes)
    : TASK_BYTES_MAX;
  const max = Math.min(TASK_BYTES_MAX, Math.max(TASK_BYTES_MIN, wanted));
  const extentBytes = (bytesLeft: number) =>
    workers.taskBytes ?? Math.max(
      TASK_BYTES_MIN,
      Math.min(max, Math.floor(bytesLeft / (TASKS_LEFT * workers.count))),
    );
  return { plan: { ...plan, batchRows }, extentBytes };
}

/** Bytes of the trails that are scanned, about. */
export function selectedBytes(
  file: TrailFile,
  selection: OrdinalRange | Bitmap,
): number {
  const { trails } = file.info;
  const { byteLength } = getMember(file.members, MEMBER_TRAILS_DATA);
  const selected = "chunks" in selection
    ? selection.count()
    : Math.min(trails, selection.end) - Math.max(0, selection.start);
  return byteLength * Math.max(0, Math.min(1, selected / trails));
}

function rowsWithin(bytesMax: number, columnCount: number): number {
  return Math.max(256, Math.floor(bytesMax / rowBytes(columnCount)));
}
