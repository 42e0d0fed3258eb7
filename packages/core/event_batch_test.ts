import { assertEquals } from "@std/assert";
import { encodeText, EventBatch, packSpans } from "@cairn/core";
import { listLexicon } from "./testdata/list_lexicon.ts";

function sample(): EventBatch {
  return new EventBatch({
    trailOrdinals: Uint32Array.of(3, 8),
    trailOffsets: Uint32Array.of(0, 2, 3),
    timestamps: Float64Array.of(10, 20, 2 ** 53 - 1),
    columns: [
      {
        kind: "ids",
        ids: Uint32Array.of(1, 0, 1),
        lexicon: listLexicon(["a"]),
      },
      { kind: "bytes", ...packSpans([null, encodeText("b"), null]) },
    ],
  });
}

const ROWS = [
  { trail: 3, timestamp: 10, values: [encodeText("a"), null] },
  { trail: 3, timestamp: 20, values: [null, encodeText("b")] },
  { trail: 8, timestamp: 2 ** 53 - 1, values: [encodeText("a"), null] },
];

Deno.test("EventBatch.events() gives each row with its trail", () => {
  const batch = sample();
  assertEquals([batch.count, batch.trailCount], [3, 2]);
  assertEquals([...batch.events()], ROWS);
});

Deno.test("EventBatch.events() gives nothing for an empty batch", () => {
  const empty = new EventBatch({
    trailOrdinals: new Uint32Array(0),
    trailOffsets: Uint32Array.of(0),
    timestamps: new Float64Array(0),
    columns: [],
  });
  assertEquals([...empty.events()], []);
  assertEquals([empty.count, empty.trailCount], [0, 0]);
});

Deno.test("EventBatch.copy() outlives changes to the arrays", () => {
  const batch = sample();
  const copy = batch.copy();
  batch.trailOrdinals.fill(0);
  batch.trailOffsets.fill(0);
  batch.timestamps.fill(0);
  for (const column of batch.columns) {
    if (column.kind === "ids") column.ids.fill(0);
    else {
      column.bytes.fill(0);
      column.starts.fill(0);
      column.ends.fill(0);
    }
  }
  assertEquals([...copy.events()], ROWS);
});
