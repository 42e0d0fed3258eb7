import { assertEquals } from "@std/assert";
import {
  type Column,
  columnValue,
  compareValues,
  encodeText,
  packSpans,
  spanValue,
} from "@cairn/core";
import fc from "fast-check";
import { listLexicon } from "./testdata/list_lexicon.ts";

const values = fc.option(fc.uint8Array({ maxLength: 5, max: 2 }));

Deno.test("packSpans() keeps values in order; empty is no value", () => {
  fc.assert(fc.property(fc.array(values), (list) => {
    const spans = packSpans(list);
    const wanted = list.map((value) => value?.length ? value : null);
    assertEquals(list.map((_, row) => spanValue(spans, row)), wanted);
    // They are copies: the input may change.
    for (const value of list) value?.fill(7);
    assertEquals(spans.bytes.includes(7), false);
  }));
});

Deno.test("columnValue() gives the same for both kinds of columns", () => {
  const lexicon = listLexicon(["x", "yy"]);
  const ids = Uint32Array.of(2, 0, 1, 2);
  const texts = ["yy", null, "x", "yy"];
  const wanted = texts.map((text) => text === null ? null : encodeText(text));
  const columns: Column[] = [
    { kind: "ids", ids, lexicon },
    { kind: "bytes", ...packSpans(wanted) },
  ];
  for (const column of columns) {
    assertEquals(texts.map((_, row) => columnValue(column, row)), wanted);
  }
});

Deno.test("compareValues() is an order with no value first", () => {
  fc.assert(fc.property(values, values, values, (a, b, c) => {
    assertEquals(
      Math.sign(compareValues(a, b)),
      0 - Math.sign(compareValues(b, a)),
    );
    assertEquals(compareValues(a, a), 0);
    if (a === null && b !== null) assertEquals(compareValues(a, b) < 0, true);
    if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) {
      assertEquals(compareValues(a, c) <= 0, true);
    }
  }));
});
