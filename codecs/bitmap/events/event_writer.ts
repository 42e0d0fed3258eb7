/**
 * Writing a store of events.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  type InputBatch,
  openScratch,
  parseInteger,
  type Schema,
  type Scratch,
  type Sink,
  throwIfAborted,
  type WriteSummary,
} from "@cairn/core";
import { BatchWriter, EventSorter } from "@cairn/core/sort";
import { BitmapOutput } from "./_bitmap_output.ts";
import { collectFacts } from "./_event_facts.ts";
import { writeEvents } from "./_write_events.ts";
import { writeTrails } from "./_write_trails.ts";
import { CAPABILITIES } from "../capabilities.ts";
import type { BitmapCreateOptions, EventPlan } from "../create_options.ts";
import { EVENTS, TRAILS } from "./event_layout.ts";
import { SUPERBLOCK_KEY } from "../key.ts";
import { COUNTER_MAX, KEY_BYTES_MAX } from "../layout.ts";
import {
  encodeLongValues,
  LONG_VALUES_BLOCK,
  type LongValues,
} from "../long_values.ts";
import type { ValueIds } from "./_value_ids.ts";
import { latin1 } from "../_chunk_edits.ts";
import { createTable } from "../seal.ts";
import { encodeSuperblock } from "../superblock.ts";

const MEMORY_BYTES = 2 ** 30;

/** Takes events and writes them as one sealed file of two keyspaces. */
export class EventWriter extends BatchWriter {
  readonly #sink: Sink;
  readonly #plan: EventPlan;
  readonly #options: BitmapCreateOptions;
  readonly #scratch: Scratch;
  readonly #sorter: EventSorter;
  readonly #summed: readonly number[];

  /**
   * Begins a store; schema and options have been checked.
   *
   * @param sink Where it goes; owned.
   * @param plan What is kept.
   * @param options Memory, blocks, signal.
   */
  constructor(sink: Sink, plan: EventPlan, options: BitmapCreateOptions) {
    super(CAPABILITIES, plan.schema);
    this.#sink = sink;
    this.#plan = plan;
    this.#options = options;
    this.#summed = [...new Set(plan.counters.map(({ field }) => field))];
    this.#scratch = openScratch(
      options.scratch === undefined ? {} : { scratch: options.scratch },
    );
    this.#sorter = new EventSorter({
      columns: plan.schema.fields.map(() => "ids"),
      scratch: this.#scratch,
      memoryBytes: options.memoryBytes ?? MEMORY_BYTES,
    });
  }

  /** Refuses an amount that a counter cannot add. */
  protected override checkRow(
    _trailKey: Uint8Array,
    _timestamp: number,
    values: readonly (Uint8Array | null)[],
  ): void {
    for (const field of this.#summed) {
      const value = values[field];
      if (value) checkAmount(value, this.schema, field);
    }
  }

  /** Refuses a batch with such an amount. */
  protected override checkBatch(batch: InputBatch): void {
    for (const field of this.#summed) {
      const { bytes, starts, ends } = batch.columns[field]!;
      for (let row = 0; row < batch.count; row++) {
        const value = bytes.subarray(starts[row]!, ends[row]!);
        checkAmount(value, this.schema, field, row);
      }
    }
  }

  /** Hands events to the sorter. */
  protected override takeBatch(batch: InputBatch): Promise<void> | undefined {
    throwIfAborted(this.#options.signal);
    return this.#sorter.add(batch);
  }

  /** Sorts and writes both keyspaces. */
  protected override async writeStore(
    options: AbortOptions,
  ): Promise<WriteSummary> {
    const signals = [this.#options.signal, options.signal].filter((signal) =>
      signal !== undefined
    );
    const stop = signals.length === 0
      ? {}
      : { signal: AbortSignal.any(signals) };
    const sorted = await this.#sorter.finish(stop);
    const facts = await collectFacts(sorted, this.#plan, stop);
    const table = createTable(this.#sink, this.#options);
    const output = new BitmapOutput(table);
    await output.entry(
      SUPERBLOCK_KEY,
      encodeSuperblock({
        sealed: true,
        keyspaces: new Map([
          [TRAILS.name, TRAILS.number],
          [EVENTS.name, EVENTS.number],
        ]),
      }),
    );
    const memoryBytes = (this.#options.memoryBytes ?? MEMORY_BYTES) / 4;
    const input = { sorted, plan: this.#plan, facts, memoryBytes };
    await writeTrails(output, input, stop);
    await writeEvents(output, input, stop);
    const long = longValues(this.schema, facts.values);
    if (long.size > 0) {
      table.addMetaBlock(LONG_VALUES_BLOCK, encodeLongValues(long));
    }
    const { byteLength } = await table.finish();
    throwIfAborted(stop.signal);
    await this.#sink.finish(stop);
    return { ...sorted.stats, byteLength };
  }

  /** Frees memory and temporary files, and the sink unless it is finished. */
  protected override async discard(): Promise<void> {
    const ends = await Promise.allSettled([
      this.#sink.abort(),
      this.#sorter[Symbol.asyncDispose]()
        .finally(() => this.#scratch[Symbol.asyncDispose]()),
    ]);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }
}

/** Finds the values that do not fit a key, by name of the field. */
function longValues(
  schema: Schema,
  values: readonly ValueIds[],
): Map<string, LongValues> {
  const fields = new Map<string, LongValues>();
  schema.fields.forEach(({ name }, field) => {
    const ids = values[field]!;
    const long = ids.long();
    if (long.size === 0) return;
    fields.set(name, long);
    const keys = new Set<string>();
    for (let id = 1; id <= ids.count; id++) {
      const key = ids.key(id);
      if (key.length < KEY_BYTES_MAX) continue;
      const text = latin1(key);
      if (keys.has(text)) {
        throw new CairnError(
          "limit",
          `Cannot write store: two long values of field "${name}" have one hash`,
          { reason: "value" },
        );
      }
      keys.add(text);
    }
  });
  return fields;
}

function checkAmount(
  value: Uint8Array,
  schema: Schema,
  field: number,
  row?: number,
): void {
  const amount = parseInteger(value);
  if (amount === undefined || amount >= 0n && amount <= COUNTER_MAX) return;
  throw refuse(
    `amount ${amount} of field "${
      schema.fields[field]!.name
    }", which a counter sums, 0 to 2^128 - 1 wanted`,
    row,
  );
}

function refuse(
  what: string,
  row: number | undefined,
): CairnError {
  return new CairnError("invalid-input", `Cannot add event: ${what}`, {
    ...(row === undefined ? {} : { where: { line: row } }),
    reason: "value",
  });
}
