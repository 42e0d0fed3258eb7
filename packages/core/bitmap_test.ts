import { assertEquals } from "@std/assert";
import { Bitmap } from "@cairn/core";
import fc from "fast-check";

const ordinals = fc.uniqueArray(
  fc.oneof(
    fc.nat(5000),
    fc.nat(2 ** 31 - 1),
    fc.integer({ min: 0, max: 2 ** 43 - 1 }),
  ),
);

Deno.test("Bitmap operations agree with plain sets", () => {
  fc.assert(fc.property(ordinals, ordinals, (a, b) => {
    const [x, y] = [Bitmap.from(a), Bitmap.from(b)];
    const [s, t] = [new Set(a), new Set(b)];
    const sorted = (set: Set<number>) => [...set].sort((p, q) => p - q);
    assertEquals([...x], sorted(s));
    assertEquals([...x.and(y)], sorted(s.intersection(t)));
    assertEquals([...x.or(y)], sorted(s.union(t)));
    assertEquals([...x.xor(y)], sorted(s.symmetricDifference(t)));
    assertEquals([...x.andNot(y)], sorted(s.difference(t)));
    assertEquals(x.count(), s.size);
    assertEquals(b.map((o) => x.has(o)), b.map((o) => s.has(o)));
  }));
});

Deno.test("Bitmap.range() holds exactly the ordinals of the range", () => {
  fc.assert(fc.property(fc.nat(9000), fc.nat(9000), (start, length) => {
    const wanted = Array.from({ length }, (_, i) => start + i);
    assertEquals([...Bitmap.range(start, start + length)], wanted);
  }));
});
