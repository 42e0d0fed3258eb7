import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CairnError, concatBytes, MemorySink } from "@cairn/core";
import fc from "fast-check";

Deno.test("MemorySink.bytes() gives what was written, in order", async () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 3_000 }));
  await fc.assert(fc.asyncProperty(parts, async (parts) => {
    const wanted = concatBytes(parts);
    await using sink = new MemorySink("here");
    for (const part of parts) {
      await sink.write(part);
      part.fill(7); // the caller's again
    }
    assertEquals([sink.name, sink.byteLength], ["here", wanted.length]);
    await sink.finish();
    assertEquals(sink.bytes(), wanted);
  }));
});

Deno.test("MemorySink shows nothing before finish", async () => {
  const sink = new MemorySink();
  await sink.write(Uint8Array.of(1));
  assertThrows(() => sink.bytes(), TypeError);
  await sink.abort();
  await sink.abort();
  assertThrows(() => sink.bytes(), TypeError);
  await assertRejects(() => sink.write(Uint8Array.of(1)), TypeError);
  await assertRejects(() => sink.finish(), TypeError);
});

Deno.test("MemorySink.abort() does nothing after finish", async () => {
  const sink = new MemorySink();
  await sink.write(Uint8Array.of(1));
  await sink.finish();
  await sink.abort();
  assertEquals(sink.bytes(), Uint8Array.of(1));
  await assertRejects(() => sink.finish(), TypeError);
});

Deno.test("MemorySink.finish() aborts the sink when the signal says stop", async () => {
  await using sink = new MemorySink();
  await sink.write(Uint8Array.of(1));
  const signal = AbortSignal.abort("enough");
  const error = await assertRejects(() => sink.finish({ signal }), CairnError);
  assertEquals([error.code, error.cause], ["aborted", "enough"]);
  assertEquals(sink.byteLength, 0);
  assertEquals(await assertRejects(() => sink.finish(), CairnError), error);
});
