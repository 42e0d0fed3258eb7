/**
 * Writing a file of the model.
 *
 * @module
 */
import {
  type AbortOptions,
  type AppendOptions,
  CairnError,
  type Capabilities,
  compareBytes,
  formatHex,
  type InputBatch,
  parseHex,
  type Schema,
  type Sink,
  spanValue,
  type Store,
  type StoreWriter,
  throwIfAborted,
  type WriteSummary,
} from "@cairn/core";
import {
  formatModel,
  type ModelEvent,
  type ModelTrail,
  statsOf,
} from "./model_file.ts";

/** What the model can do: all that the contracts allow. */
export const MODEL_CAPABILITIES: Capabilities = {
  trailKeyBytes: { min: 1, max: 65_536 },
  timestamps: { min: 0, max: Number.MAX_SAFE_INTEGER },
  fieldsMax: 16_382,
  fieldNames: {
    rule: "any text that is not empty",
    allows: (name) => name !== "",
  },
  emptyEvents: true,
  columns: "bytes",
  cheapOrder: "ascending",
  partialReads: false,
  index: false,
  fieldTypes: true,
  checksums: false,
};

/** Keeps events in a map of arrays and writes them all at the end. */
export class ModelWriter implements StoreWriter {
  readonly schema: Schema;
  readonly #sink: Sink;
  readonly #trails = new Map<string, ModelEvent[]>();
  readonly #signal: AbortSignal | undefined;
  #finished = false;

  constructor(sink: Sink, schema: Schema, signal?: AbortSignal) {
    this.#sink = sink;
    this.schema = schema;
    this.#signal = signal;
  }

  add(
    trailKey: Uint8Array,
    timestamp: number,
    values: readonly (Uint8Array | null)[],
  ): undefined {
    this.#take([checkEvent(this, trailKey, timestamp, values, this.#finished)]);
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async addBatch(batch: InputBatch): Promise<void> {
    const events = [];
    for (let row = 0; row < batch.count; row++) {
      const key = spanValue(batch.trailKeys, row) ?? new Uint8Array(0);
      const values = batch.columns.map((column) => spanValue(column, row));
      try {
        events.push(
          checkEvent(this, key, batch.timestamps[row]!, values, this.#finished),
        );
      } catch (error) {
        if (!(error instanceof CairnError)) throw error;
        throw new CairnError(error.code, error.detail, {
          where: { line: row },
        });
      }
    }
    this.#take(events);
  }

  async append(store: Store, options: AppendOptions = {}): Promise<void> {
    const fields = store.schema.fields.map((field) => field.name);
    for (const name of fields) {
      if (!this.schema.fields.some((field) => field.name === name)) {
        throw new CairnError(
          "invalid-input",
          `Cannot append: field "${name}" is not here`,
        );
      }
    }
    const places = this.schema.fields.map((field) =>
      fields.indexOf(field.name)
    );
    for await (const batch of store.scan(options)) {
      for (const event of batch.events()) {
        const key = spanValue(
          await store.keys(
            { start: event.trail, end: event.trail + 1 },
            options,
          ),
          0,
        )!;
        const values = places.map((at) => at < 0 ? null : event.values[at]!);
        this.add(key, event.timestamp, values);
      }
    }
  }

  async finish(options: AbortOptions = {}): Promise<WriteSummary> {
    if (this.#finished) {
      throw new CairnError("immutable", "Cannot finish: the store is finished");
    }
    this.#finished = true;
    const trails = [...this.#trails].map(([hex, events]): ModelTrail => ({
      key: parseHex(hex),
      events: events.toSorted((a, b) => a.timestamp - b.timestamp),
    })).sort((a, b) => compareBytes(a.key, b.key));
    try {
      throwIfAborted(this.#signal);
      throwIfAborted(options.signal);
      await this.#sink.write(formatModel({ schema: this.schema, trails }));
      await this.#sink.finish();
    } catch (error) {
      await this.#sink.abort();
      throw error;
    }
    return { ...statsOf(trails), byteLength: this.#sink.byteLength };
  }

  async abort(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    await this.#sink.abort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  #take(events: readonly (ModelEvent & { readonly hex: string })[]): void {
    for (const { hex, timestamp, values } of events) {
      const trail = this.#trails.get(hex) ?? [];
      this.#trails.set(hex, trail);
      trail.push({ timestamp, values });
    }
  }
}

function checkEvent(
  writer: StoreWriter,
  trailKey: Uint8Array,
  timestamp: number,
  values: readonly (Uint8Array | null)[],
  finished: boolean,
): ModelEvent & { readonly hex: string } {
  if (finished) {
    throw new CairnError("immutable", "Cannot add: the store is finished");
  }
  const { min, max } = MODEL_CAPABILITIES.trailKeyBytes;
  if (trailKey.length < min || trailKey.length > max) {
    throw new CairnError(
      "invalid-input",
      `Cannot add event: a trail key of ${trailKey.length} bytes, ${min} to ${max} wanted`,
    );
  }
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new CairnError(
      "invalid-input",
      `Cannot add event: timestamp ${timestamp}, an integer from 0 to 2^53 - 1 wanted`,
    );
  }
  if (values.length !== writer.schema.fields.length) {
    throw new CairnError(
      "invalid-input",
      `Cannot add event: ${values.length} values, ${writer.schema.fields.length} wanted`,
    );
  }
  return {
    hex: formatHex(trailKey),
    timestamp,
    values: values.map((value) =>
      value === null || value.length === 0 ? null : value.slice()
    ),
  };
}
