/**
 * Clauses on sources and sinks: what codecs may count on.
 *
 * @module
 */
import type { Source } from "@cairn/core";
import { check, fails, failsAs, same } from "../assertions.ts";
import type { Contract } from "../clause.ts";
import { randomNumbers } from "../dataset.ts";
import type { MadeSink, Storage } from "../storage/storage.ts";

/** A clause on sources and sinks, and its test. */
export interface StorageClause {
  /** Its id, as in `docs/contracts.md`. */
  readonly id: `${Contract}.${string}`;
  /** What must hold, in a sentence. */
  readonly text: string;
  /** Fails with an assertion error when the storage breaks the clause. */
  readonly run: (storage: Storage) => Promise<void>;
}

/** Longer than any buffer that is likely, and no round number. */
const FILE_BYTES = 300_007;

/** Clauses on sources. */
const SOURCE_CLAUSES: readonly StorageClause[] = [{
  id: "source.read",
  text:
    "A source gives exactly the bytes asked for, any number of reads at once, and knows its size; `readSync`, where it has one, gives the same.",
  async run(storage) {
    for (const size of [0, 1, FILE_BYTES]) {
      const bytes = someBytes(size);
      await using source = await storage.makeSource(bytes.slice(), "read");
      same(source.size, size, "size");
      const random = randomNumbers(size + 3);
      const ranges = [[0, size], [size, 0], [0, 0], [Math.max(0, size - 1), 1]]
        .concat(Array.from({ length: 20 }, () => {
          const offset = random(size);
          return [offset, random(Math.min(size - offset, 70_000))];
        })).filter(([offset, length]) => offset! + length! <= size);
      const reads = await Promise.all(
        ranges.map(([offset, length]) => source.read(offset!, length!)),
      );
      for (const [i, [offset, length]] of ranges.entries()) {
        const what = `${length} bytes at ${offset} of ${size}`;
        const wanted = bytes.subarray(offset, offset! + length!);
        sameBytes(reads[i]!, wanted, what);
        const atOnce = source.readSync?.(offset!, length!) ?? wanted;
        sameBytes(atOnce, wanted, `${what}, at once`);
      }
    }
  },
}, {
  id: "source.range",
  text: "A read that is not inside the source is a `RangeError`.",
  async run(storage) {
    await using source = await storage.makeSource(someBytes(100), "range");
    for (
      const [offset, length] of [[0, 101], [100, 1], [101, 0], [-1, 1], [5, -1]]
    ) {
      await failsAs(
        () => source.read(offset!, length!),
        RangeError,
        `${length} bytes at ${offset} of 100`,
      );
      if (source.readSync === undefined) continue;
      await failsAs(
        () => source.readSync!(offset!, length!),
        RangeError,
        `${length} bytes at ${offset} of 100, at once`,
      );
    }
    same((await source.read(99, 1)).length, 1, "a read after refusals");
  },
}, {
  id: "source.views",
  text:
    "What a read gave stays as it is until the source is closed, whatever is read meanwhile.",
  async run(storage) {
    const bytes = someBytes(FILE_BYTES);
    await using source = await storage.makeSource(bytes.slice(), "views");
    const first = await source.read(1000, 50_000);
    for (let offset = 0; offset < FILE_BYTES - 50_000; offset += 25_000) {
      await source.read(offset, 50_000);
    }
    sameBytes(first, bytes.subarray(1000, 51_000), "the first read, later");
  },
}, {
  id: "source.close",
  text: "Closing a source twice is fine; afterwards reads fail.",
  async run(storage) {
    const source = await storage.makeSource(someBytes(100), "close");
    await source.read(0, 10);
    await source.close();
    await source.close();
    let failed = false;
    await source.read(0, 10).catch(() => failed = true);
    check(failed, "a closed source still reads");
    if (source.readSync === undefined) return;
    await failsAs(() => source.readSync!(0, 10), TypeError, "a read at once");
  },
}, {
  id: "source.abort",
  text:
    "An aborted signal ends a read with `aborted`, the reason as cause; the source goes on.",
  async run(storage) {
    const bytes = someBytes(FILE_BYTES);
    await using source: Source = await storage.makeSource(bytes, "abort");
    const reason = new Error("enough");
    const error = await fails(
      () => source.read(70_000, 10, { signal: AbortSignal.abort(reason) }),
      ["aborted"],
      "an aborted read",
    );
    check(error.cause === reason, "the cause is not the signal's reason");
    sameBytes(
      await source.read(70_000, 10),
      bytes.subarray(70_000, 70_010),
      "a later read",
    );
  },
}];

