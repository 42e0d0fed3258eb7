import { assertEquals } from "@std/assert";
import { DeltaNumbers, itemBases, PairTable } from "@cairn/kernels";
import * as fc from "fast-check";
import { NO_ITEM, rankGrams } from "./gram_ranking.ts";
import { ItemNumbers } from "./item_numbers.ts";

/** An item as its 64 bits, by the words of the format document. */
function itemBits(field: number, value: number): bigint {
  const [f, v] = [BigInt(field), BigInt(value)];
  return field <= 127 && value < 2 ** 24
    ? f | (v << 8n)
    : (f & 127n) | 128n | ((f >> 7n) << 8n) | (v << 16n);
}

Deno.test("rankGrams() orders by count, then by the 128 bits of the gram", () => {
  const deltas = fc.uniqueArray(
    fc.oneof(
      fc.nat({ max: 300 }),
      fc.constantFrom(2 ** 24 - 1, 2 ** 24, 2 ** 37, 2 ** 46, 2 ** 46 + 1),
    ),
    { minLength: 1, maxLength: 12 },
  );
  const counted = fc.array(
    fc.tuple(fc.nat(), fc.option(fc.nat()), fc.integer({ min: 1, max: 3 })),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(deltas, counted, fc.integer({ min: 1, max: 90 }), (
      differences,
      grams,
      countMax,
    ) => {
      // Fields 1 and 2 are narrow; from 128 on items are wide.
      const lexicons = Array.from(
        { length: 130 },
        (_, f) => f < 2 || f > 126 ? 3 : 0,
      );
      const bases = itemBases(lexicons);
      const base = bases.at(-1)!;
      const numbering = new DeltaNumbers();
      for (const delta of differences) numbering.add(delta);
      const numbers = new ItemNumbers(
        bases,
        numbering,
        Math.max(...differences),
      );
      const singles = new Uint32Array(base + differences.length);
      const pairs = new PairTable();
      const model = new Map<
        string,
        { key: bigint; count: number; gram: number[] }
      >();
      const bits = (item: number) => {
        const field = numbers.field(item);
        return itemBits(field, numbers.value(item, field));
      };
      for (const [a, b, count] of grams) {
        const first = a % singles.length;
        const second = b === null ? NO_ITEM : b % base;
        for (let i = 0; i < count; i++) {
          if (second === NO_ITEM) singles[first]!++;
          else pairs.add(first, second);
        }
        const name = `${first} ${second}`;
        const known = model.get(name)?.count ?? 0;
        const high = second === NO_ITEM ? 0n : bits(second);
        model.set(name, {
          key: (high << 64n) | bits(first),
          count: known + count,
          gram: [first, second],
        });
      }
      const wanted = [...model.values()]
        .sort((x, y) => y.count - x.count || (x.key < y.key ? -1 : 1))
        .slice(0, countMax);
      const ranked = rankGrams(singles, pairs, numbers, countMax);
      assertEquals([...ranked.counts], wanted.map(({ count }) => count));
      assertEquals(
        Array.from(ranked.firsts, (first, g) => [first, ranked.seconds[g]!]),
        wanted.map(({ gram }) => gram),
      );
    }),
    { numRuns: 200 },
  );
});
