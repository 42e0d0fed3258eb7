import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, encodeText } from "@cairn/core";
import fc from "fast-check";
import type { ReadEventsOptions } from "./read_options.ts";
import { pieces, readRows, type Row } from "./testdata/read_rows.ts";

const JSON_OPTIONS: Partial<ReadEventsOptions> = {
  format: "ndjson",
  fields: [{ name: "a" }, { name: "b" }],
};

async function readJson(
  text: string | Uint8Array,
  options: Partial<ReadEventsOptions> = {},
): Promise<readonly Row[]> {
  return (await readRows(text, { ...JSON_OPTIONS, ...options })).rows;
}

/** Reads what must fail and gives line and column. */
async function refused(
  text: string | Uint8Array,
  options: Partial<ReadEventsOptions> = {},
): Promise<[number | undefined, number | undefined]> {
  const error = await assertRejects(() => readJson(text, options), CairnError);
  assertEquals(error.code, "invalid-input");
  assertEquals(error.where.file, "-");
  return [error.where.line, error.where.column];
}

Deno.test("openEvents() reads JSON values as text", async () => {
  const cases: [json: string, text: string][] = [
    ['"x"', "x"],
    ['""', ""],
    ["null", ""],
    ["true", "true"],
    ["false", "false"],
    ["0", "0"],
    ["-0.0", "-0.0"],
    ["1.10", "1.10"],
    ["1E+400", "1E+400"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
    ['"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\\u0000"', "Aé€😀\0"],
    ['"é€😀\u2028"', "é€😀\u2028"],
    ["[ 1, {} ]", "[ 1, {} ]"],
    ['{"x":"\\u0041}"}', '{"x":"\\u0041}"}'],
  ];
  for (const [json, text] of cases) {
    const line = ` { "k" : "one" ,\t"a" : ${json} , "t" : 1 } \r\n`;
    assertEquals(await readJson(line), [["one", 1, text, ""]], json);
  }
});

Deno.test("openEvents() takes the last of names that come twice", async () => {
  const line =
    '{"k":"x","a":"1\\n","t":7,"k":"y","a":null,"t":"8","b":1,"b":"\\t"}';
  assertEquals(await readJson(line), [["y", 8, "", "\t"]]);
});

Deno.test("openEvents() knows names that are written with escapes", async () => {
  const line = '{"\\u006b":"x","\\u0074":7,"\\u0061":1}\n';
  assertEquals(await readJson(line + line), [
    ["x", 7, "1", ""],
    ["x", 7, "1", ""],
  ]);
});

Deno.test("openEvents() takes a name behind a byte order mark for another one", async () => {
  const text = '{"k":"one","t":1,"\ufeffa":"x","a":"y","\ufeffk":"two"}\n';
  assertEquals(await readJson(text), [["one", 1, "y", ""]]);
  const fields = [{ name: "\ufeffa" }];
  assertEquals(await readJson(text, { fields }), [["one", 1, "x"]]);
});

Deno.test("openEvents() ignores names that nobody asked for, whatever their values", async () => {
  const line =
    '{"z":{"k":"no","a":[{"t":[]},1,true,null,"]}"]},"k":"x","y":[],"t":1,"":{}}';
  assertEquals(await readJson(line), [["x", 1, "", ""]]);
});

Deno.test("openEvents() reads lines whose names change their order", async () => {
  const rows = await readJson(
    '{"k":"1","t":1,"a":"x"}\n{"t":2,"b":"y","k":"2"}\n{"a":"z","k":"3","t":3,"b":"w"}',
  );
  assertEquals(rows, [["1", 1, "x", ""], ["2", 2, "", "y"], [
    "3",
    3,
    "z",
    "w",
  ]]);
});

Deno.test("openEvents() takes the fields of the first object when none are given", async () => {
  const { fields, rows } = await readRows(
    '\n{"z":1,"t":1,"2":"two","k":"x","\\u0061":[{"q":1}],"z":2}\n{"k":"y","t":2,"new":1}\n',
    { format: "ndjson" },
  );
  assertEquals(fields, ["z", "2", "a"]);
  assertEquals(rows, [["x", 1, "2", "two", '[{"q":1}]'], ["y", 2, "", "", ""]]);
});

Deno.test("openEvents() sees NDJSON by its first byte or its name", async () => {
  const text = ' {"k":"x","t":1}\n';
  for (const name of ["-", "a.ndjson", "a.jsonl.gz", "data"]) {
    const { rows } = await readRows(pieces(text, 5, name));
    assertEquals(rows, [["x", 1]]);
  }
});

Deno.test("openEvents() refuses lines that are no JSON object", async () => {
  const cases: [line: string, column: number][] = [
    ["foo", 1],
    ["[1]", 1],
    ['"k"', 1],
    ["{", 2],
    ['{"k":"x","t":1', 15],
    ['{"k":"x","t":1}}', 16],
    ['{"k":"x","t":1} x', 17],
    ['{"k":"x","t":1,}', 16],
    ['{,"k":"x","t":1}', 2],
    ['{"k":"x" "t":1}', 10],
    ['{"k" "x","t":1}', 6],
    ["{k:1}", 2],
    ["{'k':1}", 2],
    ['{"k":x}', 6],
    ['{"k":tru}', 6],
    ['{"k":01}', 6],
    ['{"k":1.}', 6],
    ['{"k":.5}', 6],
    ['{"k":+1}', 6],
    ['{"k":1e}', 6],
    ['{"k":-}', 6],
    ['{"k":"\\x"}', 7],
    ['{"k":"\\u12g4"}', 7],
    ['{"k":"\t"}', 7],
    ['{"k":"x', 6],
    ['{"z":[1,]}', 9],
    ['{"z":[1}', 8],
    ['{"z":{"a"}}', 10],
    ['{"z":{1:2}}', 7],
    ['{"z":[1 2]}', 9],
    ['{"z":[[', 6],
    ['{"é":"é","k":"\\ud800","t":1}', 15],
    ['{"k":"\\n","t":1,"a":"\\udc00x"}', 22],
    ['{"k":"\\ud800\\u0041","t":1}', 7],
    ["{}", 1],
    ['{"k":"x"}', 1],
    ['{"t":1}', 1],
    ['{"k":null,"t":1}', 1],
    ['{"k":"x","t":null}', 1],
    ['{"k":"","t":1}', 7],
    ['{"k":"x","t":1.5}', 14],
    ['{"k":"x","t":true}', 14],
    ['{"k":"x","t":-1}', 14],
    ['{"k":"x","t":9007199254740992}', 14],
    ['{"k":"\\\\\\\\\\\\","a":"\\\\","t":1e3}', 28],
  ];
  for (const [line, column] of cases) {
    const text = `{"k":"x","t":1}\n\n${line}\n{"k":"y","t":2}`;
    assertEquals(await refused(text), [3, column], line);
    const { rows, bad } = await readRows(text, {
      ...JSON_OPTIONS,
      skipBad: true,
    });
    assertEquals(rows.map((row) => row[0]), ["x", "y"], line);
    assertEquals(bad.length, 1);
  }
});

Deno.test("openEvents() refuses lines that are not UTF-8", async () => {
  const line = (...bytes: number[]) =>
    Uint8Array.of(...encodeText('{"k":"'), ...bytes, ...encodeText('","t":1}'));
  assertEquals(await readJson(line(0xc3, 0xa9)), [["é", 1, "", ""]]);
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
    assertEquals(await refused(line(...bytes)), [1, 1]);
  }
});

