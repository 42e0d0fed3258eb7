import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { KernelPack } from "./_kernel_pack.ts";
import { appendBytes, appendUvarint, type Output } from "./_output.ts";
import { type SortedSpaces, spaceAt } from "./sorted_spaces.ts";
import { SpaceEncoder, type SpaceSummary } from "./space_encoder.ts";

interface Event {
  readonly time: number;
  readonly grouping: string;
  readonly keys: readonly string[];
  readonly data: Uint8Array;
}

function sort(spaces: readonly (readonly Event[])[]): SortedSpaces {
  const out: Output = { bytes: new Uint8Array(64), byteLength: 0 };
  const starts: number[] = [];
  const ends: number[] = [];
  const times: number[] = [];
  const offsets = [0];
  const text = new TextEncoder();
  // What lies before the first space belongs to others.
  appendBytes(out, Uint8Array.of(1, 2, 3));
  for (const events of spaces) {
    for (const event of events.toSorted((a, b) => a.time - b.time)) {
      starts.push(out.byteLength);
      const grouping = text.encode(event.grouping);
      appendUvarint(out, grouping.length);
      appendBytes(out, grouping);
      appendUvarint(out, event.keys.length);
      for (const key of event.keys) {
        const bytes = text.encode(key);
        appendUvarint(out, bytes.length);
        appendBytes(out, bytes);
      }
      appendBytes(out, event.data);
      ends.push(out.byteLength);
      times.push(event.time);
    }
    offsets.push(starts.length);
  }
  return {
    count: spaces.length,
    first: 0,
    ids: {
      bytes: new Uint8Array(spaces.length),
      starts: new Uint32Array(spaces.length),
      ends: new Uint32Array(spaces.length),
    },
    offsets: Uint32Array.from(offsets),
    timestamps: Float64Array.from(times),
    records: {
      bytes: out.bytes.subarray(0, out.byteLength),
      starts: Uint32Array.from(starts),
      ends: Uint32Array.from(ends),
    },
  };
}

/** Encodes both ways. @returns How many spaces the kernel left. */
function assertSame(
  spaces: readonly (readonly Event[])[],
  avoidGoFaults: boolean,
): number {
  const sorted = sort(spaces);
  const packer = KernelPack.create(avoidGoFaults)!;
  const plain = new SpaceEncoder(avoidGoFaults);
  let left = 0;
  for (let i = 0; i < sorted.count;) {
    const next = packer.encode(sorted, i);
    let at = 0;
    for (let space = i; space < next; space++) {
      // Full to the last byte, as the buffer of a writer may be.
      const out: Output = { bytes: new Uint8Array(64), byteLength: 64 };
      const summary: SpaceSummary = plain.encode(
        spaceAt(sorted, space).events,
        out,
      );
      const length = packer.lengths[space - i]!;
      assertEquals(
        packer.bytes.subarray(at, at + length),
        out.bytes.subarray(64, out.byteLength),
      );
      assertEquals(packer.checksums[space - i], summary.checksum);
      at += length;
    }
    if (next > i) assertEquals(packer.bytes.length, at);
    if (next === i) left++;
    i = Math.max(next, i + 1);
  }
  packer.release();
  return left;
}

const data = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.tuple(fc.nat(3000), fc.nat(255)).map(([length, seed]) =>
    Uint8Array.from({ length }, (_, i) => i % 7 + (i * seed >> 8) % 5)
  ),
  fc.tuple(fc.nat(300), fc.nat()).map(([length, seed]) =>
    Uint8Array.from(
      { length },
      (_, i) => Math.imul(i + seed, 0x9e37_79b1) >> 13,
    )
  ),
);
const event: fc.Arbitrary<Event> = fc.record({
  time: fc.oneof(fc.nat(5), fc.constantFrom(2 ** 31, 2 ** 32 - 1)),
  grouping: fc.constantFrom("", "", "", "a", "ab", "b", "\u00ff"),
  keys: fc.uniqueArray(
    fc.constantFrom("t:a", "t:b", "t:", ":", "\u00ff:x", "type:page_view"),
    { maxLength: 3 },
  ),
  data,
});

Deno.test("KernelPack gives the bytes that SpaceEncoder gives", () => {
  const space = fc.array(event, { minLength: 1, maxLength: 25 });
  fc.assert(
    fc.property(
      fc.array(space, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      (spaces, avoid) => assertEquals(assertSame(spaces, avoid), 0),
    ),
    { numRuns: 200 },
  );
});

Deno.test("KernelPack gives the bytes that SpaceEncoder gives for long sections", () => {
  for (const count of [100, 408, 409, 410, 819, 4096, 6553, 9000, 16_384]) {
    const events = Array.from({ length: count }, (_, i): Event => ({
      time: i >> 1,
      grouping: i % 50 === 0 ? "other" : "",
      keys: ["t:a", ...i % 3 === 0 ? [`n:${i % 40}`] : []],
      data: Uint8Array.from(
        { length: 1 + i % 90 },
        (_, k) => k * count + i >> i % 4,
      ),
    }));
    for (const avoid of [true, false]) {
      assertEquals(assertSame([events.slice(0, 3), events], avoid), 0);
    }
  }
});

Deno.test("KernelPack leaves spaces that are rare, and does those around them", () => {
  const one: Event = {
    time: 1,
    grouping: "",
    keys: ["t:a"],
    data: new Uint8Array(10),
  };
  const long = "x".repeat(5000);
  const rare: Event[][] = [
    new Array<Event>(16_385).fill(one),
    Array.from({ length: 65 }, (_, i) => ({ ...one, keys: [`t:${i}`] })),
    Array.from({ length: 65 }, (_, i) => ({ ...one, grouping: `${i}` })),
    [{ ...one, data: new Uint8Array(2_100_000) }],
    [{ ...one, data: new Uint8Array(5_000_000) }],
    [{ ...one, grouping: long }],
    [{ ...one, keys: [`t:${long}`] }],
  ];
  for (const avoid of [true, false]) {
    for (const space of rare) {
      assertEquals(assertSame([[one], space, [one, one]], avoid), 1);
    }
    assertEquals(assertSame(rare, avoid), rare.length);
  }
});

Deno.test("KernelPack goes on where its memory is full", () => {
  const big: Event = {
    time: 1,
    grouping: "",
    keys: [],
    data: new Uint8Array(1_700_000).map((_, i) =>
      Math.imul(i, 0x9e37_79b1) >> 9
    ),
  };
  const spaces = Array.from({ length: 9 }, () => [big]);
  assertEquals(assertSame(spaces, true), 0);
});
