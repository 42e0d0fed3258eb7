import { assert, assertEquals } from "@std/assert";
import {
  CairnError,
  encodeText,
  formatHex,
  MemorySink,
  MemorySource,
} from "@cairn/core";
import type { BulkScanOptions } from "./bulk_options.ts";
import { crc32c } from "@cairn/sstable";
import { bulkScan } from "./bulk_scan.ts";
import { indexSectionName } from "./esdb_space.ts";
import { createEsdb } from "./mod.ts";
import type { EsdbScanOptions } from "./scan_order.ts";
import { SpaceDirectory } from "./space_directory.ts";

/** Numbers that look random, the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = Math.imul(state, 1_103_515_245) + 12_345 >>> 0;
    return (state >>> 8) % below;
  };
}

/**
 * Writes spaces of some events each in one or several groupings, some flushed
 * out of order; one larger than a kernel takes, one with too many sections.
 */
async function write(
  spaces: number,
  strange: boolean,
  seed: number,
): Promise<Uint8Array> {
  const draw = numbers(seed);
  const sink = new MemorySink();
  const writer = await createEsdb(sink);
  const add = (id: string, length: number, count: number, keys: string[]) => {
    for (let i = 0; i < count; i++) {
      const data = new Uint8Array(length);
      for (let k = 0; k < length; k++) {
        data[k] = length > 1000 ? draw(256) : draw(3) + i % 5;
      }
      writer.add(id, data, draw(20), {
        grouping: draw(5) === 0 ? `group ${draw(3)}` : "",
        indexes: keys[i] === undefined
          ? draw(2) === 0 ? {} : { type: `t${draw(2)}` }
          : { type: keys[i]! },
      });
    }
  };
  for (let i = 0; i < spaces; i++) {
    const id = `space ${(i * 7919) % spaces}`;
    add(id, 1 + draw(60), 1 + draw(9), []);
    if (draw(10) === 0) writer.flush(id);
  }
  if (strange) {
    add("space 55 large", 30_000, 40, []);
    const keys = Array.from({ length: 1100 }, (_, i) => `key ${i}`);
    add("space 77 many", 4, 1100, keys);
  }
  await writer.finish();
  return sink.bytes();
}

/** All events in the order of the scan, and how large batches were. */
async function scan(
  bytes: Uint8Array,
  options: Omit<BulkScanOptions, "batchEvents"> & { batchEvents?: number },
): Promise<{ events: string[]; largest: number; error?: CairnError }> {
  const source = new MemorySource(bytes);
  const directory = await SpaceDirectory.open(source);
  const events: string[] = [];
  let largest = 0;
  try {
    const full = { batchEvents: 1000, ...options };
    for await (const batch of bulkScan(source, directory.runs(), full)) {
      const { ordinals, offsets, timestamps, data } = batch;
      const ids = batch.ids();
      largest = Math.max(largest, timestamps.length);
      assertEquals(offsets.length, ordinals.length + 1);
      assertEquals(offsets[ordinals.length], timestamps.length);
      assertEquals(data.starts.length, timestamps.length);
      for (let t = 0; t < ordinals.length; t++) {
        assert(offsets[t]! < offsets[t + 1]!);
        for (let row = offsets[t]!; row < offsets[t + 1]!; row++) {
          const value = data.bytes.subarray(data.starts[row]!, data.ends[row]!);
          events.push(
            `${ordinals[t]} ${formatHex(ids[t]!)} ${timestamps[row]} ${
              value.length < 100 ? formatHex(value) : crc32c(value)
            }`,
          );
        }
      }
    }
  } catch (error) {
    assert(error instanceof CairnError);
    return { events, largest, error };
  }
  return { events, largest };
}

const ORDERS: EsdbScanOptions[] = [
  {},
  { order: "oldest" },
  { ties: "reversed" },
  { order: "oldest", ties: "reversed", from: 3 },
  { from: 5, to: 15 },
];
const SECTIONS = [
  undefined,
  indexSectionName("type", "t1"),
  indexSectionName("type", "key 700"),
  indexSectionName("no", "such"),
];

for (const strange of [false, true]) {
  const name = strange ? " where some spaces are strange" : "";
  Deno.test(`bulkScan() gives the same with a kernel and without${name}`, async () => {
    const bytes = await write(400, strange, strange ? 7 : 1);
    for (const order of ORDERS) {
      for (const section of SECTIONS) {
        for (const batchEvents of strange ? [100] : [1, 100, 5000]) {
          const options = { ...order, section, batchEvents };
          const ours = await scan(bytes, { ...options, kernelSpaces: 1 });
          const plain = await scan(bytes, {
            ...options,
            kernelSpaces: Infinity,
          });
          assertEquals(ours.events, plain.events);
          assert(ours.largest <= batchEvents);
        }
      }
    }
    const sorted = { sorted: true, order: "oldest" } as const;
    assertEquals(
      (await scan(bytes, { ...sorted, kernelSpaces: 1 })).events,
      (await scan(bytes, { ...sorted, kernelSpaces: Infinity })).events,
    );
    const wanted = (ordinal: number): boolean => ordinal % 3 !== 1;
    assertEquals(
      (await scan(bytes, { wanted, kernelSpaces: 1 })).events,
      (await scan(bytes, { wanted, kernelSpaces: Infinity })).events,
    );
  });
}

Deno.test("bulkScan() finds the same damage with a kernel and without", async () => {
  const good = await write(40, false, 3);
  const whole = await scan(good, { kernelSpaces: 1 });
  for (let at = 5; at < good.length / 2; at += 23) {
    const bad = good.slice();
    bad[at]! ^= 0x41;
    for (const section of [undefined, indexSectionName("type", "t1")]) {
      const ours = await scan(bad, { section, kernelSpaces: 1 });
      const plain = await scan(bad, { section, kernelSpaces: Infinity });
      assertEquals(ours.error?.code, plain.error?.code);
      assertEquals(ours.error?.where, plain.error?.where);
      assertEquals(ours.error?.detail, plain.error?.detail);
      // The kernel hands out what was good before the damage.
      const { events } = ours;
      if (plain.error === undefined) assertEquals(events, plain.events);
      else if (section === undefined) {
        assertEquals(events, whole.events.slice(0, events.length));
      }
    }
  }
});

Deno.test("bulkScan() gives the same to a hundred at once", async () => {
  const bytes = await write(60, false, 9);
  const { events } = await scan(bytes, { kernelSpaces: Infinity });
  for (let round = 0; round < 2; round++) {
    const all = await Promise.all(
      Array.from({ length: 100 }, () => scan(bytes, { kernelSpaces: 1 })),
    );
    for (const one of all) assertEquals(one.events, events);
  }
});

Deno.test("bulkScan() stops a kernel at the caller's signal", async () => {
  const bytes = await write(100, false, 5);
  const abort = new AbortController();
  const source = new MemorySource(bytes);
  const directory = await SpaceDirectory.open(source);
  const batches = bulkScan(source, directory.runs(), {
    batchEvents: 50,
    kernelSpaces: 1,
    signal: abort.signal,
  });
  assert((await batches.next()).done === false);
  abort.abort(encodeText("enough"));
  const { error } = await batches.next().then(
    () => ({ error: undefined }),
    (error) => ({ error }),
  );
  assert(error instanceof CairnError && error.code === "aborted");
});
