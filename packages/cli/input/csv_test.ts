import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, encodeText } from "@cairn/core";
import fc from "fast-check";
import type { ReadEventsOptions } from "./read_options.ts";
import { pieces, readRows } from "./testdata/read_rows.ts";

/** Reads what must fail and gives code, line and column. */
async function refused(
  text: string | Uint8Array,
  options: Partial<ReadEventsOptions> = {},
): Promise<[string, number | undefined, number | undefined]> {
  const error = await assertRejects(() => readRows(text, options), CairnError);
  assertEquals(error.where.file, "-");
  return [error.code, error.where.line, error.where.column];
}

Deno.test("openEvents() reads CSV with a header, columns in any order", async () => {
  const { fields, rows } = await readRows("a,t,k,b\nx,1,one,y\n,2,two,\n");
  assertEquals(fields, ["a", "b"]);
  assertEquals(rows, [["one", 1, "x", "y"], ["two", 2, "", ""]]);
});

Deno.test("openEvents() takes quotes as RFC 4180 has them", async () => {
  const text = 'k,t,a,b\r\n"o,ne","1","x ""y""\r\nz",\r\ntwo,2,"",""""\r\n';
  const { rows } = await readRows(text);
  assertEquals(rows, [["o,ne", 1, 'x "y"\r\nz', ""], ["two", 2, "", '"']]);
});

Deno.test("openEvents() takes a last record without a line end", async () => {
  for (const last of ["two,2,z", 'two,2,"z"', "two,2,z\r", 'two,2,"z"\r']) {
    const { rows } = await readRows(`k,t,a\none,1,y\n${last}`);
    assertEquals(rows, [["one", 1, "y"], ["two", 2, "z"]]);
  }
});

Deno.test("openEvents() keeps a carriage return within a value", async () => {
  const { rows } = await readRows("k,t,a\none,1,x\ry\r\n");
  assertEquals(rows, [["one", 1, "x\ry"]]);
});

Deno.test("openEvents() passes over blank lines, or refuses them", async () => {
  const text = "k,t\n\none,1\r\n\r\n\ntwo,2\n\n";
  const { rows } = await readRows(text);
  assertEquals(rows, [["one", 1], ["two", 2]]);
  assertEquals(await refused(text, { blankLines: "error" }), [
    "invalid-input",
    2,
    1,
  ]);
});

Deno.test("openEvents() drops a byte order mark of each input", async () => {
  const file = () => pieces("\ufeffk,t,a\none,1,x\n", 1);
  const { rows } = await readRows([file(), file()]);
  assertEquals(rows, [["one", 1, "x"], ["one", 1, "x"]]);
});

Deno.test("openEvents() finds the columns of each input by its own header", async () => {
  const { fields, rows } = await readRows([
    pieces("k,t,a,b\none,1,x,y\n"),
    pieces("b,extra,a,t,k\ny2,?,x2,2,two\n"),
  ]);
  assertEquals(fields, ["a", "b"]);
  assertEquals(rows, [["one", 1, "x", "y"], ["two", 2, "x2", "y2"]]);
});

Deno.test("openEvents() reads chosen fields only, in the order given", async () => {
  const text = "k,t,a,b,c\none,1,x,y,z\n";
  for (const names of [["c", "a"], ["k", "c", "t", "a"]]) {
    const fields = names.map((name) => ({ name }));
    const read = await readRows(text, { fields });
    assertEquals(read.fields, ["c", "a"]);
    assertEquals(read.rows, [["one", 1, "z", "x"]]);
  }
});

Deno.test("openEvents() takes columns by number without a header", async () => {
  const { fields, rows } = await readRows("x,one,y,1\n", {
    header: false,
    fields: [
      { name: "b", column: 3 },
      { name: "k", column: 2 },
      { name: "t", column: 4 },
    ],
  });
  assertEquals(fields, ["b"]);
  assertEquals(rows, [["one", 1, "y"]]);
});