/** Clauses on sinks. */
const SINK_CLAUSES: readonly StorageClause[] = [{
  id: "sink.finish",
  text:
    "The bytes written appear when `finish` succeeds, whole and in order, and at no other time; `byteLength` counts them.",
  async run(storage) {
    for (const pieces of [[], [1], [5, 0, 300_000, 1, 70_000]]) {
      const made = await storage.makeSink();
      const bytes = someBytes(pieces.reduce((sum, n) => sum + n, 0));
      let at = 0;
      for (const length of pieces) {
        await made.sink.write(bytes.slice(at, at += length));
        same(made.sink.byteLength, at, "byteLength");
        await nothingThere(made, "before finish");
      }
      await made.sink.finish();
      same(made.sink.byteLength, at, "byteLength after finish");
      sameBytes(await made.bytes(), bytes, `${pieces.length} writes`);
    }
  },
}, {
  id: "sink.copies",
  text: "Bytes may be changed once `write` is over.",
  async run(storage) {
    const made = await storage.makeSink();
    const bytes = someBytes(10_000);
    const piece = new Uint8Array(1000);
    for (let at = 0; at < bytes.length; at += piece.length) {
      piece.set(bytes.subarray(at, at + piece.length));
      await made.sink.write(piece);
      piece.fill(0xee);
    }
    await made.sink.finish();
    sameBytes(await made.bytes(), bytes, "what was written");
  },
}, {
  id: "sink.abort",
  text:
    "`abort` and disposal leave nothing, may come twice, and do nothing after `finish`.",
  async run(storage) {
    const aborted = await storage.makeSink();
    await aborted.sink.write(someBytes(FILE_BYTES));
    await aborted.sink.abort();
    await aborted.sink.abort();
    await nothingThere(aborted, "after abort");
    const disposed = await storage.makeSink();
    await disposed.sink.write(someBytes(10));
    await disposed.sink[Symbol.asyncDispose]();
    await nothingThere(disposed, "after disposal");
    const finished = await storage.makeSink();
    await finished.sink.write(someBytes(10));
    await finished.sink.finish();
    await finished.sink.abort();
    await finished.sink[Symbol.asyncDispose]();
    sameBytes(await finished.bytes(), someBytes(10), "aborted after finish");
  },
}, {
  id: "sink.ended",
  text:
    "After `finish` or `abort`, writing and finishing are a `TypeError` and change nothing.",
  async run(storage) {
    for (const end of ["finish", "abort"] as const) {
      const made = await storage.makeSink();
      await made.sink.write(someBytes(10));
      await made.sink[end]();
      const { sink } = made;
      await failsAs(() => sink.write(someBytes(5)), TypeError, `write, ${end}`);
      await failsAs(() => sink.finish(), TypeError, `finish, ${end}`);
      if (end === "abort") await nothingThere(made, "after abort");
      else sameBytes(await made.bytes(), someBytes(10), "after finish");
    }
  },
}, {
  id: "sink.abort-signal",
  text:
    "An aborted signal ends `finish` with `aborted`, the reason as cause, and nothing appears.",
  async run(storage) {
    const made = await storage.makeSink();
    await made.sink.write(someBytes(10));
    const reason = new Error("enough");
    const error = await fails(
      () => made.sink.finish({ signal: AbortSignal.abort(reason) }),
      ["aborted"],
      "finish",
    );
    check(error.cause === reason, "the cause is not the signal's reason");
    await nothingThere(made, "after an aborted finish");
    await made.sink.abort();
  },
}];

/** Every clause on sources and sinks, in the order of `docs/contracts.md`. */
export const STORAGE_CLAUSES: readonly StorageClause[] = [
  ...SOURCE_CLAUSES,
  ...SINK_CLAUSES,
];

async function nothingThere(made: MadeSink, when: string): Promise<void> {
  check(await made.bytes() === undefined, `the file is there ${when}`);
}

function sameBytes(
  actual: Uint8Array | undefined,
  expected: Uint8Array,
  what: string,
): void {
  same(actual?.length, expected.length, `${what}: length`);
  const at = expected.findIndex((byte, i) => actual![i] !== byte);
  check(at < 0, `${what}: byte ${at} is ${actual![at]}, not ${expected[at]}`);
}

function someBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff);
}
