/**
 * A trail that is longer than any usual buffer.
 *
 * @module
 */
import {
  columnValue,
  encodeText,
  equal,
  equalBytes,
  Filter,
  type ScanOptions,
  type Store,
} from "@cairn/core";
import { check, same } from "../assertions.ts";
import { type DatasetEvent, makeKey } from "../dataset.ts";
import type { Workbench } from "../workbench.ts";

/** More than the 65,536 events of a batch, and no round number. */
const EVENTS = 70_003;

/**
 * Scans a long trail with a neighbour on each side in both orders, filtered and
 * not, in batches of several sizes.
 *
 * @param bench The codec under test.
 */
export async function longTrail(bench: Workbench): Promise<void> {
  const { min } = bench.capabilities.timestamps;
  const values = Array.from({ length: 7 }, (_, i) => encodeText(`v${i}`));
  const numbers = Array.from({ length: 999 }, (_, i) => encodeText(`n${i}`));
  const [key, before, after] = [4, 3, 5].map((number) =>
    makeKey(bench.capabilities, number)
  );
  const events = Array.from({ length: EVENTS }, (_, i): DatasetEvent => ({
    key: i === 0 ? before! : i === EVENTS - 1 ? after! : key!,
    timestamp: min + (i >> 1),
    values: [values[i % 7]!, null, numbers[i % 999]!],
  }));
  const { schema } = bench.mixed;
  const { bytes } = await bench.write(schema, events);
  await using store = await bench.open(bytes);
  const ordinal = await store.find(key!);
  const trails = { start: ordinal!, end: ordinal! + 1 };
  const filter = new Filter([[equal(schema.fields[0]!.name, "v3")]]);
  const long = events.slice(1, -1);
  const some = long.filter(({ values: [value] }) => value === values[3]);
  for (
    const [options, wanted] of [
      [{}, long],
      [{ order: "descending", batchEvents: 9_999 }, long],
      [{ filter }, some],
      [{ filter, order: "descending", batchEvents: 5000 }, some],
    ] as const
  ) {
    const what = `a long trail, ${JSON.stringify(options)}`;
    await holds(store, { ...options, trails }, wanted, what);
  }
  const stats = await store.stats();
  same([stats.trails, stats.events], [3, EVENTS], "a long trail: stats");
}

/** Event by event: text of all of them would take longer than the scan. */
async function holds(
  store: Store,
  options: ScanOptions,
  wanted: readonly DatasetEvent[],
  what: string,
): Promise<void> {
  const forward = options.order !== "descending";
  let at = 0;
  for await (const { count, timestamps, columns } of store.scan(options)) {
    for (let row = 0; row < count; row++, at++) {
      const event = wanted[forward ? at : wanted.length - 1 - at];
      check(
        event !== undefined && event.timestamp === timestamps[row] &&
          columns.every((column, f) =>
            equalBytes(
              columnValue(column, row) ?? new Uint8Array(0),
              event.values[f] ?? new Uint8Array(0),
            )
          ),
        `${what}: event ${at} is another`,
      );
    }
  }
  same(at, wanted.length, `${what}: events`);
}
