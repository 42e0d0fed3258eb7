import { assertEquals } from "@std/assert";
import { isUntimed } from "./older_layout.ts";

/** Events without a time, as the older layout has them: length, data, end mark. */
function untimed(lengths: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const length of lengths) {
    let rest = length;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) {
      bytes.push(rest % 128 + 0x80);
    }
    bytes.push(rest, ...new Array(length).fill(7));
  }
  return Uint8Array.of(...bytes, 0);
}

Deno.test("isUntimed() knows events of any length up to the end mark", () => {
  for (const length of [1, 2, 127, 128, 129, 255, 256, 16_383, 16_384]) {
    for (const lengths of [[length], [length, 3], [3, length]]) {
      const content = untimed(lengths);
      assertEquals(isUntimed(content, 0, content.length), true, `${lengths}`);
      const shifted = Uint8Array.of(9, ...content, 9);
      assertEquals(isUntimed(shifted, 1, shifted.length - 1), true);
    }
  }
});

Deno.test("isUntimed() refuses what has no end mark, or no event", () => {
  const content = untimed([5, 200]);
  for (const end of [0, 1, 3, content.length - 1]) {
    assertEquals(isUntimed(content, 0, end), false, `${end}`);
  }
  assertEquals(isUntimed(Uint8Array.of(0), 0, 1), false);
  assertEquals(isUntimed(content.with(content.length - 1, 1), 0, 207), false);
});
