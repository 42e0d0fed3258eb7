/**
 * What store writers share: sorting more events than fit in memory, checking
 * input, collecting rows, taking over other stores.
 *
 * @example Sort events given in any order
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeText } from "@cairn/core";
 * import { EventSorter, RowCollector } from "@cairn/core/sort";
 *
 * const rows = new RowCollector(1);
 * rows.add(encodeText("bob"), 20, [encodeText("view")]);
 * rows.add(encodeText("ann"), 30, [encodeText("view")]);
 * rows.add(encodeText("bob"), 10, [encodeText("buy")]);
 *
 * await using sorter = new EventSorter({ columns: ["ids"] });
 * await sorter.add(rows.take());
 * const sorted = await sorter.finish();
 * assertEquals(sorted.stats.trails, 2);
 * for await (const batch of sorted.scan()) {
 *   assertEquals([...batch.timestamps], [30, 10, 20]);
 *   assertEquals([...batch.trailOffsets], [0, 1, 3]);
 * }
 * ```
 *
 * @module
 */
export { EventSorter } from "./event_sorter.ts";
export type {
  EventSorterOptions,
  KeyOrder,
  SortColumn,
} from "./event_sorter_options.ts";
export type {
  PackedLexicon,
  SortedBatch,
  SortedColumn,
  SortedEvents,
  SortedScanOptions,
} from "./sorted_events.ts";
export { RowCollector } from "./row_collector.ts";
export {
  assertBatch,
  assertRow,
  type InputRules,
  inputRules,
} from "./input_rules.ts";
export { appendStore } from "./append_store.ts";
export { BatchWriter } from "./batch_writer.ts";
