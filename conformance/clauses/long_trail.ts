/**
 * A trail that is longer than any usual buffer.
 *
 * @module
 */
import {
  Bitmap,
  columnValue,
  encodeText,
  equal,
  equalBytes,
  Filter,
  formatHex,
  type ScanOptions,
  spanValue,
  type Store,
} from "@cairn/core";
import { check, same } from "../assertions.ts";
import { type DatasetEvent, makeKey } from "../dataset.ts";
import type { Workbench } from "../workbench.ts";

/** One in twenty is a trail of its own; the rest is more than a batch of 65,536. */
const EVENTS = 70_003;

/**
 * Scans a long trail among thousands of short ones in both orders, filtered and
 * not, in batches of several sizes; then everything.
 *
 * @param bench The codec under test.
 */
export async function longTrail(bench: Workbench): Promise<void> {
  const { min } = bench.capabilities.timestamps;
  const values = Array.from({ length: 7 }, (_, i) => encodeText(`v${i}`));
  const numbers = Array.from({ length: 999 }, (_, i) => encodeText(`n${i}`));
  const key = makeKey(bench.capabilities, 4);
  const events = Array.from({ length: EVENTS }, (_, i): DatasetEvent => ({
    key: i % 20 === 7 ? makeKey(bench.capabilities, 100 + i) : key,
    timestamp: min + (i >> 1),
    values: [values[i % 7]!, null, numbers[i % 999]!],
  }));
  const { schema } = bench.mixed;
  const { bytes } = await bench.write(schema, events);
  await using store = await bench.open(bytes);
  const { trails: count } = await store.stats();
  const byTrail = Map.groupBy(events, (event) => formatHex(event.key));
  same(count, byTrail.size, "a long trail among others: trails");
  const keys = await store.keys({ start: 0, end: count });
  const wanted = Array.from(
    { length: count },
    (_, i) => byTrail.get(formatHex(spanValue(keys, i)!)) ?? [],
  );
  const long = wanted.findIndex((events) => events.length > 1);
  same(await store.find(key), long, "find of the long trail");
  const filter = new Filter([[equal(schema.fields[0]!.name, "v3")]]);
  const kept = wanted.map((events) =>
    events.filter(({ values: [value] }) => value === values[3])
  );
  const trails = { start: long, end: long + 1 };
  const only = wanted.map((events, i) => i === long ? events : []);
  const onlyKept = kept.map((events, i) => i === long ? events : []);
  await holds(store, {}, wanted);
  await holds(store, { order: "descending", batchEvents: 9_999 }, wanted);
  await holds(store, { filter }, kept);
  await holds(store, { trails, order: "descending" }, only);
  await holds(store, { trails, filter, batchEvents: 5000 }, onlyKept);
  // Far from the first trail, where ordinals are not those of a first block.
  const last = { start: count - 3, end: count };
  const ends = wanted.map((events, i) => i >= last.start ? events : []);
  await holds(store, { trails: last }, ends);
  const spread = Bitmap.from(wanted.keys().filter((i) => i % 97 === 5));
  const some = wanted.map((events, i) => i % 97 === 5 ? events : []);
  await holds(store, { trails: spread, order: "descending" }, some);
}

/** Event by event: text of all of them would take longer than the scan. */
async function holds(
  store: Store,
  options: ScanOptions,
  wanted: readonly (readonly DatasetEvent[])[],
): Promise<void> {
  const what = `a long trail among others, ${JSON.stringify(options)}`;
  const forward = options.order !== "descending";
  const taken = new Uint32Array(wanted.length);
  for await (const batch of store.scan(options)) {
    const { trailOrdinals, trailOffsets, timestamps, columns } = batch;
    for (const [t, ordinal] of trailOrdinals.entries()) {
      const events = wanted[ordinal]!;
      for (let row = trailOffsets[t]!; row < trailOffsets[t + 1]!; row++) {
        const at = taken[ordinal]!++;
        const event = events[forward ? at : events.length - 1 - at];
        check(
          event !== undefined && event.timestamp === timestamps[row] &&
            columns.every((column, f) =>
              equalBytes(
                columnValue(column, row) ?? NOTHING,
                event.values[f] ?? NOTHING,
              )
            ),
          `${what}: event ${at} of trail ${ordinal} is another`,
        );
      }
    }
  }
  for (const [ordinal, events] of wanted.entries()) {
    check(taken[ordinal] === events.length, `${what}: trail ${ordinal} is cut`);
  }
}

const NOTHING = new Uint8Array(0);
