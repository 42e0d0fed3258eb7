import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CairnError,
  concatBytes,
  MemorySink,
  MemorySource,
  SliceSource,
} from "@cairn/core";
import {
  type BlockPlace,
  BlockStreamReader,
  BlockStreamWriter,
} from "@cairn/esdb/stream";
import { packSnappy } from "@cairn/sstable";
import fc from "fast-check";

async function pack(
  parts: readonly Uint8Array[],
  blockBytes?: number,
): Promise<{ bytes: Uint8Array; places: BlockPlace[] }> {
  const sink = new MemorySink();
  const options = blockBytes === undefined ? {} : { blockBytes };
  const writer = new BlockStreamWriter((bytes) => sink.write(bytes), options);
  const places: BlockPlace[] = [];
  for (const part of parts) {
    places.push(writer.place);
    await writer.write(part);
  }
  await writer.flush();
  await writer.flush();
  assertEquals([writer.buffered, writer.byteLength], [0, sink.byteLength]);
  await sink.finish();
  return { bytes: sink.bytes(), places };
}

function readerOf(bytes: Uint8Array, blockBytes?: number): BlockStreamReader {
  const options = blockBytes === undefined ? {} : { blockBytes };
  return new BlockStreamReader(new MemorySource(bytes), options);
}

async function contentLengths(reader: BlockStreamReader): Promise<number[]> {
  const lengths: number[] = [];
  for await (const { content } of reader.scan()) lengths.push(content.length);
  return lengths;
}

const part = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(fc.nat(9000), fc.nat(255))
    .map(([length, byte]) => new Uint8Array(length).fill(byte)),
);
const blockBytes = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.constantFrom(4096, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32),
);

Deno.test("BlockStreamReader.read() gives back what was written, in any pieces", async () => {
  const lengths = fc.array(fc.nat(5000), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 6 }),
      blockBytes,
      lengths,
      async (parts, blockBytes, lengths) => {
        const content = concatBytes(parts);
        const { bytes, places } = await pack(parts, blockBytes);
        await using reader = readerOf(bytes, blockBytes);
        for (let at = 0, i = 0; at < content.length; i++) {
          const length = lengths[i % lengths.length]! + 1;
          const wanted = content.subarray(at, at + length);
          assertEquals(await reader.peek(length), wanted);
          assertEquals(await reader.read(length), wanted);
          at += length;
        }
        assertEquals(await reader.readByte(), undefined);
        // Each part is found again by its place.
        for (let i = places.length - 1; i >= 0; i--) {
          await reader.seek(places[i]!);
          assertEquals(await reader.read(parts[i]!.length), parts[i]!);
        }
      },
    ),
  );
});

Deno.test("BlockStreamWriter cuts a block when more than its bytes are there", async () => {
  const lengths = async (...writes: number[]) => {
    const parts = writes.map((length) => new Uint8Array(length));
    await using reader = readerOf((await pack(parts, 10)).bytes, 10);
    return await contentLengths(reader);
  };
  assertEquals(await lengths(), []);
  assertEquals(await lengths(0), []);
  assertEquals(await lengths(9), [9]);
  assertEquals(await lengths(10), [10]);
  assertEquals(await lengths(11), [10, 1]);
  assertEquals(await lengths(5, 5, 5), [10, 5]);
  assertEquals(await lengths(25), [10, 10, 5]);
  // A full block waits, so that what follows can still belong to it.
  const writer = new BlockStreamWriter(() => {}, { blockBytes: 10 });
  await writer.write(new Uint8Array(10));
  assertEquals(writer.place, { blockOffset: 0, offsetInBlock: 10 });
  assertEquals([writer.blocks, writer.buffered], [0, 10]);
  await writer.write(new Uint8Array(1));
  assertEquals([writer.blocks, writer.buffered], [1, 1]);
});

Deno.test("BlockStreamWriter writes heads as wide as the block size wants", async () => {
  const content = Uint8Array.of(1, 2, 3); // too short to be packed
  const hex = async (blockBytes: number) =>
    (await pack([content], blockBytes)).bytes.toHex();
  assertEquals(await hex(65_535), "0300" + "00" + "010203");
  assertEquals(await hex(65_536), "03000000" + "00" + "010203");
  assertEquals(await hex(2 ** 32 - 1), "03000000" + "00" + "010203");
  assertEquals(await hex(2 ** 32), "0300000000000000" + "00" + "010203");
});

Deno.test("BlockStreamWriter packs what gets no longer by it", async () => {
  const encodings = async (...parts: Uint8Array[]) => {
    const list: number[] = [];
    for (const part of parts) list.push((await pack([part])).bytes[2]!);
    return list;
  };
  const noise = Uint8Array.from({ length: 4096 }, (_, i) => (i * i * 31) >> 3);
  const short = new Uint8Array(16);
  const zeros = new Uint8Array(17);
  assertEquals(await encodings(short, zeros, noise.slice(0, 100)), [0, 1, 0]);
});

Deno.test("BlockStreamWriter stores a block packed that is as long as it was", async () => {
  // Noise with one repeat, which saves as much as Snappy's own bytes cost.
  const noise = Uint8Array.from({ length: 60 }, (_, i) => (i * i * 37) ^ i);
  let found = 0;
  for (let length = 4; length < 30; length++) {
    const repeat = noise.subarray(0, length);
    const content = concatBytes([noise, repeat, noise.map((byte) => ~byte)]);
    if (packSnappy(content).length !== content.length) continue;
    const { bytes } = await pack([content]);
    assertEquals([bytes.length, bytes[2]], [content.length + 3, 1]);
    found++;
  }
  assert(found > 0);
});

