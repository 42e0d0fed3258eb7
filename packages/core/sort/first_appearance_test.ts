import { assertEquals } from "@std/assert";
import { encodeText } from "../bytes.ts";
import { packSpans } from "../column.ts";
import { EventSorter } from "./event_sorter.ts";

Deno.test("EventSorter numbers values in order of first appearance, short and long ones mixed", async () => {
  // Lengths on both sides of every word, out of order, many to a batch.
  const values = Array.from(
    { length: 3000 },
    (_, i) => encodeText(`${i}`.padStart(1 + (i * 7) % 23, "x") + `.${i}`),
  );
  await using sorter = new EventSorter({ columns: ["ids"] });
  await sorter.add({
    count: values.length,
    trailKeys: packSpans(values.map(() => Uint8Array.of(1))),
    timestamps: new Float64Array(values.length),
    columns: [packSpans(values)],
  });
  await using sorted = await sorter.finish();
  const { count, bytes, offsets } = sorted.lexicons[0]!;
  assertEquals(count, values.length);
  for (let i = 0; i < count; i++) {
    assertEquals(bytes.subarray(offsets[i], offsets[i + 1]), values[i]);
  }
});
