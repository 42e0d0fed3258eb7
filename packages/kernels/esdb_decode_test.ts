import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { crc32cReference } from "./crc32c.ts";
import { createEsdbDecodeCompiled } from "./esdb_decode.ts";
import { ESDB_STATUS, type EsdbDecodeKernel } from "./esdb_decode_layout.ts";
import { createEsdbDecodeReference } from "./esdb_decode_reference.ts";

const ROOM = {
  storedBytes: 65_536,
  spaces: 64,
  contentBytes: 20_000,
  rows: 200,
};
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

interface Event {
  readonly time: number;
  readonly data: Uint8Array;
  readonly isIndexed: boolean;
}

/** The groupings of a space, their events, and how they are stored. */
interface Space {
  readonly groups: readonly (readonly Event[])[];
  readonly packed: boolean;
  readonly blockBytes: number;
  readonly others: number;
  /** Another value for an entry of the section table, under a right checksum. */
  readonly wrong?: readonly [entry: number, value: Uint8Array];
  /** Whether names of sections are out of order, under a right checksum. */
  readonly swapped?: boolean;
}

function uvarint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) {
    bytes.push(value % 0x80 | 0x80);
  }
  return [...bytes, value];
}

function u32(value: number): number[] {
  return [value, value >>> 8, value >>> 16, value >>> 24].map((b) => b & 255);
}

/** A Snappy stream of literals and copies, chosen by the content. */
function snappy(content: readonly number[]): number[] {
  const out = uvarint(content.length);
  for (let at = 0; at < content.length;) {
    let best = 0;
    let bestOffset = 0;
    for (let offset = 1; offset <= Math.min(at, 300); offset++) {
      let same = 0;
      while (
        same < 60 && at + same < content.length &&
        content[at + same] === content[at + same - offset]
      ) same++;
      if (same > best) [best, bestOffset] = [same, offset];
    }
    if (best >= 4 && best < 12) {
      out.push(bestOffset >> 8 << 5 | best - 4 << 2 | 1, bestOffset & 255);
      at += best;
    } else if (best >= 4) {
      out.push(best - 1 << 2 | 2, bestOffset & 255, bestOffset >> 8);
      at += best;
    } else {
      const count = Math.min(content.length - at, at % 3 === 0 ? 70 : 5);
      if (count > 60) out.push(60 << 2, count - 1);
      else out.push(count - 1 << 2);
      out.push(...content.slice(at, at + count));
      at += count;
    }
  }
  return out;
}

function trailer(block: readonly number[]): number[] {
  const crc = crc32cReference(Uint8Array.of(...block, 0));
  return [...block, 0, ...u32((crc >>> 15 | crc << 17) + 0xa282_ead8 >>> 0)];
}

/** A table of one block. */
function table(entries: readonly (readonly [string, number[]])[]): number[] {
  const data: number[] = [];
  const restarts: number[] = [];
  entries.forEach(([name, value], i) => {
    let shared = 0;
    if (i % 3 === 0) restarts.push(data.length);
    else while (name[shared] === entries[i - 1]![0][shared]) shared++;
    const rest = [...name.slice(shared)].map((c) => c.charCodeAt(0));
    data.push(...uvarint(shared), ...uvarint(rest.length));
    data.push(...uvarint(value.length), ...rest, ...value);
  });
  for (const restart of [...restarts, restarts.length]) {
    data.push(...u32(restart));
  }
  const last = [...entries.at(-1)![0]].map((c) => c.charCodeAt(0));
  const handle = [0, ...uvarint(data.length)];
  const index = [0, last.length, handle.length, ...last, ...handle];
  index.push(...u32(0), ...u32(1));
  const bytes = trailer(data);
  const meta = bytes.length;
  bytes.push(...trailer([...u32(0), ...u32(1)]));
  const indexAt = bytes.length;
  bytes.push(...trailer(index));
  const footer = [...uvarint(meta), 8, ...uvarint(indexAt)];
  footer.push(...uvarint(index.length));
  return [
    ...bytes,
    ...footer,
    ...new Array(40 - footer.length).fill(0),
    ...MAGIC,
  ];
}

function encode(
  { groups, packed, blockBytes, others, wrong, swapped }: Space,
): Uint8Array {
  const space = [0x2a];
  const entries: [string, number[]][] = [];
  const postings: number[] = [];
  const section = (name: string, content: readonly number[]): number[] => {
    const offset = space.length;
    const offsets: number[] = [];
    for (let at = 0; at < content.length; at += blockBytes) {
      const part = content.slice(at, at + blockBytes);
      const stored = packed ? snappy(part) : part;
      offsets.push(space.length);
      space.push(stored.length & 255, stored.length >> 8, packed ? 1 : 0);
      space.push(...stored);
    }
    entries.push([name, [
      ...uvarint(offset),
      ...uvarint(space.length - offset),
    ]]);
    return offsets;
  };
  groups.forEach((events, g) => {
    const content: number[] = [];
    const places: number[] = [];
    for (const { time, data, isIndexed } of events) {
      if (isIndexed) places.push(content.length);
      content.push(...uvarint(data.length), ...u32(time), ...data);
    }
    const offsets = section(`g${"a".repeat(g)}`, [...content, 0]);
    for (const place of places) {
      const block = Math.max(0, Math.ceil(place / blockBytes) - 1);
      const offset = place - block * blockBytes;
      postings.push(...u32(offsets[block]!), 0, 0, 0, 0);
      postings.push(offset & 255, offset >> 8);
    }
  });
  for (let i = 0; i < others; i++) section(`iother${i}`, [0]);
  if (postings.length > 0) section("iwanted:x", [...postings, 0]);
  if (entries.length === 0) section("z", [1]);
  if (wrong !== undefined) {
    entries[wrong[0] % entries.length]![1] = [...wrong[1]];
  }
  if (swapped === true) entries.reverse();
  const bytes = table(entries);
  return Uint8Array.from([
    ...space,
    ...bytes,
    ...u32(bytes.length),
    0,
    0,
    0,
    0,
  ]);
}

