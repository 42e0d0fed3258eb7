import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { buildHuffmanCode, encodeCodebook } from "./huffman.ts";

Deno.test("buildHuffmanCode() gives the code of the format document's example", () => {
  // Item grams of example 1, all of count 1: the last of the list goes first.
  const { codes, lengths } = buildHuffmanCode(Float64Array.of(1, 1, 1, 1));
  assertEquals([...lengths], [2, 2, 2, 2]);
  assertEquals(new Set(codes), new Set([0, 1, 2, 3]));
});

Deno.test("buildHuffmanCode() gives one symbol a code of one bit, and none nothing", () => {
  assertEquals([...buildHuffmanCode(Float64Array.of(9)).lengths], [1]);
  assertEquals(buildHuffmanCode(new Float64Array(0)).codes.length, 0);
});

Deno.test("buildHuffmanCode() leaves symbols without a code that would take more than 16 bits", () => {
  const counts = [1, 1];
  while (counts.length < 24) counts.push(counts.at(-1)! + counts.at(-2)!);
  const { lengths } = buildHuffmanCode(Float64Array.from(counts.reverse()));
  assertEquals(lengths[0], 1);
  assertEquals(lengths[15], 16);
  assertEquals([...lengths.subarray(16)], Array(8).fill(0));
});

Deno.test("buildHuffmanCode() gives a prefix code, as short as the best up to 16 bits", () => {
  const lists = fc.array(fc.integer({ min: 1, max: 1000 }), {
    minLength: 2,
    maxLength: 300,
  });
  fc.assert(
    fc.property(lists, (list) => {
      const counts = list.sort((a, b) => b - a);
      const { codes, lengths } = buildHuffmanCode(Float64Array.from(counts));
      // The plain way: join the two lightest, the cost is the sum of all joins.
      const heap = [...counts];
      let best = 0;
      while (heap.length > 1) {
        heap.sort((a, b) => b - a);
        const joined = heap.pop()! + heap.pop()!;
        best += joined;
        heap.push(joined);
      }
      const cost = counts.reduce(
        (sum, count, i) => sum + count * lengths[i]!,
        0,
      );
      assertEquals(cost, best);
      for (let a = 0; a < codes.length; a++) {
        for (let b = 0; b < codes.length; b++) {
          const mask = (1 << lengths[a]!) - 1;
          if (a !== b && lengths[a]! <= lengths[b]!) {
            assert((codes[b]! & mask) !== codes[a]!);
          }
        }
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("encodeCodebook() fills every entry that a code reaches, and no other", () => {
  const bytes = encodeCodebook({
    codes: Uint16Array.of(0b1, 0b00, 0b10),
    lengths: Uint8Array.of(1, 2, 0),
    itemWords: Uint32Array.of(11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34),
  });
  const words = new Uint32Array(bytes.buffer);
  assertEquals(words.length, 5 * 65_536);
  for (let entry = 0; entry < 65_536; entry++) {
    const wanted = entry % 2 === 1
      ? [11, 12, 13, 14, 1]
      : entry % 4 === 0
      ? [21, 22, 23, 24, 2]
      : [0, 0, 0, 0, 0];
    for (let i = 0; i < 5; i++) assert(words[5 * entry + i] === wanted[i]);
  }
});