Deno.test("block sizes that are none are refused", () => {
  for (const blockBytes of [0, -1, 1.5, NaN, Infinity]) {
    const options = { blockBytes };
    assertThrows(() => new BlockStreamWriter(() => {}, options), RangeError);
    const source = new MemorySource(new Uint8Array(0));
    assertThrows(() => new BlockStreamReader(source, options), RangeError);
  }
});

Deno.test("BlockStreamReader passes over empty blocks and takes short ones", async () => {
  const block = (content: number[]) => [content.length, 0, 0, ...content];
  const bytes = Uint8Array.from([
    ...block([]),
    ...block([1, 2]),
    ...block([]),
    ...[1, 0, 1, 0], // Snappy for nothing
    ...block([3]),
    ...block([]),
  ]);
  await using reader = readerOf(bytes);
  assertEquals(await reader.read(10), Uint8Array.of(1, 2, 3));
  assertEquals(await contentLengths(readerOf(bytes)), [2, 1]);
});

Deno.test("BlockStreamReader.seek() refuses places that are none", async () => {
  const { bytes } = await pack([new Uint8Array(100)]);
  await using reader = readerOf(bytes);
  const size = bytes.length;
  await reader.seek({ blockOffset: size, offsetInBlock: 0 });
  assertEquals(await reader.readByte(), undefined);
  await reader.seek({ blockOffset: 0, offsetInBlock: 100 });
  const error = await assertRejects(
    () => reader.seek({ blockOffset: 0, offsetInBlock: 101 }),
    CairnError,
  );
  assertEquals(error.code, "not-found");
  for (const blockOffset of [-1, size + 1, 0.5]) {
    const place = { blockOffset, offsetInBlock: 0 };
    await assertRejects(() => reader.seek(place), RangeError);
  }
});

Deno.test("BlockStreamReader gives right bytes or corrupt for every cut and flip", async () => {
  const text = "all of it, and again all of it. ".repeat(20);
  const content = new TextEncoder().encode(text);
  const { bytes } = await pack([content], 100);
  const readAll = async (bytes: Uint8Array) => {
    await using reader = readerOf(bytes, 100);
    try {
      return await reader.read(1e6);
    } catch (error) {
      assert(error instanceof CairnError && error.code === "corrupt");
      assertEquals(error.where.part, "blocks");
      // It stays so, until the caller seeks.
      await assertRejects(() => reader.read(1e6), CairnError);
      await reader.seek({ blockOffset: 0, offsetInBlock: 0 });
      return undefined;
    }
  };
  let cuts = 0;
  for (let length = 0; length < bytes.length; length++) {
    const read = await readAll(bytes.subarray(0, length));
    if (read === undefined) continue;
    assertEquals(read, content.subarray(0, read.length));
    cuts++;
  }
  assertEquals(
    cuts,
    await contentLengths(readerOf(bytes, 100)).then((l) => l.length),
  );
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << bit;
      const read = await readAll(changed);
      assert(read === undefined || read.length <= 22 * bytes.length);
    }
  }
});

Deno.test("BlockStreamReader does not allocate by a length in the file", async () => {
  const wide = Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 0, 0, 1]);
  for (
    const [bytes, blockBytes] of [
      [Uint8Array.from([255, 255, 0, 1]), 4096],
      [Uint8Array.from([255, 255, 255, 255, 0, 1]), 65_536],
      [wide, 2 ** 32],
      // Snappy that says it unpacks to 2^32 - 1 bytes.
      [Uint8Array.from([6, 0, 1, 255, 255, 255, 255, 15, 0]), 4096],
    ] as const
  ) {
    await using reader = readerOf(bytes, blockBytes);
    const error = await assertRejects(() => reader.read(1), CairnError);
    assertEquals(error.code, "corrupt");
  }
});

Deno.test("BlockStreamReader reads over the ends of pieces, and stops when told", async () => {
  const content = Uint8Array.from(
    { length: 3_000_000 },
    (_, i) => (i * i) >> 5,
  );
  for (const blockBytes of [4096, 2_000_000]) {
    const { bytes } = await pack([content], blockBytes);
    // Not at the start of its file.
    const file = new MemorySource(concatBytes([Uint8Array.of(9), bytes]));
    const range = { offset: 1, length: bytes.length };
    const slice = new SliceSource(file, range, { owns: true });
    await using reader = new BlockStreamReader(slice, { blockBytes });
    const signal = AbortSignal.abort("enough");
    const error = await assertRejects(
      () => reader.read(1, { signal }),
      CairnError,
    );
    assertEquals([error.code, error.cause], ["aborted", "enough"]);
    assertEquals(await reader.read(4e6), content);
    for await (const block of reader.scan()) {
      assertEquals(block.offset, 0);
      break;
    }
  }
});

Deno.test("BlockStreamReader.close() ends reading and may come twice", async () => {
  const { bytes } = await pack([new Uint8Array(100)]);
  const reader = readerOf(bytes);
  await reader.readByte();
  await reader.close();
  await reader.close();
  await assertRejects(() => reader.read(1), TypeError);
});
