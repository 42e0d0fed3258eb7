import { assert, assertEquals, assertThrows } from "@std/assert";
import { Bitmap, BitmapBuilder, CHUNK_BITS } from "@cairn/core";
import fc from "fast-check";

const scattered = fc.uniqueArray(
  fc.oneof(
    fc.nat(5000),
    fc.nat(2 ** 31 - 1),
    fc.integer({ min: 0, max: 2 ** 43 - 1 }),
  ),
);

/** Runs of neighbours: sets that are kept as words. */
const crowded = fc.array(
  fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 3000 })),
  { maxLength: 4 },
).map((runs) => [
  ...new Set(
    runs.flatMap(([start, length]) =>
      Array.from({ length }, (_, i) => start + i * 3)
    ),
  ),
]);

const ordinals = fc.oneof(scattered, crowded);

const sorted = (set: Set<number>) => [...set].sort((p, q) => p - q);

Deno.test("Bitmap operations agree with plain sets", () => {
  fc.assert(fc.property(ordinals, ordinals, (a, b) => {
    const [x, y] = [Bitmap.from(a), Bitmap.from(b)];
    const [s, t] = [new Set(a), new Set(b)];
    assertEquals([...x], sorted(s));
    assertEquals([...x.toArray()], sorted(s));
    assertEquals([...x.and(y)], sorted(s.intersection(t)));
    assertEquals([...x.or(y)], sorted(s.union(t)));
    assertEquals([...x.xor(y)], sorted(s.symmetricDifference(t)));
    assertEquals([...x.andNot(y)], sorted(s.difference(t)));
    assertEquals(x.countAnd(y), s.intersection(t).size);
    assertEquals(x.count(), s.size);
    assertEquals(
      b.slice(0, 50).map((o) => x.has(o)),
      b.slice(0, 50).map((o) => s.has(o)),
    );
  }));
});

Deno.test("Bitmap operations keep the laws of sets, in every form", () => {
  fc.assert(fc.property(ordinals, ordinals, ordinals, (a, b, c) => {
    const [x, y, z] = [a, b, c].map((o) => Bitmap.from(o)) as [
      Bitmap,
      Bitmap,
      Bitmap,
    ];
    const wordy = new Bitmap(x.chunks, x.words);
    assert(x.equals(wordy) && wordy.equals(x));
    assert(wordy.compact().equals(x));
    assert(x.and(y.or(z)).equals(x.and(y).or(x.and(z))));
    assert(x.andNot(y.and(z)).equals(x.andNot(y).or(x.andNot(z))));
    assert(wordy.xor(y).equals(x.or(y).andNot(y.and(wordy))));
    assert(wordy.xor(y).xor(y).equals(x));
    assert(Bitmap.union([x, y, z]).equals(z.or(wordy).or(y)));
    assert(x.andNot(wordy).isEmpty);
    assertEquals(x.or(y).count(), x.count() + y.count() - x.countAnd(y));
  }));
});

Deno.test("Bitmap operations agree where one set is crowded and one sparse", () => {
  const few = fc.uniqueArray(fc.nat(20_000), { maxLength: 40 });
  fc.assert(fc.property(crowded, few, (a, b) => {
    const [x, y] = [Bitmap.from(a), Bitmap.from(b)];
    const [s, t] = [new Set(a), new Set(b)];
    for (const [p, q, u, v] of [[x, y, s, t], [y, x, t, s]] as const) {
      assertEquals([...p.or(q)], sorted(u.union(v)));
      assertEquals([...p.xor(q)], sorted(u.symmetricDifference(v)));
      assertEquals([...p.andNot(q)], sorted(u.difference(v)));
      assertEquals([...p.and(q)], sorted(u.intersection(v)));
    }
    assert(x.andNot(Bitmap.from(a)).isEmpty);
  }));
});

Deno.test("Bitmap keeps chunks ascending, none of them empty", () => {
  fc.assert(fc.property(ordinals, ordinals, (a, b) => {
    const [x, y] = [Bitmap.from(a), Bitmap.from(b)];
    for (const set of [x.and(y), x.or(y), x.xor(y), x.andNot(y)]) {
      set.chunks.forEach((chunk, i) => {
        assert(i === 0 || chunk > set.chunks[i - 1]!);
        assert(set.words.subarray(64 * i, 64 * i + 64).some((w) => w !== 0));
      });
    }
  }));
});

Deno.test("Bitmap.range() holds exactly the ordinals of the range", () => {
  fc.assert(fc.property(fc.nat(9000), fc.nat(9000), (start, length) => {
    const wanted = Array.from({ length }, (_, i) => start + i);
    assertEquals([...Bitmap.range(start, start + length)], wanted);
  }));
});

Deno.test("BitmapBuilder takes ordinals in any order, again and again", () => {
  const builder = new BitmapBuilder();
  for (const ordinal of [5, 3, 5, 70_000, 4, 70_000]) builder.add(ordinal);
  assertEquals([...builder.finish()], [3, 4, 5, 70_000]);
  builder.add(1);
  assertEquals([...builder.finish()], [1, 3, 4, 5, 70_000]);
  for (const ordinal of [-1, 2 ** 43, NaN, Infinity]) {
    assertThrows(() => builder.add(ordinal), RangeError);
  }
});

Deno.test("Bitmap costs by its members when they are far apart", () => {
  const count = 10_000;
  const far = Bitmap.from(
    Array.from({ length: count }, (_, i) => i * CHUNK_BITS * 7),
  );
  assert(far.byteLength <= 12 * count, `${far.byteLength} bytes`);
  const even = far.or(Bitmap.range(0, CHUNK_BITS));
  assert(even.byteLength <= 16 * count, `${even.byteLength} bytes`);
});

Deno.test("Bitmap refuses arrays that do not fit each other", () => {
  assertThrows(() => new Bitmap(Uint32Array.of(1), new Uint32Array(63)));
  assertThrows(() =>
    Bitmap.fromMembers(Uint32Array.of(1), Uint32Array.of(0), Uint16Array.of(1))
  );
});