Deno.test("openEvents() refuses nested values when told to", async () => {
  const options = { nested: "error" } as const;
  for (const value of ["{}", "[]"]) {
    const line = `{"k":"x","t":1,"a":${value}}`;
    assertEquals(await refused(line, options), [1, 20]);
    const ignored = `{"k":"x","t":1,"z":${value}}`;
    assertEquals(await readJson(ignored, options), [["x", 1, "", ""]]);
  }
});

Deno.test("openEvents() leaves escapes alone when told to", async () => {
  const line = '{"k":"\\u0041","t":"1","a":"q\\"u\\ud800\\n","\\u0062":"no"}';
  assertEquals(await readJson(line, { rawStrings: true }), [
    ["\\u0041", 1, 'q\\"u\\ud800\\n', ""],
  ]);
});

Deno.test("openEvents() refuses blank lines of NDJSON when told to", async () => {
  const text = '{"k":"x","t":1}\n \n';
  assertEquals((await readJson(text)).length, 1);
  assertEquals(await refused(text, { blankLines: "error" }), [2, 1]);
});

Deno.test("openEvents() takes JSON nested a million deep", async () => {
  const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
  const rows = await readJson(`{"k":"x","z":${deep},"t":1,"a":${deep}}`);
  assertEquals(rows[0]![2]!.length, 2_000_000);
  await refused(`{"k":"x","t":1,"a":${deep.slice(0, -1)}}`);
  await refused(`{"z":${'{"a":'.repeat(1_000_000)}`);
});