const event: fc.Arbitrary<Event> = fc.record({
  time: fc.oneof(fc.nat(9), fc.constantFrom(2 ** 31, 2 ** 32 - 1)),
  data: fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.nat(300).map((length) => new Uint8Array(length).fill(length)),
  ),
  isIndexed: fc.boolean(),
});
const space: fc.Arbitrary<Space> = fc.record({
  groups: fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 3 }),
  packed: fc.boolean(),
  blockBytes: fc.constantFrom(7, 64, 4096),
  others: fc.nat(4),
});
const section = fc.constantFrom("", "iwanted:x", "iwanted:y", "ga");

/** All that a run leaves. */
function run(
  kernel: EsdbDecodeKernel,
  spaces: readonly Uint8Array[],
  rowsWanted: number,
): unknown {
  let at = 3;
  spaces.forEach((bytes, i) => {
    kernel.stored.set(bytes, at);
    kernel.spaceStarts[i] = at;
    kernel.spaceLengths[i] = bytes.length;
    at += bytes.length + i % 3;
  });
  const runs: unknown[] = [];
  for (let first = 0; first < spaces.length;) {
    const next = kernel.decode(first, spaces.length, rowsWanted);
    const { rowCount, status, content, starts, ends } = kernel;
    runs.push({
      next,
      status,
      timestamps: [...kernel.timestamps.subarray(0, rowCount)],
      data: Array.from(
        { length: rowCount },
        (_, row) => content.slice(starts[row]!, ends[row]!),
      ),
      rows: [...kernel.spaceRows.subarray(first, next)],
      sections: [...kernel.sectionCounts.subarray(first, next)],
    });
    first = next + (status === ESDB_STATUS.unusual || next === first ? 1 : 0);
  }
  return runs;
}

function assertSame(
  spaces: readonly Uint8Array[],
  name: string,
  rowsWanted: number,
): void {
  const wanted = new TextEncoder().encode(name);
  const compiled = createEsdbDecodeCompiled(ROOM, wanted);
  assert(compiled !== undefined);
  const reference = createEsdbDecodeReference(ROOM, wanted);
  assertEquals(
    run(compiled, spaces, rowsWanted),
    run(reference, spaces, rowsWanted),
  );
}

Deno.test("createEsdbDecodeCompiled() gives what the reference gives", () => {
  fc.assert(
    fc.property(
      fc.array(space, { maxLength: 12 }),
      section,
      fc.constantFrom(1, 20, 1000),
      (spaces, name, rowsWanted) =>
        assertSame(spaces.map(encode), name, rowsWanted),
    ),
    { numRuns: 150 },
  );
});

Deno.test("createEsdbDecodeCompiled() gives what the reference gives for damaged spaces", () => {
  fc.assert(
    fc.property(
      space,
      section,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (good, name, flips, isCut) => {
        const bytes = encode(good);
        const bad = bytes.slice();
        for (const [at, value] of flips) bad[at % bad.length] = value;
        const cut = isCut
          ? bytes.subarray(0, flips[0]![0] % bytes.length)
          : bytes;
        assertSame([bytes, bad, cut, bytes], name, 1000);
      },
    ),
    { numRuns: 400 },
  );
});

Deno.test("createEsdbDecodeCompiled() gives what the reference gives for wrong tables", () => {
  const value = fc.uint8Array({ maxLength: 6 });
  const wrong = fc.record({
    space,
    wrong: fc.tuple(fc.nat(), value),
    swapped: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(wrong, { maxLength: 6 }),
      section,
      (spaces, name) =>
        assertSame(
          spaces.map(({ space, wrong, swapped }) =>
            encode({ ...space, wrong, swapped })
          ),
          name,
          1000,
        ),
    ),
    { numRuns: 300 },
  );
});

Deno.test("createEsdbDecodeCompiled() gives the events that were written", () => {
  fc.assert(fc.property(fc.array(space, { maxLength: 5 }), (spaces) => {
    const kernel = createEsdbDecodeCompiled(ROOM, new Uint8Array(0))!;
    const encoded = spaces.map(encode);
    const wanted = spaces.flatMap(({ groups }) => groups.flat());
    const runs = run(kernel, encoded, 1000) as {
      status: number;
      timestamps: number[];
      data: Uint8Array[];
    }[];
    assert(runs.every(({ status }) => status !== ESDB_STATUS.unusual));
    assertEquals(
      runs.flatMap(({ timestamps }) => timestamps),
      wanted.map(({ time }) => time),
    );
    assertEquals(
      runs.flatMap(({ data }) => data),
      wanted.map(({ data }) => data),
    );
  }));
});

Deno.test("EsdbDecodeKernel refuses spaces that are not in what it holds", () => {
  const name = new Uint8Array(0);
  for (
    const kernel of [
      createEsdbDecodeCompiled(ROOM, name)!,
      createEsdbDecodeReference(ROOM, name),
    ]
  ) {
    kernel.spaceStarts[0] = 60_000;
    kernel.spaceLengths[0] = 5537;
    assertThrows(() => kernel.decode(0, 1, 1), RangeError);
    kernel.spaceStarts[0] = 4_294_967_295;
    kernel.spaceLengths[0] = 1;
    assertThrows(() => kernel.decode(0, 1, 1), RangeError);
  }
});
