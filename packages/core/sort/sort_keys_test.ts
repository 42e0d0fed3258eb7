import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareBytes } from "../bytes.ts";
import { packSpans } from "../column.ts";
import { compareKeys, sortKeys } from "./_sort_keys.ts";
import type { KeyOrder } from "./event_sorter_options.ts";

/** Sorts keys both ways and compares. */
function check(keys: readonly Uint8Array[], order: KeyOrder): void {
  const distinct = [...new Map(keys.map((key) => [key.toHex(), key])).values()];
  const { bytes, ends } = packSpans(distinct);
  const offsets = Uint32Array.of(0, ...ends);
  const sorted = sortKeys({ bytes, offsets }, distinct.length, order);
  const flip = (key: Uint8Array) =>
    order === "reversed" ? key.toReversed() : key;
  const wanted = distinct.toSorted((a, b) => compareBytes(flip(a), flip(b)));
  assertEquals(
    Array.from(sorted, (i) => distinct[i]!.toHex()),
    wanted.map((key) => key.toHex()),
  );
}

const arbitraryOrder = fc.constantFrom<KeyOrder>("bytes", "reversed");

Deno.test("sortKeys() sorts as comparing does, whatever keys share", () => {
  const few = fc.uint8Array({ maxLength: 12, max: 1 });
  const sharing = few.map((tail) => {
    const key = new Uint8Array(40 + tail.length).fill(7);
    key.set(tail, 20);
    return key;
  });
  const key = fc.oneof(few, sharing, fc.uint8Array({ maxLength: 20 }));
  const keys = fc.array(key, { minLength: 0, maxLength: 200, size: "max" });
  fc.assert(
    fc.property(keys, arbitraryOrder, check),
    { numRuns: 200 },
  );
});

Deno.test("sortKeys() sorts keys that are prefixes of each other, zeros too", () => {
  for (const fill of [0, 1]) {
    const keys = Array.from(
      { length: 300 },
      (_, i) => new Uint8Array(i).fill(fill),
    );
    check(keys, "bytes");
    check(keys.toReversed(), "reversed");
  }
});

Deno.test("sortKeys() sorts many keys of 16 bytes", () => {
  let state = 1;
  const keys = Array.from({ length: 5000 }, () => {
    const key = new Uint8Array(16);
    for (let i = 4; i < 12; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      key[i] = state >>> 24;
    }
    return key;
  });
  check(keys, "bytes");
  check(keys, "reversed");
});

Deno.test("compareKeys() compares within larger arrays", () => {
  const bytes = Uint8Array.of(9, 1, 2, 9, 1, 3);
  assertEquals(compareKeys("bytes", bytes, 1, 3, bytes, 4, 6) < 0, true);
  assertEquals(compareKeys("bytes", bytes, 0, 2, bytes, 3, 5), 0);
  assertEquals(compareKeys("bytes", bytes, 0, 1, bytes, 3, 5) < 0, true);
  assertEquals(compareKeys("reversed", bytes, 1, 3, bytes, 4, 6) < 0, true);
  assertEquals(compareKeys("reversed", bytes, 1, 2, bytes, 0, 2) < 0, true);
});