Deno.test("openEvents() reads times of all forms", async () => {
  const read = async (time: string, options: Partial<ReadEventsOptions> = {}) =>
    (await readJson(`{"k":"x","t":${time}}`, options))[0]![1];
  const us = { timeUnit: "us" } as const;
  const ms = { timeUnit: "ms" } as const;
  const cases: [string, number, Partial<ReadEventsOptions>?][] = [
    ["0", 0],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ['"0000000000000000000012"', 12],
    ['" +12"', 12],
    ["1500", 1_500_000, { timeUnit: "ms", integerUnit: "s" }],
    ["1999", 1, { integerUnit: "ms" }],
    ["8841879756689999", 8_841_879_756_689, { integerUnit: "ms" }],
    ["9007199254740991", 9_007_199_254, { integerUnit: "us" }],
    ["12", 12, us],
    ['"1970-01-01"', 0],
    ['"2000-02-29"', 951_782_400],
    ['"2024-05-01T12:30:45Z"', 1_714_566_645],
    ['"2024-05-01t12:30:45z"', 1_714_566_645],
    ['"2024-05-01 12:30:45"', 1_714_566_645],
    ['"2024-05-01T12:30Z"', 1_714_566_600],
    ['"2024-05-01T12:30:45.999Z"', 1_714_566_645],
    ['"2024-05-01T12:30:45.999Z"', 1_714_566_645_999, ms],
    ['"2024-05-01T12:30:45,9996789Z"', 1_714_566_645_999, ms],
    ['"2024-05-01T12:30:45.0000019Z"', 1_714_566_645_000_001, us],
    ['"2024-05-01T14:30:45+02:00"', 1_714_566_645],
    ['"2024-05-01T07:00:45-0530"', 1_714_566_645],
    ['"2024-05-01T14:30:45+02"', 1_714_566_645],
    ['"2016-12-31T23:59:60Z"', 1_483_228_800],
    ['"9999-12-31T23:59:59Z"', 253_402_300_799],
  ];
  for (const [time, wanted, options] of cases) {
    assertEquals(await read(time, options), wanted, time);
  }
  const wrong = [
    '"2023-02-29"',
    '"2024-13-01"',
    '"2024-00-01"',
    '"2024-01-00"',
    '"2024-01-32"',
    '"2024-1-1"',
    '"2024-01-01T"',
    '"2024-01-01T24:00"',
    '"2024-01-01T12:60"',
    '"2024-01-01T12:00:61"',
    '"2024-01-01T12:00:00."',
    '"2024-01-01T12:00:00+"',
    '"2024-01-01T12:00:00+2"',
    '"2024-01-01T12:00:00+24:00"',
    '"2024-01-01T12:00:00Zx"',
    '"2024-01-01X12:00"',
    '"1969-12-31T23:59:59Z"',
    '"1970-01-01T00:00:00+01:00"',
    '"12 "',
    '""',
    '"+"',
    '"soon"',
  ];
  for (const time of wrong) {
    await assertRejects(() => read(time), CairnError, "time");
  }
  await assertRejects(() =>
    read("9007199254741", {
      timeUnit: "us",
      integerUnit: "ms",
    }), CairnError);
});

