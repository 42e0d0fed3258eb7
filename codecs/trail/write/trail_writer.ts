/**
 * Writing a TrailDB.
 *
 * @module
 */
import {
  type AbortOptions,
  type AppendOptions,
  CairnError,
  type Capabilities,
  type InputBatch,
  openScratch,
  packSpans,
  type Schema,
  type Scratch,
  type Sink,
  type Store,
  throwIfAborted,
  type WriteSummary,
} from "@cairn/core";
import { BatchWriter, EventSorter } from "@cairn/core/sort";
import { TRAIL_CAPABILITIES } from "../capabilities.ts";
import {
  type CompleteOptions,
  completeOptions,
  type TrailCreateOptions,
} from "../create_options.ts";
import { encodeExactTime } from "../_exact_times.ts";
import { LexiconRows } from "../_lexicon_rows.ts";
import { FIELD_NAME_BYTES_MAX, LEXICON_PREFIX } from "../layout.ts";
import { assertTrailSchema } from "../trail_schema.ts";
import type { Member } from "./write_members.ts";
import { type WriteMembersOptions, writePackage } from "./write_package.ts";
import { encodeStore } from "./write_store.ts";

/** What is taken before the steps between times are known. */
const INPUT: Capabilities = {
  ...TRAIL_CAPABILITIES,
  timestamps: { min: 0, max: Number.MAX_SAFE_INTEGER },
};

/** Where members go: a package or a directory. */
export interface MemberOutput {
  /** Bytes written so far. */
  readonly byteLength: number;
  /** Writes all members. */
  write(
    members: readonly Member[],
    options: WriteMembersOptions,
  ): Promise<void>;
  /** Makes the store appear. */
  finish(options: AbortOptions): Promise<void>;
  /** Leaves nothing behind; does nothing after `finish`. */
  abort(): Promise<void>;
}

/** Takes events and writes a TrailDB. See {@linkcode createTrailStore}. */
export class TrailWriter extends BatchWriter {
  readonly #output: MemberOutput;
  readonly #options: CompleteOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #scratch: Scratch;
  readonly #sorter: EventSorter;
  /** Rows that only bring values into the lexicons. */
  #lexiconRows = 0;
  /** The time of the one row of the next batch, if timestamps do not hold it. */
  #exactTime: bigint | undefined;