Deno.test("openEvents() takes columns in order without a header or numbers", async () => {
  const fields = ["a", "k", "t"].map((name) => ({ name }));
  const { rows } = await readRows("x,one,1\n", { header: false, fields });
  assertEquals(rows, [["one", 1, "x"]]);
});

Deno.test("openEvents() refuses lists of columns that make no sense", async () => {
  const lists = [
    [{ name: "k" }],
    [{ name: "k", column: 1 }, { name: "t" }],
    [{ name: "k", column: 1 }, { name: "t", column: 1 }],
    [{ name: "k", column: 1 }, { name: "t", column: 2 }, {
      name: "k",
      column: 3,
    }],
    [{ name: "k", column: 1 }, { name: "t", column: 2e9 }],
  ];
  for (const fields of lists) {
    const error = await assertRejects(
      () => readRows("a,b\n", { header: false, fields }),
      CairnError,
    );
    assertEquals(error.code, "invalid-input");
  }
  await assertRejects(() => readRows("a\n", { header: false }), CairnError);
});

Deno.test("openEvents() refuses headers that lack or repeat a column", async () => {
  const wanted = [{ name: "a" }];
  assertEquals((await refused("k,a\n"))[0], "not-found");
  assertEquals((await refused("k,t\n", { fields: wanted }))[0], "not-found");
  assertEquals(await refused("k,t,k\n"), ["invalid-input", 1, undefined]);
  assertEquals((await refused(""))[0], "invalid-input");
  assertEquals((await refused("\nk,t\n"))[0], "invalid-input");
  assertEquals((await refused('"k,t\n'))[0], "invalid-input");
  assertEquals((await refused('k"x,t\n'))[0], "invalid-input");
  assertEquals(
    (await refused(Uint8Array.of(0xff, 0x0a)))[0],
    "invalid-input",
  );
});

Deno.test("openEvents() reads a quoted header over several lines", async () => {
  const { fields, rows, bad } = await readRows(
    '"k","t","a ""b""\nc"\none,1,x\nbad\n',
    { skipBad: true },
  );
  assertEquals(fields, ['a "b"\nc']);
  assertEquals(rows, [["one", 1, "x"]]);
  assert(bad[0]!.startsWith("4:1 "));
});

Deno.test("openEvents() says where a bad line is", async () => {
  const cases: [text: string, line: number, column: number][] = [
    ["k,t,a\none,1\n", 2, 1],
    ["k,t,a\none,1,x\none,1,x,y\n", 3, 1],
    ["k,t,a\none,x,y\n", 2, 5],
    ["k,t,a\nöne,x,y\n", 2, 5],
    ["k,t,a\n,1,y\n", 2, 1],
    ['k,t,a\none,1,"x\n\n\ny"z\n', 5, 3],
    ['k,t,a\none,1,x"y\n', 2, 8],
    ['k,t,a\n"one",1,"x\n', 2, 9],
    ['k,t,a\n"a\nb",1,x\none,-1,y\n', 4, 5],
    ['k,t,a\nx,"1\n2",\n', 2, 4],
    // What was unescaped before the fault counts as it was written.
    ['k,t,a\n"a""\u00e9",x,\n', 2, 8],
    ['k,t,a\n"""a\n",x,\n', 3, 3],
    ['t,k,a\n"""x",,\n', 2, 2],
  ];
  for (const [text, line, column] of cases) {
    assertEquals(await refused(text), ["invalid-input", line, column], text);
  }
});

Deno.test("openEvents() skips and counts bad lines when told to", async () => {
  const text = 'k,t,a\none,1,x\nbad\none,?,x\none,1,"x"y\none,2,z"\ntwo,3,"q\n';
  const { rows, bad } = await readRows(text, { skipBad: true });
  assertEquals(rows, [["one", 1, "x"]]);
  assertEquals(bad.map((line) => line.split(" ")[0]), [
    "3:1",
    "4:5",
    "5:10",
    "6:8",
    "7:7",
  ]);
});

