/**
 * Random histories, held against the model codec, with shrinking.
 *
 * @module
 */
import {
  createSchema,
  encodeText,
  equal,
  Filter,
  notEqual,
  timeRange,
} from "@cairn/core";
import fc from "fast-check";
import { same } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import { type DatasetEvent, makeKey } from "../dataset.ts";
import { modelCodec } from "../model/model_codec.ts";
import { byKey, Workbench } from "../workbench.ts";

/** Random histories, held against the model. */
export const PROPERTY_CLAUSES: readonly Clause[] = [{
  id: "writer.random",
  text:
    "Any history that fits the codec comes back as from the model codec: scanned, reversed, filtered, cut into batches.",
  run: (bench) =>
    fc.assert(
      fc.asyncProperty(
        histories(bench),
        fc.integer({ min: 1, max: 9 }),
        async (events, batchEvents) => {
          const schema = createSchema(NAMES);
          const model = new Workbench(modelCodec);
          const [ours, theirs] = [
            await bench.write(schema, events),
            await model.write(schema, events),
          ];
          await using store = await bench.open(ours.bytes);
          await using oracle = await model.open(theirs.bytes);
          const { min } = bench.capabilities.timestamps;
          const filter = new Filter([
            [
              equal(NAMES[0]!, "a"),
              notEqual(NAMES[1]!, "b"),
              timeRange(min + 3, min + 9),
            ],
            [notEqual(NAMES[0]!, null)],
          ]);
          for (
            const options of [{}, { order: "descending" }, { filter }] as const
          ) {
            same(
              byKey(await bench.read(store, { ...options, batchEvents })),
              byKey(await model.read(oracle, options)),
              JSON.stringify(options),
            );
          }
        },
      ),
      { numRuns: bench.effort.propertyRuns },
    ),
}];

const NAMES = ["first", "second"];

function histories(bench: Workbench): fc.Arbitrary<DatasetEvent[]> {
  const { timestamps, emptyEvents } = bench.capabilities;
  const value = fc.option(
    fc.oneof(
      fc.constantFrom("a", "b", "c", "").map(encodeText),
      fc.uint8Array({ maxLength: 12 }),
    ),
  );
  return fc.array(
    fc.record({
      key: fc.nat(12).map((number) => makeKey(bench.capabilities, number)),
      timestamp: fc.oneof(
        {
          weight: 9,
          arbitrary: fc.nat(20).map((offset) => timestamps.min + offset),
        },
        {
          weight: 1,
          arbitrary: fc.maxSafeNat().map((offset) =>
            timestamps.min + offset % (timestamps.max - timestamps.min + 1)
          ),
        },
      ),
      values: fc.tuple(value, value).map((pair): (Uint8Array | null)[] =>
        emptyEvents || pair.some((v) => v !== null && v.length > 0)
          ? pair
          : [encodeText("a"), null]
      ),
    }),
    { maxLength: 60 },
  );
}
