import { assertEquals } from "@std/assert";
import { decode } from "cborg";
import { parseKeyspaceSchema } from "./keyspace_schema.ts";
import { decodeState, encodeState } from "./keyspace_state.ts";

const SCHEMA = parseKeyspaceSchema({
  name: "users",
  row_id: ["user"],
  fields: [
    { name: "visit", type: "counter", quantum: "Y" },
    { name: "score", type: "counter", encoding: "equality" },
    { name: "word", type: "set" },
    { name: "item", type: "set", of: "uint" },
    { name: "seen", type: "flag" },
  ],
});

const STATE = {
  position: 9,
  rows: 4,
  fields: new Map([
    ["visit", { bits: 3, values: 0 }],
    ["score", { bits: 0, values: 0 }],
    ["word", { bits: 0, values: 5 }],
    ["item", { bits: 0, values: 0 }],
    ["seen", { bits: 0, values: 0 }],
  ]),
};

Deno.test("encodeState() says of each field what its kind has, and nothing else", () => {
  assertEquals(decode(encodeState(STATE, SCHEMA)), {
    position: 9,
    rows: 4,
    fields: {
      visit: { bits: 3 },
      score: {},
      word: { values: 5 },
      item: {},
      seen: {},
    },
  });
});

Deno.test("decodeState() gives back what encodeState() wrote", () => {
  const { position, rows, fields } = decodeState(
    encodeState(STATE, SCHEMA),
    SCHEMA,
  );
  assertEquals({ position, rows, fields: new Map(fields) }, STATE);
});
