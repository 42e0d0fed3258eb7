import { assertEquals, assertThrows } from "@std/assert";
import { CairnError, type IndexField } from "@cairn/core";
import { readGoldenJson } from "./testdata/golden.ts";
import { bindQuery, type QuerySchema } from "./binder.ts";

interface GoldenSchema {
  readonly row_id: readonly string[];
  readonly fields: readonly {
    readonly name: string;
    readonly type: IndexField["kind"];
    readonly of?: IndexField["of"];
    readonly quantum: IndexField["quantum"];
  }[];
}

interface ErrorCase {
  readonly query: string;
  readonly reason: string;
  readonly line: number;
  readonly column: number;
}

function readSchema(): QuerySchema {
  const schema = readGoldenJson<GoldenSchema>("bitmap/schema.json");
  return {
    keyParts: schema.row_id,
    fields: schema.fields.map(({ name, type, of, quantum }) => ({
      name,
      kind: type,
      of: of ?? "uint",
      quantum,
    })),
  };
}

Deno.test("bindQuery() places the error of each golden case", () => {
  const schema = readSchema();
  for (
    const { query, reason, line, column } of readGoldenJson<ErrorCase[]>(
      "bitmap/bind-errors.json",
    )
  ) {
    const error = assertThrows(() => bindQuery(query, schema), CairnError);
    assertEquals(error.code, "invalid-input", query);
    assertEquals({ reason: error.reason, ...error.where }, {
      reason,
      line,
      column,
    }, query);
  }
});

Deno.test("bindQuery() accepts all golden queries", () => {
  const schema = readSchema();
  for (
    const { query } of readGoldenJson<{ query: string }[]>(
      "bitmap/queries.json",
    )
  ) bindQuery(query, schema);
});
