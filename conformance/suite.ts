/**
 * One call hands a codec to the suite.
 *
 * @module
 */
import type { Codec } from "@cairn/core";
import type { Clause } from "./clause.ts";
import { ABORT_CLAUSES } from "./clauses/aborts.ts";
import { CODEC_CLAUSES } from "./clauses/codec.ts";
import { FAULT_CLAUSES, VERIFY_CLAUSES } from "./clauses/faults.ts";
import { GOLDEN_CLAUSES } from "./clauses/golden.ts";
import { HOSTILE_CLAUSES } from "./clauses/hostile.ts";
import { INDEX_CLAUSES } from "./clauses/index.ts";
import { LEAK_CLAUSES } from "./clauses/leaks.ts";
import { PROPERTY_CLAUSES } from "./clauses/properties.ts";
import { SCAN_CLAUSES } from "./clauses/scan.ts";
import { STORAGE_CLAUSES } from "./clauses/storage.ts";
import { STORE_CLAUSES } from "./clauses/store.ts";
import { WRITER_CLAUSES } from "./clauses/writer.ts";
import { MEMORY_STORAGE, type Storage } from "./storage/storage.ts";
import { EFFORT, type Effort, Workbench } from "./workbench.ts";

/** Every clause of the contracts on codecs, in the order of `docs/contracts.md`. */
export const CLAUSES: readonly Clause[] = [
  ...CODEC_CLAUSES,
  ...WRITER_CLAUSES,
  ...STORE_CLAUSES,
  ...GOLDEN_CLAUSES,
  ...SCAN_CLAUSES,
  ...INDEX_CLAUSES,
  ...VERIFY_CLAUSES,
  ...FAULT_CLAUSES,
  ...ABORT_CLAUSES,
  ...LEAK_CLAUSES,
  ...HOSTILE_CLAUSES,
  ...PROPERTY_CLAUSES,
];

/** What to test, and with what. */
export interface SuiteOptions extends Partial<Storage> {
  /** The codec under test. */
  readonly codec: Codec;
  /**
   * Registers a test: `Deno.test`, `node:test`'s `test`, vitest's `it`, or any
   * function of this shape.
   */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  /**
   * Registers a clause that the codec's capabilities excuse, with the reason.
   * Left out: a test that passes and has the reason in its name.
   */
  readonly excused?: (name: string, reason: string) => unknown;
  /** How far to go; what a run of everybody can afford if left out. */
  readonly effort?: Partial<Effort>;
}

/**
 * Registers a test for every clause of the contracts. None depends on
 * another, but those that only read share the files of the datasets. They lie in memory, or where
 * `makeSource` and `makeSink` put them: those are then tested too.
 *
 * @example Test a codec under Deno
 * ```ts ignore
 * import { testCodec } from "@cairn/conformance";
 * import { myCodec } from "./mod.ts";
 *
 * testCodec({ codec: myCodec, test: Deno.test });
 * ```
 * @example Test a codec over storage of your own
 * ```ts ignore
 * import { testCodec } from "@cairn/conformance";
 * import { myCodec, MyBucket, MySink, MySource } from "./mod.ts";
 *
 * testCodec({
 *   codec: myCodec,
 *   test: Deno.test,
 *   makeSource: (bytes, name) => new MySource(new MyBucket({ [name]: bytes }), name),
 *   makeSink: () => {
 *     const bucket = new MyBucket();
 *     return { sink: new MySink(bucket, "a"), bytes: () => bucket.get("a") };
 *   },
 * });
 * ```
 * @param options The codec, the runner, and where stores lie.
 */
export function testCodec(options: SuiteOptions): void {
  const storage: Storage = {
    makeSource: options.makeSource ?? MEMORY_STORAGE.makeSource,
    makeSink: options.makeSink ?? MEMORY_STORAGE.makeSink,
  };
  const effort = { ...EFFORT, ...options.effort };
  const bench = new Workbench(options.codec, effort, storage);
  for (const { id, run } of STORAGE_CLAUSES) {
    const made = id.startsWith("source.")
      ? options.makeSource
      : options.makeSink;
    if (made !== undefined) {
      options.test(`${options.codec.name}: ${id}`, () => run(storage));
    }
  }
  for (const clause of CLAUSES) {
    const name = `${options.codec.name}: ${clause.id}`;
    const reason = clause.excuse?.(options.codec.capabilities);
    if (reason === undefined) options.test(name, () => clause.run(bench));
    else if (options.excused) options.excused(name, reason);
    else options.test(`${name} (excused: ${reason})`, () => Promise.resolve());
  }
}

/** What sources and sinks to test, and with what. */
export interface StorageOptions extends Storage {
  /** What the tests are called. */
  readonly name: string;
  /** Registers a test. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
}

/**
 * Registers a test for every clause on sources and sinks, without any codec.
 *
 * @param options The storage and the runner.
 */
export function testStorage(options: StorageOptions): void {
  for (const { id, run } of STORAGE_CLAUSES) {
    options.test(`${options.name}: ${id}`, () => run(options));
  }
}

/** What became of one clause. */
export interface ClauseResult {
  /** The clause. */
  readonly clause: Clause;
  /** Whether it passed, failed, or is excused. */
  readonly outcome: "pass" | "fail" | "excused";
  /** The failure's message, or the capability that excuses. */
  readonly detail: string | undefined;
}

/**
 * Runs every clause and reports, for tables and tools.
 *
 * @param codec The codec under test.
 * @param effort How far to go.
 * @param storage Where stores lie; memory if left out.
 * @returns A result for every clause, in order.
 */
export async function runSuite(
  codec: Codec,
  effort: Partial<Effort> = {},
  storage: Storage = MEMORY_STORAGE,
): Promise<ClauseResult[]> {
  const bench = new Workbench(codec, { ...EFFORT, ...effort }, storage);
  const results: ClauseResult[] = [];
  for (const clause of CLAUSES) {
    const reason = clause.excuse?.(codec.capabilities);
    if (reason !== undefined) {
      results.push({ clause, outcome: "excused", detail: reason });
      continue;
    }
    try {
      await clause.run(bench);
      results.push({ clause, outcome: "pass", detail: undefined });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      results.push({ clause, outcome: "fail", detail });
    }
  }
  return results;
}
