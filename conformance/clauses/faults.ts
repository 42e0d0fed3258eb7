/**
 * Clauses on sources that fail, and on `verify`.
 *
 * @module
 */
import { CairnError, encodeText, type ErrorPlace } from "@cairn/core";
import { check, fails, same } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import { makeKey, plainTrails, randomNumbers } from "../dataset.ts";
import { byKey, type Workbench } from "../workbench.ts";

/** Clauses on sources that fail. */
export const FAULT_CLAUSES: readonly Clause[] = [{
  id: "faults.open",
  text:
    "When the source fails while a store is opened, at whichever read, the error is the source's and the source is closed.",
  async run(bench) {
    const bytes = await mixedBytes(bench);
    const sound = await bench.source(bytes);
    await (await bench.openSource(sound)).close();
    for (let failAt = 0; failAt < sound.reads; failAt++) {
      const source = await bench.source(bytes, { failAt });
      await fails(() => bench.openSource(source), ["io"], `read ${failAt}`);
      check(source.closed, `read ${failAt}: the source is left open`);
    }
  },
}, {
  id: "faults.scan",
  text:
    "When the source fails during a scan, the scan ends with its error, no failure is kept, and the next scan is right.",
  async run(bench) {
    const bytes = await mixedBytes(bench);
    const sound = await bench.source(bytes);
    {
      await using store = await bench.openSource(sound);
      await bench.read(store);
    }
    for (let failAt = 0; failAt < sound.reads; failAt++) {
      const source = await bench.source(bytes, { failAt });
      let store;
      try {
        store = await bench.openSource(source);
      } catch {
        continue;
      }
      await using _store = store;
      const opened = source.reads;
      try {
        await bench.read(store);
        check(failAt < opened, `read ${failAt}: the failure was swallowed`);
      } catch (error) {
        check(
          (error as { code?: string }).code === "io",
          `read ${failAt}: ${error}`,
        );
      }
      same(
        byKey(await bench.read(store)),
        plainTrails(bench.mixed.events),
        `after read ${failAt}`,
      );
    }
  },
}, {
  id: "faults.slow",
  text:
    "A slow source changes nothing but time, and nothing is left under way.",
  async run(bench) {
    const source = await bench.source(await mixedBytes(bench), { turns: 2 });
    await using store = await bench.openSource(source);
    const expected = plainTrails(bench.mixed.events);
    const scans = await Promise.all(
      [1, 2, 3].map(() => bench.read(store, { batchEvents: 33 })),
    );
    scans.forEach((trails, i) => same(byKey(trails), expected, `scan ${i}`));
    await store.scan({ batchEvents: 1 }).next();
    await store.close();
    same(source.pending, 0, "reads still under way after close");
  },
}];

/** Clauses on `verify`. */
export const VERIFY_CLAUSES: readonly Clause[] = [{
  id: "verify.sound",
  text: "`verify` finds no damage in what the codec writes.",
  async run(bench) {
    for (const dataset of bench.datasets()) {
      await using store = await bench.store(dataset);
      const found = [];
      for await (const finding of store.verify()) {
        if (finding.severity === "corrupt") found.push(finding);
      }
      same(found, [], dataset.name);
    }
  },
}, {
  id: "verify.flips",
  text:
    "Any single flipped bit is found by opening or by `verify`, with part and offset.",
  excuse: (capabilities) =>
    capabilities.checksums ? undefined : "checksums is false",
  async run(bench) {
    const events = Array.from({ length: 60 }, (_, i) => ({
      key: makeKey(bench.capabilities, i % 7),
      timestamp: bench.capabilities.timestamps.min + i,
      values: [encodeText(`v${i % 9}`), null, encodeText("x")],
    }));
    const { bytes } = await bench.write(bench.mixed.schema, events);
    const random = randomNumbers(11);
    const bits = bytes.length * 8;
    const tries = Math.min(bits, bench.effort.mutations * 2);
    for (let i = 0; i < tries; i++) {
      const bit = tries === bits ? i : random(bits);
      check(
        await flipIsFound(bench, bytes, bit),
        `bit ${bit & 7} of byte ${bit >>> 3} of ${bytes.length}`,
      );
    }
  },
}];

/**
 * Tells whether a flipped bit is found.
 *
 * @param bench The codec under test.
 * @param bytes A sound file.
 * @param bit Which bit, from the first byte's lowest.
 */
export async function flipIsFound(
  bench: Workbench,
  bytes: Uint8Array,
  bit: number,
): Promise<boolean> {
  const damaged = bytes.slice();
  damaged[bit >>> 3]! ^= 1 << (bit & 7);
  let store;
  try {
    store = await bench.open(damaged, "flipped");
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    const { code, where } = error;
    if (code === "corrupt") checkPlace(where, error.message);
    else if (code !== "unsupported" && code !== "limit") throw error;
    return true;
  }
  try {
    for await (const finding of store.verify()) {
      if (finding.severity !== "corrupt") continue;
      checkPlace(finding.where, finding.detail);
      return true;
    }
    return false;
  } finally {
    await store.close();
  }
}

/** Damage has a place: a part, and an offset in it. */
export function checkPlace({ part, offset }: ErrorPlace, what: string): void {
  check(part !== undefined, `no part is named: ${what}`);
  check(
    offset !== undefined && Number.isSafeInteger(offset) && offset >= 0,
    `offset ${offset}: ${what}`,
  );
}

async function mixedBytes(bench: Workbench): Promise<Uint8Array> {
  return (await bench.write(bench.mixed.schema, bench.mixed.events)).bytes;
}