Deno.test("openEvents() without quotes splits at the delimiter, as tdb make does", async () => {
  const { rows, bad } = await readRows(
    '01 1 x\r\n\n02 5 "a b"\n03 6\n04  q\n zz 7\n05 +7\n06 -1 x',
    {
      header: false,
      fields: ["k", "t", "a", "b"].map((name) => ({ name })),
      delimiter: " ",
      quotes: false,
      ragged: true,
      blankLines: "error",
      keys: "padded-hex",
      keyBytes: { min: 16, max: 16 },
      emptyTimeIsZero: true,
      skipBad: true,
    },
  );
  const key = (hex: string) => hex.padEnd(32, "0");
  const hexRows = rows.map(([id, ...rest]) => [toHex(id), ...rest]);
  assertEquals(hexRows, [
    [key("01"), 1, "x\r", ""],
    [key("02"), 5, '"a', 'b"'],
    [key("03"), 6, "", ""],
    [key("04"), 0, "q", ""],
    [key("05"), 7, "", ""],
  ]);
  assertEquals(bad.map((line) => line.split(" ")[0]), ["2:1", "6:2", "8:4"]);
});

Deno.test("openEvents() passes over blanks in front of times, those of tdb make", async () => {
  const { rows, bad } = await readRows(
    "a,\t7\na, \v\f\r+8\na,\t\na,9\t\n",
    {
      header: false,
      fields: ["k", "t"].map((name) => ({ name })),
      quotes: false,
      skipBad: true,
    },
  );
  assertEquals(rows, [["a", 7], ["a", 8]]);
  assertEquals(bad.map((line) => line.split(" ")[0]), ["3:3", "4:3"]);
});

function toHex(text: string): string {
  // Text of other bytes than UTF-8 is shown as hex already.
  return text.length === 32 ? text : encodeText(text).toHex();
}

Deno.test("openEvents() takes any ASCII delimiter", async () => {
  for (const delimiter of ["\t", ";", "|", " ", "~", "\0", "a"]) {
    const text = ["k", "t", "x"].join(delimiter) + "\n" +
      ["1", "2", '"3"'].join(delimiter) + "\n";
    const { rows } = await readRows(text, { delimiter });
    assertEquals(rows, [["1", 2, "3"]]);
  }
  for (const delimiter of ["", "\n", "\r", '"', ",,", "é"]) {
    await assertRejects(() => readRows("k,t\n", { delimiter }), CairnError);
  }
});

Deno.test("openEvents() takes a tab for inputs named .tsv", async () => {
  const { rows } = await readRows(pieces("k\tt\none\t1\n", 3, "a.TSV"));
  assertEquals(rows, [["one", 1]]);
});

Deno.test("openEvents() keeps bytes that are not UTF-8", async () => {
  const text = Uint8Array.of(...encodeText("k,t,a\none,1,"), 0xff, 0x80, 0x0a);
  const { rows } = await readRows(text);
  assertEquals(rows, [["one", 1, "ff80"]]);
});

Deno.test("openEvents() refuses values and records that are too long", async () => {
  const long = "x".repeat(100);
  const text = `k,t,a\none,1,y\none,2,${long}\none,3,z\n`;
  assertEquals(await refused(text, { valueBytesMax: 99 }), ["limit", 3, 7]);
  assertEquals(await refused(text, { recordBytesMax: 99 }), ["limit", 3, 1]);
  assertEquals((await readRows(text, { valueBytesMax: 100 })).rows.length, 3);
  const skipped = await readRows(text, { valueBytesMax: 99, skipBad: true });
  assertEquals(skipped.rows, [["one", 1, "y"], ["one", 3, "z"]]);
});

