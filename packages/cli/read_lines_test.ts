import { assertEquals, assertRejects } from "@std/assert";
import { CairnError, encodeText } from "@cairn/core";
import fc from "fast-check";
import { readLines } from "./read_lines.ts";

async function* pieces(bytes: Uint8Array, length: number) {
  for (let at = 0; at < bytes.length; at += length) {
    yield await Promise.resolve(bytes.subarray(at, at + length));
  }
}

async function all(bytes: Uint8Array, length = 3): Promise<string[]> {
  return await Array.fromAsync(readLines(pieces(bytes, length)));
}

Deno.test("readLines() splits at line ends of both kinds", async () => {
  assertEquals(await all(encodeText("a\r\nb\n\nc")), ["a", "b", "", "c"]);
  assertEquals(await all(encodeText("a\n")), ["a"]);
  assertEquals(await all(encodeText("")), []);
});

Deno.test("readLines() gives the same lines however the bytes come", async () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "\n", "\r\n", "ø", "😀"),
  });
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.integer({ min: 1, max: 7 }),
      async (input, length) => {
        const wanted = input.split("\n").map((line) => line.replace(/\r$/, ""));
        if (wanted.at(-1) === "") wanted.pop();
        assertEquals(await all(encodeText(input), length), wanted);
      },
    ),
  );
});

Deno.test("readLines() refuses what is not UTF-8, with the line, behind those before", async () => {
  for (
    const bad of [Uint8Array.of(97, 10, 0xff, 10), Uint8Array.of(97, 10, 0xc3)]
  ) {
    for (const length of [1, 2, 9]) {
      const lines: string[] = [];
      const error = await assertRejects(async () => {
        for await (const line of readLines(pieces(bad, length))) {
          lines.push(line);
        }
      }, CairnError);
      assertEquals([error.code, error.where.line], ["invalid-input", 2]);
      assertEquals(lines, ["a"]);
    }
  }
});

Deno.test("readLines() keeps what lies in pieces that are used again", async () => {
  async function* reused() {
    const bytes = new Uint8Array(2);
    for (const text of ["ab", "cd", "\ne", "f\n", "gh"]) {
      bytes.set(encodeText(text));
      yield await Promise.resolve(bytes);
    }
  }
  assertEquals(await Array.fromAsync(readLines(reused())), [
    "abcd",
    "ef",
    "gh",
  ]);
});
