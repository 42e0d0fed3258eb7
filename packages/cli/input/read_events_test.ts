import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, encodeText } from "@cairn/core";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReadProgress } from "./event_reader.ts";
import { parseFieldList } from "./field_list.ts";
import { fileInput, streamInput } from "./input_file.ts";
import { openEvents } from "./read_events.ts";
import { OPTIONS, pieces, readRows } from "./testdata/read_rows.ts";

async function withFile(
  content: Uint8Array,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cairn-input-"));
  try {
    const path = join(folder, "a.csv");
    await writeFile(path, content);
    await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("openEvents() reads files and tells how far it is", async () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `k${i},${i},value\n`);
  const content = encodeText(`k,t,a\n${lines.join("")}`);
  await withFile(content, async (path) => {
    const told: ReadProgress[] = [];
    const files = [await fileInput(path), await fileInput(path)];
    const { rows } = await readRows(files, {
      onProgress: (progress) => told.push(progress),
    });
    assertEquals(rows.length, 200_000);
    assert(told.length > 2);
    const last = told.at(-1)!;
    assertEquals(last.bytesTotal, 2 * content.length);
    assertEquals(last.bytesRead, 2 * content.length);
    assertEquals(last.events, 200_000);
    assertEquals(last.skipped, 0);
    for (let i = 1; i < told.length; i++) {
      assert(told[i - 1]!.bytesRead <= told[i]!.bytesRead);
    }
  });
});

Deno.test("fileInput() says that a file is missing, or a folder", async () => {
  const missing = await assertRejects(() => fileInput("no/such"), CairnError);
  assertEquals([missing.code, missing.where.file], ["not-found", "no/such"]);
  const folder = await assertRejects(() => fileInput(tmpdir()), CairnError);
  assertEquals(folder.code, "invalid-input");
});

Deno.test("openEvents() closes its input when the reader leaves early", async () => {
  let closed = 0;
  const input = streamInput("-", async function* () {
    try {
      yield encodeText("k,t\n");
      while (true) yield encodeText("one,1\n".repeat(100_000));
    } finally {
      closed++;
    }
  });
  for (const read of [false, true]) {
    closed = 0;
    {
      await using reader = await openEvents([input], OPTIONS);
      if (read) { for await (const _ of reader.batches()) break; }
    }
    assertEquals(closed, 1);
  }
});

Deno.test("openEvents() passes on what an input throws, and closes it", async () => {
  const broken = streamInput("pipe", async function* () {
    yield encodeText("k,t\none,1\n");
    throw new Error("torn");
  });
  await assertRejects(() => readRows(broken), Error, "torn");
});

Deno.test("openEvents() stops when the signal says so", async () => {
  const controller = new AbortController();
  const text = "k,t\n" + "one,1\n".repeat(500_000);
  const error = await assertRejects(async () => {
    await using reader = await openEvents([pieces(text)], {
      ...OPTIONS,
      signal: controller.signal,
    });
    for await (const _ of reader.batches()) controller.abort("enough");
  }, CairnError);
  assertEquals([error.code, error.cause], ["aborted", "enough"]);
});

Deno.test("openEvents() names the input that a bad line is in", async () => {
  const files = [pieces("k,t\none,1\n", 9, "a"), pieces("k,t\none\n", 9, "b")];
  const error = await assertRejects(() => readRows(files), CairnError);
  assertEquals(error.where, { file: "b", line: 2, column: 1 });
});

Deno.test("openEvents() refuses options that make no sense", async () => {
  await assertRejects(() => openEvents([], OPTIONS), CairnError);
  await assertRejects(
    () => openEvents([pieces("k,t\n")], { trail: "k", time: "k" }),
    CairnError,
  );
});

Deno.test("parseFieldList() reads names, with numbers or without", () => {
  assertEquals(parseFieldList("a,b"), [{ name: "a" }, { name: "b" }]);
  assertEquals(parseFieldList("2:uuid,5:time,30:a:b"), [
    { name: "uuid", column: 2 },
    { name: "time", column: 5 },
    { name: "a:b", column: 30 },
  ]);
  for (const text of ["", "a,", "a,a", "1:a,b", "0:a", "x:a", "1:", "-1:a"]) {
    const error = assertThrowsCairn(() => parseFieldList(text));
    assertEquals(error.code, "invalid-input", text);
  }
});

function assertThrowsCairn(work: () => unknown): CairnError {
  try {
    work();
  } catch (error) {
    assert(error instanceof CairnError);
    return error;
  }
  throw new Error("nothing was thrown");
}