Deno.test("openEvents() passes over records longer than the window", async () => {
  const long = "x".repeat(5_000_000);
  const text = `k,t,a\none,1,${long}\none,2,"${long},"\none,3,z\nbad\n`;
  const whole = await readRows(pieces(text, 65_536), { skipBad: true });
  assertEquals(whole.rows.map((row) => row[2]!.length), [
    5_000_000,
    5_000_001,
    1,
  ]);
  const cut = await readRows(pieces(text, 65_536), {
    skipBad: true,
    recordBytesMax: 2_000_000,
  });
  assertEquals(cut.rows.at(-1), ["one", 3, "z"]);
  assertEquals(cut.rows.length, 1);
  assertEquals(cut.bad.map((line) => line.split(" ")[0]), [
    "2:1",
    "3:1",
    "5:1",
  ]);
});

Deno.test("openEvents() reads keys as UUID, hex or text", async () => {
  const uuid = "00112233-4455-6677-8899-AABBCCDDEEFF";
  const hex = uuid.replaceAll("-", "").toLowerCase();
  const read = async (key: string, options: Partial<ReadEventsOptions>) =>
    (await readRows(`k,t\n${key},1\n`, options)).rows[0]![0];
  const wants16 = { keyBytes: { min: 16, max: 16 } };
  assertEquals(await read(uuid, wants16), hex);
  assertEquals(await read(hex, { keys: "uuid" }), hex);
  assertEquals(await read(uuid, {}), uuid);
  assertEquals(await read("C3bf", { keys: "hex" }), "ÿ");
  assertEquals(
    toHex(await read("ab", { keys: "padded-hex" })),
    "ab".padEnd(32, "0"),
  );
  const wrong: [string, Partial<ReadEventsOptions>][] = [
    ["zz", { keys: "hex" }],
    ["abc", { keys: "hex" }],
    ["", { keys: "hex" }],
    [hex.slice(1), wants16],
    [`${hex}0`, { keys: "padded-hex" }],
    [uuid.replace("-", "0"), wants16],
    ["abcd", { keys: "hex", ...wants16 }],
    ["abcd", { keyBytes: { min: 1, max: 3 } }],
  ];
  for (const [key, options] of wrong) {
    assertEquals(await refused(`k,t\n${key},1\n`, options), [
      "invalid-input",
      2,
      1,
    ]);
  }
});

/** Splits CSV the slow way, a character at a time. */
function formatCsv(records: readonly (readonly string[])[]): string {
  return records.map((record) =>
    record.map((value) =>
      /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
    ).join()
  ).join("\n") + "\n";
}

const arbitraryText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'ab,"\r\n é') }),
  fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
);

Deno.test("openEvents() gives back what was written, cut anywhere into pieces", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.string({ minLength: 1 }),
          fc.nat(),
          arbitraryText,
          arbitraryText,
        ),
      ),
      fc.integer({ min: 1, max: 50 }),
      async (wanted, pieceBytes) => {
        const text = formatCsv([
          ["k", "t", "a", "b"],
          ...wanted.map((row) => row.map(String)),
        ]);
        const { rows } = await readRows(pieces(text, pieceBytes, "a.csv"));
        assertEquals(rows, wanted);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("openEvents() accepts or refuses every truncation of CSV, and any bytes", async () => {
  const text = encodeText('k,t,a\n"o""ne",1,"x\ny"\r\ntwo,2,z\n"",3,"');
  for (let end = 0; end <= text.length; end++) {
    await settles(text.slice(0, end));
  }
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...encodeText('a1,"\r\n\0\xff'))),
      (bytes) => settles(Uint8Array.of(...encodeText("k,t,a\n"), ...bytes)),
    ),
    { numRuns: 300 },
  );
});

/** Fails unless reading ends well, or with an error of the right kind, skipping or not. */
async function settles(bytes: Uint8Array): Promise<void> {
  for (const skipBad of [false, true]) {
    for (const quotes of [false, true]) {
      await readRows(bytes, { skipBad, quotes, format: "csv" }).catch(
        (error) => {
          assert(error instanceof CairnError, String(error));
          assertEquals(
            error.code,
            error.code === "not-found" ? "not-found" : "invalid-input",
          );
        },
      );
    }
  }
}
