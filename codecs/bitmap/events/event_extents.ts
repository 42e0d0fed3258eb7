/**
 * Which events belong to which trail.
 *
 * @module
 */
import { type AbortOptions, CairnError } from "@cairn/core";
import { EVENTS_FIELD, START_FIELD } from "./event_layout.ts";
import type { KeyspaceReader } from "../keyspace_reader.ts";

/** Where the events of each trail begin. */
export interface EventExtents {
  /** Number of events. */
  readonly events: number;
  /** Number of trails. */
  readonly trails: number;
  /** First event of each trail, and the number of events behind the last. */
  readonly starts: Float64Array;
}

/**
 * Loads the starts of trails: one bit an event is read, 8 bytes a trail kept.
 *
 * @param trails The keyspace of trails.
 * @param events The keyspace of events.
 * @throws {CairnError} `corrupt` when the bitmaps and the states disagree.
 */
export async function loadExtents(
  trails: KeyspaceReader,
  events: KeyspaceReader,
  options: AbortOptions,
): Promise<EventExtents> {
  // States are claims; these bitmaps are as large as the file that holds them.
  const all = await events.all(options);
  const known = await trails.all(options);
  const { bitmap } = await events.presence(START_FIELD, options);
  const count = all.count();
  const trailCount = known.count();
  const starts = new Float64Array(trailCount + 1);
  if (
    count !== events.state.rows || trailCount !== trails.state.rows ||
    bitmap.count() !== trailCount || count > 0 && !bitmap.has(0) ||
    count < trailCount
  ) {
    throw new CairnError(
      "corrupt",
      `Cannot read events: ${count} events and ${bitmap.count()} starts of ${trailCount} trails; "${EVENTS_FIELD}" and the states say otherwise`,
      { where: { file: events.reader.name, part: "events" } },
    );
  }
  starts.set(bitmap.toArray());
  starts[trailCount] = count;
  return { events: count, trails: trailCount, starts };
}
