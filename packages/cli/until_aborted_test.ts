import { assertEquals, assertRejects } from "@std/assert";
import { CairnError } from "@cairn/core";
import { untilAborted } from "./until_aborted.ts";

Deno.test("untilAborted() passes everything on", async () => {
  const signal = new AbortController().signal;
  const stream = async function* () {
    yield* [1, 2, 3];
  };
  assertEquals(await Array.fromAsync(untilAborted(stream(), signal)), [
    1,
    2,
    3,
  ]);
});

Deno.test("untilAborted() closes the stream when its reader leaves", async () => {
  const signal = new AbortController().signal;
  let closed = false;
  const stream = async function* () {
    try {
      yield* [1, 2, 3];
    } finally {
      closed = true;
    }
  };
  for await (const value of untilAborted(stream(), signal)) {
    assertEquals(value, 1);
    break;
  }
  assertEquals(closed, true);
});

Deno.test("untilAborted() fails while nothing comes", async () => {
  const controller = new AbortController();
  const stream: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<number>>(() => {}),
    }),
  };
  const reading = Array.fromAsync(untilAborted(stream, controller.signal));
  controller.abort(new Error("stop"));
  const error = await assertRejects(() => reading, CairnError);
  assertEquals([error.code, (error.cause as Error).message], [
    "aborted",
    "stop",
  ]);
});

Deno.test("untilAborted() passes errors on", async () => {
  const signal = new AbortController().signal;
  // deno-lint-ignore require-yield -- it fails before it has anything
  const stream = async function* (): AsyncGenerator<number> {
    await Promise.resolve();
    throw new RangeError("broken");
  };
  await assertRejects(
    () => Array.fromAsync(untilAborted(stream(), signal)),
    RangeError,
  );
});
