import { assert, assertEquals } from "@std/assert";
import {
  CairnError,
  createSchema,
  encodeText,
  type Finding,
  MemorySink,
  MemorySource,
} from "@cairn/core";
import { readGolden } from "./testdata/golden.ts";
import { openTrailStore } from "./open_trail.ts";
import { createTrailStore } from "./write/trail_writer.ts";

const EFFORT = Number(Deno.env.get("CAIRN_EFFORT") ?? 1);

async function writeSample(): Promise<Uint8Array> {
  const sink = new MemorySink();
  const schema = createSchema(["a", { name: "n", type: "integer" }]);
  await using writer = await createTrailStore(sink, schema, {
    additions: true,
  });
  for (let i = 0; i < 500; i++) {
    const key = new Uint8Array(16).fill(1 + i % 150);
    await writer.add(key, 1000 + i * i, [
      encodeText(`v${i % 17}`),
      i % 3 === 0 ? null : encodeText(`${i}`),
    ]);
  }
  await writer.finish();
  return sink.bytes();
}

/** What opening or verifying says. */
async function inspect(bytes: Uint8Array): Promise<Finding[] | CairnError> {
  try {
    await using store = await openTrailStore(new MemorySource(bytes));
    return await Array.fromAsync(store.verify());
  } catch (error) {
    if (error instanceof CairnError) return error;
    throw error;
  }
}

Deno.test("verify() finds nothing in a sound file", async () => {
  assertEquals(await inspect(await writeSample()), []);
});

Deno.test("verify() finds any single flipped bit in a file with checksums", async () => {
  const bytes = await writeSample();
  const bits: number[] = [];
  // Every bit of the last member and what follows, in steps that share no
  // factor with 8, and a sample of all others.
  for (
    let bit = 8 * (bytes.length - 5000);
    bit < 8 * bytes.length;
    bit += 251
  ) {
    bits.push(bit);
  }
  for (let bit = 0; bit < 8 * 9000; bit += 499) bits.push(bit);
  const step = Math.floor(104_729 / EFFORT) | 1;
  for (let bit = 3; bit < 8 * bytes.length; bit += step) bits.push(bit);
  for (const bit of bits) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const result = await inspect(bytes);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    if (result instanceof CairnError) {
      assert(["corrupt", "unsupported"].includes(result.code), `bit ${bit}`);
    } else {
      assert(
        result.some(({ severity }) => severity === "corrupt"),
        `bit ${bit}`,
      );
    }
  }
});

Deno.test("verify() finds a cut, and bytes at the end", async () => {
  const bytes = await writeSample();
  for (const change of [-1, -512, -1024, 1, 512]) {
    const other = new Uint8Array(bytes.length + change);
    other.set(bytes.subarray(0, other.length));
    const result = await inspect(other);
    assert(result instanceof CairnError || result.length > 0, `${change}`);
  }
});

Deno.test("verify() tells which trail is damaged in a file without checksums", async () => {
  const bytes = readGolden("multi.tdb").slice();
  const toc = new TextDecoder().decode(bytes.subarray(2560, 4000));
  const start = Number(/^trails\.data (\d+) /m.exec(toc)![1]);
  bytes.fill(0xff, start + 8, start + 30);
  const result = await inspect(bytes);
  assert(!(result instanceof CairnError));
  assertEquals(result[0]!.severity, "corrupt");
  assertEquals(result[0]!.where.part, "trails.data");
  assert(result[0]!.where.offset! >= start);
});
