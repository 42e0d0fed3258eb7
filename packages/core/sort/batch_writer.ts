/**
 * The part of a store writer that is the same for every codec.
 *
 * @module
 */
import type { AbortOptions } from "../abort_options.ts";
import type { Capabilities } from "../codec.ts";
import { CairnError, throwIfAborted } from "../errors.ts";
import type { InputBatch } from "../input_batch.ts";
import type { Schema } from "../schema.ts";
import type { Store } from "../store.ts";
import type {
  AppendOptions,
  StoreWriter,
  WriteSummary,
} from "../store_writer.ts";
import { appendStore } from "./append_store.ts";
import {
  assertBatch,
  assertRow,
  type InputRules,
  inputRules,
} from "./input_rules.ts";
import { RowCollector } from "./row_collector.ts";

/**
 * A store writer over batches: it collects rows, checks what every codec
 * checks, takes over other stores, and keeps the order of calls. A codec adds
 * `takeBatch`, `writeStore` and `discard`, and where it has rules of its own
 * `checkRow` and `checkBatch`.
 */
export abstract class BatchWriter implements StoreWriter {
  /** The fields of the store. */
  readonly schema: Schema;
  readonly #rules: InputRules;
  readonly #rows: RowCollector;
  readonly #signal: AbortSignal | undefined;
  #state: "open" | "finished" | "aborted" = "open";
  #failure: { readonly error: unknown } | undefined;

  /**
   * Begins a writer.
   *
   * @param capabilities What the codec can do.
   * @param schema The fields; already checked against the codec.
   * @param options What `create` was given; only `signal` is looked at, which
   * then stops the writer as that of `finish` does.
   */
  constructor(
    capabilities: Capabilities,
    schema: Schema,
    options: AbortOptions = {},
  ) {
    this.schema = schema;
    this.#signal = options.signal;
    this.#rules = inputRules(capabilities, schema);
    this.#rows = new RowCollector(schema.fields.length);
  }

  /**
   * Takes checked events; called in input order. The batch is valid until the
   * result settles. After a failure nothing but `discard` is called.
   */
  protected abstract takeBatch(batch: InputBatch): Promise<void> | undefined;

  /** Writes the store and makes it appear. Called once; a failure is followed by `discard`. */
  protected abstract writeStore(options: AbortOptions): Promise<WriteSummary>;

  /** Frees everything and leaves nothing behind, unless the store has appeared. Called once, also after success. */
  protected abstract discard(): Promise<void>;

  /** Refuses an event that breaks a rule of the codec's own; the rules of `capabilities` hold already. */
  protected checkRow(
    _trailKey: Uint8Array,
    _timestamp: number,
    _values: readonly (Uint8Array | null)[],
  ): void {}

  /** Refuses a batch with an event that breaks a rule of the codec's own, with the row as `where.line`. */
  protected checkBatch(_batch: InputBatch): void {}

  /** Adds an event. See {@linkcode StoreWriter.add}. */
  add(
    trailKey: Uint8Array,
    timestamp: number,
    values: readonly (Uint8Array | null)[],
  ): Promise<void> | undefined {
    this.#assertOpen();
    assertRow(this.#rules, trailKey, timestamp, values);
    this.checkRow(trailKey, timestamp, values);
    return this.#rows.add(trailKey, timestamp, values)
      ? this.#flush()
      : undefined;
  }

  /** Adds a run of events. See {@linkcode StoreWriter.addBatch}. */
  async addBatch(batch: InputBatch): Promise<void> {
    this.#assertOpen();
    assertBatch(this.#rules, batch);
    this.checkBatch(batch);
    await this.#flush();
    if (batch.count > 0) await this.#take(batch);
  }

  /** Adds another store. See {@linkcode StoreWriter.append}. */
  async append(store: Store, options: AppendOptions = {}): Promise<void> {
    this.#assertOpen();
    await appendStore(this, store, options);
  }

  /** Writes what is left and makes the store appear. See {@linkcode StoreWriter.finish}. */
  async finish(options: AbortOptions = {}): Promise<WriteSummary> {
    this.#assertOpen();
    this.#state = "finished";
    let summary: WriteSummary;
    try {
      const signals = [this.#signal, options.signal].filter((signal) =>
        signal !== undefined
      );
      const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
      throwIfAborted(signal);
      await this.#flush();
      summary = await this.writeStore(signal === undefined ? {} : { signal });
    } catch (error) {
      await this.discard().catch(() => {});
      throw error;
    }
    await this.discard();
    return summary;
  }

  /** Leaves nothing behind. See {@linkcode StoreWriter.abort}. */
  async abort(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    await this.discard();
  }

  /** Aborts what is not finished. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  #flush(): Promise<void> | undefined {
    return this.#rows.count === 0 ? undefined : this.#take(this.#rows.take());
  }

  #take(batch: InputBatch): Promise<void> | undefined {
    const failed = (error: unknown): never => {
      this.#failure ??= { error };
      throw error;
    };
    try {
      return this.takeBatch(batch)?.catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  #assertOpen(): void {
    if (this.#state !== "open") {
      throw new CairnError(
        "immutable",
        `Cannot write to store: the writer is ${this.#state}`,
      );
    }
    // Rows are missing after a failure: no later call may make a store of it.
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
