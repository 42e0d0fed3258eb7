import { assertEquals } from "@std/assert";
import {
  type Column,
  concatBytes,
  createSchema,
  encodeText,
  EventBatch,
  formatHex,
  type Lexicon,
  MemorySink,
  MemorySource,
  packSpans,
} from "@cairn/core";
import fc from "fast-check";
import { memoryCodec } from "../testdata/memory_codec.ts";
import {
  csvFormat,
  ndjsonFormat,
  type RowFormat,
  tdbCsvFormat,
  tdbJsonFormat,
} from "./row_format.ts";
import { RowWriter } from "./row_writer.ts";

const COLUMNS = [
  { title: "trail", source: "trail" },
  { title: "time", source: "time" },
  { title: "a", source: 0 },
  { title: "b", source: 1, type: "integer" },
] as const;

/** Writes a batch of one trail, key `k`, with both kinds of columns. */
async function write(
  format: RowFormat,
  rows: readonly (readonly [number, Uint8Array | null, Uint8Array | null])[],
  asIds: boolean,
): Promise<Uint8Array> {
  const sink = new MemorySink();
  await using writer = await memoryCodec.create(sink, createSchema([]));
  writer.add(encodeText("k"), 1, []);
  await writer.finish();
  await using store = await memoryCodec.open(new MemorySource(sink.bytes()));
  const column = asIds ? idColumn : bytesColumn;
  const parts: Uint8Array[] = [];
  const rowWriter = new RowWriter({
    store,
    format,
    keyStyle: "text",
    write: (bytes) => {
      parts.push(bytes.slice());
      return Promise.resolve();
    },
  });
  await rowWriter.batch(
    new EventBatch({
      trailOrdinals: Uint32Array.of(0),
      trailOffsets: Uint32Array.of(0, rows.length),
      timestamps: Float64Array.from(rows, ([time]) => time),
      columns: [column(rows.map((r) => r[1])), column(rows.map((r) => r[2]))],
    }),
  );
  await rowWriter.finish();
  return concatBytes(parts);
}

function bytesColumn(values: (Uint8Array | null)[]): Column {
  return { kind: "bytes", ...packSpans(values) };
}

function idColumn(values: (Uint8Array | null)[]): Column {
  const known: Uint8Array[] = [new Uint8Array(0)];
  const ids = values.map((value) => {
    if (value === null || value.length === 0) return 0;
    const hex = formatHex(value);
    const at = known.findIndex((other) => formatHex(other) === hex);
    return at > 0 ? at : known.push(value) - 1;
  });
  const lexicon: Lexicon = {
    size: known.length,
    value: (id) => known[id]!,
    find: () => undefined,
  };
  return { kind: "ids", ids: Uint32Array.from(ids), lexicon };
}

const SAMPLE = [
  [5, encodeText("plain"), encodeText("12")],
  [2 ** 53 - 1, encodeText('a,"b"'), null],
  [0, encodeText("line\nend\r"), encodeText("-0")],
  [1e9, null, encodeText("-12")],
] as const;

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

for (const asIds of [false, true]) {
  const kind = asIds ? "ids" : "bytes";

  Deno.test(`RowWriter writes CSV as RFC 4180 says, from ${kind}`, async () => {
    assertEquals(
      text(await write(csvFormat(COLUMNS), SAMPLE, asIds)),
      'trail,time,a,b\nk,5,plain,12\nk,9007199254740991,"a,""b""",\n' +
        'k,0,"line\nend\r",-0\nk,1000000000,,-12\n',
    );
  });

  Deno.test(`RowWriter writes NDJSON, from ${kind}`, async () => {
    assertEquals(
      text(await write(ndjsonFormat(COLUMNS), SAMPLE, asIds)),
      '{"trail":"k","time":5,"a":"plain","b":12}\n' +
        '{"trail":"k","time":9007199254740991,"a":"a,\\"b\\"","b":null}\n' +
        '{"trail":"k","time":0,"a":"line\\nend\\r","b":"-0"}\n' +
        '{"trail":"k","time":1000000000,"a":null,"b":-12}\n',
    );
  });

  Deno.test(`RowWriter writes what tdb dump prints, from ${kind}`, async () => {
    assertEquals(
      text(await write(tdbCsvFormat(COLUMNS), SAMPLE.slice(0, 2), asIds)),
      'k 5 plain 12\nk 9007199254740991 a,"b" \n',
    );
    assertEquals(
      text(
        await write(
          tdbJsonFormat(COLUMNS, { omitEmpty: true }),
          SAMPLE.slice(1, 2),
          asIds,
        ),
      ),
      '{"trail": "k", "time": "9007199254740991", "a": "a,\\"b\\""}\n',
    );
  });

  Deno.test(`RowWriter writes JSON that reads back as the values, from ${kind}`, async () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.string({
        unit: fc.constantFrom(
          "a",
          '"',
          "\\",
          "\n",
          "\x00",
          "\x1f",
          "é",
          "\u2028",
          "😀",
        ),
      }).map(encodeText),
      fc.uint8Array({ maxLength: 6 }),
    );
    const row = fc.tuple(fc.maxSafeNat(), value, fc.constant(null));
    await fc.assert(fc.asyncProperty(fc.array(row), async (rows) => {
      const lines = text(await write(ndjsonFormat(COLUMNS), rows, asIds));
      const objects = lines.split("\n").slice(0, -1).map((line) =>
        JSON.parse(line)
      );
      assertEquals(objects.map((o) => o.time), rows.map(([time]) => time));
      const read = objects.map(({ a }) =>
        a === null
          ? ""
          : typeof a === "string"
          ? formatHex(encodeText(a))
          : a.hex
      );
      assertEquals(
        read,
        rows.map(([, a]) => formatHex(a ?? new Uint8Array(0))),
      );
    }));
  });
}

Deno.test("RowWriter marks an empty line of a single column", async () => {
  const format = csvFormat([{ title: "a", source: 0 }]);
  assertEquals(text(await write(format, SAMPLE.slice(3), false)), 'a\n""\n');
});