Deno.test("openEvents() agrees with Date about ISO 8601", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.date({
        min: new Date(0),
        max: new Date("9999-12-31T23:59:59.999Z"),
        noInvalidDate: true,
      }),
      async (date) => {
        const line = JSON.stringify({ k: "x", t: date });
        const rows = await readJson(line, { timeUnit: "ms" });
        assertEquals(rows[0]![1], date.getTime());
      },
    ),
    { numRuns: 200 },
  );
});

/** What a JSON value is as a value of an event. */
function asText(value: unknown): string {
  return value === null || value === undefined
    ? ""
    : typeof value === "string"
    ? value
    : JSON.stringify(value);
}

Deno.test("openEvents() reads what JSON.stringify writes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          k: fc.string({ minLength: 1 }),
          t: fc.maxSafeNat(),
          a: fc.jsonValue({ stringUnit: "grapheme" }),
          b: fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
          c: fc.jsonValue(),
        }),
      ),
      fc.integer({ min: 1, max: 40 }),
      async (objects, pieceBytes) => {
        const text = objects.map((object) => JSON.stringify(object)).join("\n");
        const { rows } = await readRows(pieces(text, pieceBytes), JSON_OPTIONS);
        assertEquals(
          rows,
          objects.map((o) => [o.k, o.t, asText(o.a), asText(o.b)]),
        );
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("openEvents() accepts the lines that JSON.parse accepts, and no others", async () => {
  const sample = '{"k":"x\\u0041","t":1,"a":[1.5e3,{"b":null},true],"z":"é"}';
  const characters = [...'{}[],:"\\0123eE+-.ntrufalse \t\u0001'];
  await fc.assert(
    fc.asyncProperty(
      fc.nat(sample.length),
      fc.nat(4),
      fc.string({ unit: fc.constantFrom(...characters), maxLength: 4 }),
      async (at, removed, inserted) => {
        const line = sample.slice(0, at) + inserted +
          sample.slice(at + removed);
        let object: unknown;
        try {
          object = JSON.parse(line);
        } catch {
          object = undefined;
        }
        const good = typeof object === "object" && object !== null &&
          "k" in object && "t" in object && !Array.isArray(object) &&
          (typeof object.k === "string"
            ? object.k !== ""
            : object.k !== null) &&
          // Of names that come twice the last one counts.
          /^[0-9]+$/.test(
            [...line.matchAll(/"t":"?([^,}"]*)/g)].at(-1)?.[1] ?? "",
          ) &&
          asText(object.k).isWellFormed();
        const { rows, bad } = await readRows(line, {
          ...JSON_OPTIONS,
          skipBad: true,
        });
        if (object === undefined) assertEquals(rows, []);
        if (good) assertEquals([rows.length, bad.length], [1, 0], line);
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("openEvents() accepts or refuses every truncation of NDJSON, and any bytes", async () => {
  const text = encodeText(
    '{"k":"\\ud83d\\ude00é","t":1,"z":[{"a":-1.5e+3},true],"a":{}}',
  );
  for (let end = 0; end < text.length; end++) {
    const { rows } = await readRows(text.slice(0, end), {
      ...JSON_OPTIONS,
      skipBad: true,
    });
    assertEquals(rows, []);
  }
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...encodeText('{}[]":,\\u1nt\n\0é'))),
      async (bytes) => {
        await readRows(Uint8Array.from(bytes), {
          ...JSON_OPTIONS,
          skipBad: true,
        });
        await readRows(Uint8Array.from(bytes), { format: "ndjson" })
          .catch((error) => assert(error instanceof CairnError, String(error)));
      },
    ),
    { numRuns: 500 },
  );
});