  /**
   * Begins a store; its schema and options have been checked.
   *
   * @param output Where it goes.
   * @param schema Its fields.
   * @param options How to write it.
   */
  constructor(
    output: MemberOutput,
    schema: Schema,
    options: TrailCreateOptions,
  ) {
    super(INPUT, schema);
    this.#output = output;
    this.#options = completeOptions(options);
    this.#signal = options.signal;
    this.#scratch = openScratch(options);
    const hidden = this.#options.exactTimes ? 1 : 0;
    this.#sorter = new EventSorter({
      columns: Array(hidden + schema.fields.length).fill("ids"),
      keyOrder: "reversed",
      scratch: this.#scratch,
      ...(options.memoryBytes === undefined
        ? {}
        : { memoryBytes: options.memoryBytes }),
    });
  }

  /**
   * Adds an event whose time may be above 2^53 - 1, for stores that were
   * created with `exactTimes`.
   *
   * @param trailKey The trail's key, 16 bytes.
   * @param time Its time, below 2^64.
   * @param values A value for each field, in order.
   * @throws {CairnError} As `add`; `unsupported` without `exactTimes`.
   */
  async addExact(
    trailKey: Uint8Array,
    time: bigint,
    values: readonly (Uint8Array | null)[],
  ): Promise<void> {
    if (time <= BigInt(Number.MAX_SAFE_INTEGER)) {
      await this.add(trailKey, Number(time), values);
      return;
    }
    if (!this.#options.exactTimes) {
      throw new CairnError(
        "unsupported",
        "Cannot add event: its time is above 2^53 - 1, and the store was created without exactTimes",
        { reason: "timestamp" },
      );
    }
    if (time > 0xffff_ffff_ffff_ffffn) {
      throw new CairnError(
        "limit",
        `Cannot add event: time ${time}, below 2^64 wanted`,
        { reason: "timestamp" },
      );
    }
    // What was collected goes first: it must not see this time.
    await this.addBatch(emptyBatch(this.schema.fields.length));
    this.#exactTime = time;
    try {
      await this.addBatch({
        count: 1,
        trailKeys: packSpans([trailKey]),
        timestamps: Float64Array.of(Number.MAX_SAFE_INTEGER),
        columns: values.map((value) => packSpans([value])),
      });
    } finally {
      this.#exactTime = undefined;
    }
  }

  /**
   * Adds another store. Of a trail store with the same fields, taken whole,
   * all values come first, used or not, as in the C program, unless only used
   * values are wanted.
   */
  override async append(
    store: Store,
    options: AppendOptions = {},
  ): Promise<void> {
    const filtered = !(options.filter?.matchesAll ?? true);
    if (!filtered && !options.usedValues && this.hasFieldsOf(store)) {
      await this.addValues(store, options);
    }
    await super.append(store, options);
  }

  /** Tells whether a trail store has the same fields, in the same order. */
  hasFieldsOf(store: Store): boolean {
    const { fields } = this.schema;
    return store.codec === "trail" &&
      store.schema.fields.length === fields.length &&
      store.schema.fields.every(({ name }, i) => name === fields[i]!.name);
  }

  /**
   * Adds all values of a store's lexicons, without events.
   *
   * @param store With the same fields.
   * @param options A signal.
   */
  async addValues(store: Store, options: AbortOptions = {}): Promise<void> {
    // What was collected goes first: values are numbered as they come.
    await this.addBatch(emptyBatch(this.schema.fields.length));
    const rows = new LexiconRows(
      await Promise.all(
        this.schema.fields.map(({ name }) => store.lexicon(name, options)),
      ),
    );
    for (const batch of rows.batches()) {
      throwIfAborted(options.signal);
      await this.#sorter.add(this.#withHidden(batch));
      this.#lexiconRows += batch.count;
    }
  }

  /** Hands events to the sorter. */
  protected override takeBatch(batch: InputBatch): Promise<void> | undefined {
    throwIfAborted(this.#signal);
    return this.#sorter.add(this.#withHidden(batch));
  }

  /** Sorts, encodes and writes. */
  protected override async writeStore(
    options: AbortOptions,
  ): Promise<WriteSummary> {
    const signals = [this.#signal, options.signal].filter((s) =>
      s !== undefined
    );
    const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
    const stop = signal === undefined ? {} : { signal };
    const sorted = await this.#sorter.finish(stop);
    const facts = await encodeStore(sorted, this.schema, {
      ...this.#options,
      signal,
      scratch: this.#scratch,
      hiddenRows: this.#lexiconRows,
    });
    await this.#output.write(facts.members, { sums: facts.additions, signal });
    throwIfAborted(signal);
    await this.#output.finish(stop);
    return { ...facts.stats, byteLength: this.#output.byteLength };
  }

  /** Frees memory and temporary files, and the output unless it has appeared. */
  protected override async discard(): Promise<void> {
    const ends = await Promise.allSettled([
      this.#output.abort(),
      this.#sorter[Symbol.asyncDispose]()
        .finally(() => this.#scratch[Symbol.asyncDispose]()),
    ]);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  #withHidden(batch: InputBatch): InputBatch {
    if (!this.#options.exactTimes) return batch;
    const time = this.#exactTime;
    const value = time === undefined ? null : encodeExactTime(time);
    const hidden = packSpans(Array(batch.count).fill(value));
    return { ...batch, columns: [hidden, ...batch.columns] };
  }
}

/**
 * Begins a trail store in one file, a package.
 *
 * @example Write two events
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSchema, encodeText, MemorySink, parseUuid } from "@cairn/core";
 * import { createTrailStore } from "@cairn/trail";
 *
 * const sink = new MemorySink();
 * await using writer = await createTrailStore(sink, createSchema(["page"]));
 * const key = parseUuid("000102030405060708090a0b0c0d0e0f");
 * await writer.add(key, 20, [encodeText("/home")]);
 * await writer.add(key, 10, [null]);
 * const summary = await writer.finish();
 * assertEquals([summary.trails, summary.events], [1, 2]);
 * ```
 * @param sink Where it goes; the writer owns it.
 * @param schema Its fields.
 * @param options How to write it.
 * @returns A writer, to be finished or aborted.
 * @throws {CairnError} `invalid-input` or `limit` when the schema or an option
 * does not fit; the sink is then aborted.
 */
export async function createTrailStore(
  sink: Sink,
  schema: Schema,
  options: TrailCreateOptions = {},
): Promise<TrailWriter> {
  try {
    throwIfAborted(options.signal);
    assertTrailSchema(schema);
    return new TrailWriter(new PackageOutput(sink), schema, options);
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/**
 * Begins a trail store in a directory, which appears whole when it is finished.
 * Needs a file system: not for browsers.
 *
 * @param path Where; nothing may be there.
 * @param schema Its fields; names of at most 247 characters.
 * @param options How to write it.
 * @returns A writer, to be finished or aborted.
 * @throws {CairnError} `invalid-input` or `limit` when the schema or an option
 * does not fit; `exists`, `not-found`, `io`.
 */
export async function createTrailDirectory(
  path: string,
  schema: Schema,
  options: TrailCreateOptions = {},
): Promise<TrailWriter> {
  throwIfAborted(options.signal);
  assertTrailSchema(schema);
  completeOptions(options);
  for (const { name } of schema.fields) {
    if (LEXICON_PREFIX.length + name.length > 255) {
      throw new CairnError(
        "limit",
        `Cannot create directory: a field name of ${name.length} characters (of ${FIELD_NAME_BYTES_MAX} in a package), at most 247 wanted`,
        { where: { file: path }, reason: "field-name" },
      );
    }
  }
  const { DirectoryOutput } = await import("./write_directory.ts");
  const output = await DirectoryOutput.create(path);
  return new TrailWriter(output, schema, options);
}

class PackageOutput implements MemberOutput {
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  get byteLength(): number {
    return this.#sink.byteLength;
  }

  write(
    members: readonly Member[],
    options: WriteMembersOptions,
  ): Promise<void> {
    return writePackage(this.#sink, members, options);
  }

  finish(options: AbortOptions): Promise<void> {
    return this.#sink.finish(options);
  }

  abort(): Promise<void> {
    return this.#sink.abort();
  }
}

function emptyBatch(fieldCount: number): InputBatch {
  const none = packSpans([]);
  return {
    count: 0,
    trailKeys: none,
    timestamps: new Float64Array(0),
    columns: Array(fieldCount).fill(none),
  };
}
