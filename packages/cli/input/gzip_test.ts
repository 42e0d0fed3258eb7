import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, concatBytes, encodeText } from "@cairn/core";
import fc from "fast-check";
import { gzipSync } from "fflate";
import { pieces, readRows } from "./testdata/read_rows.ts";

const TEXT = "k,t,a\n" +
  Array.from({ length: 80 }, (_, i) => `key${i % 7},${i},v${i * i}\n`).join(
    "",
  );
const ZIPPED = gzipSync(encodeText(TEXT), { filename: "a.csv", mtime: 1 });

Deno.test("openEvents() reads gzip, cut anywhere into pieces", async () => {
  const { rows } = await readRows(TEXT);
  for (const pieceBytes of [1, 2, 3, 10, 11, 100, 1000, Infinity]) {
    const read = await readRows(pieces(ZIPPED, pieceBytes));
    assertEquals(read.rows, rows);
  }
});

Deno.test("openEvents() reads gzip of several members as one text", async () => {
  const members = [
    "k,t\nthe",
    "",
    "one,1\n",
    "two,2\n".repeat(5000),
  ].map((text) => gzipSync(encodeText(text), { mtime: 1 }));
  for (const pieceBytes of [1, 7, 64, Infinity]) {
    const { rows } = await readRows(pieces(concatBytes(members), pieceBytes));
    assertEquals(rows.length, 5001);
    assertEquals(rows[0], ["theone", 1]);
  }
});

Deno.test("openEvents() takes an empty text in gzip for an empty text", async () => {
  const empty = gzipSync(new Uint8Array(0), { mtime: 1 });
  assertEquals((await readRows(empty, { format: "ndjson" })).rows, []);
});

/** Reads to the end and gives the code of the error, if there is one. */
async function outcome(bytes: Uint8Array, pieceBytes: number) {
  try {
    const { rows } = await readRows(pieces(bytes, pieceBytes), {
      skipBad: true,
    });
    return rows.length;
  } catch (error) {
    assert(error instanceof CairnError, String(error));
    return error.code;
  }
}

Deno.test("openEvents() refuses gzip that is cut, at every byte", async () => {
  for (let end = 3; end < ZIPPED.length; end++) {
    assertEquals(await outcome(ZIPPED.slice(0, end), 100), "corrupt", `${end}`);
  }
  const two = concatBytes([ZIPPED, ZIPPED]);
  for (let end = ZIPPED.length + 1; end < two.length; end++) {
    assertEquals(await outcome(two.slice(0, end), 999), "corrupt", `${end}`);
  }
});

Deno.test("openEvents() refuses gzip that something follows", async () => {
  for (
    const tail of [[0], [0, 0, 0], [31], [31, 139], [1, 2, 3, 4, 5, 6, 7, 8, 9]]
  ) {
    const bytes = Uint8Array.of(...ZIPPED, ...tail);
    for (const pieceBytes of [1, 50, Infinity]) {
      assertEquals(await outcome(bytes, pieceBytes), "corrupt");
    }
  }
});

Deno.test("openEvents() finds every flipped byte in gzip, or reads the same", async () => {
  // Flags, time and the like of the header mean nothing for the text.
  for (let at = 10 + "a.csv".length + 1; at < ZIPPED.length; at++) {
    const bytes = ZIPPED.slice();
    bytes[at]! ^= 1 << (at % 8);
    const code = await outcome(bytes, Infinity);
    assert(code === "corrupt" || code === 80, `${at}: ${code}`);
  }
});

Deno.test("openEvents() settles any bytes behind a gzip header", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      async (bytes, pieceBytes) => {
        const head = ZIPPED.slice(0, 16);
        const code = await outcome(concatBytes([head, bytes]), pieceBytes);
        assertEquals(code, "corrupt");
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("openEvents() reads a gzip bomb a piece at a time", async () => {
  // 50 MB of one line that never ends, in 50 kB.
  const chunk = new Uint8Array(50_000_000);
  chunk.set(encodeText("k,t,a\none,1,"));
  chunk.fill(0x78, 12);
  const bomb = gzipSync(chunk, { level: 1, mtime: 1 });
  const error = await assertRejects(
    () => readRows(bomb, { recordBytesMax: 1 << 22 }),
    CairnError,
  );
  assertEquals(error.code, "limit");
});

Deno.test("openEvents() names the place of broken gzip", async () => {
  const error = await assertRejects(
    () => readRows(pieces(ZIPPED.slice(0, -1), 50, "a.csv.gz")),
    CairnError,
  );
  assertEquals(error.where.file, "a.csv.gz");
  assertEquals(error.where.part, "gzip");
});
