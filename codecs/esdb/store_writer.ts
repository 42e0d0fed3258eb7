/**
 * Writing of stores through the contract.
 *
 * @module
 */
import {
  type AbortOptions,
  type ByteSpans,
  CairnError,
  encodeText,
  type InputBatch,
  type Schema,
  type Sink,
  type WriteSummary,
} from "@cairn/core";
import { BatchWriter, EventSorter } from "@cairn/core/sort";
import { CAPABILITIES } from "./capabilities.ts";
import type { EsdbCreateOptions } from "./create_options.ts";
import { encodeFields } from "./event_fields.ts";
import { NAME_COLON } from "./layout.ts";
import type { ManifestSchema } from "./manifest.ts";
import { appendBytes, appendUvarint, type Output } from "./_output.ts";
import { writeStore } from "./store_output.ts";

/** Writes stores of fields: they lie in the data of events. */
export class EsdbStoreWriter extends BatchWriter {
  readonly #sink: Sink;
  readonly #options: EsdbCreateOptions;
  readonly #layout: ManifestSchema;
  readonly #sorter: EventSorter;
  readonly #dataFields: readonly number[];
  readonly #groupingField: number;
  readonly #indexed: readonly { field: number; prefix: Uint8Array }[];
  readonly #records: Output = { bytes: new Uint8Array(65_536), byteLength: 0 };

  /** Begins a writer. @param layout The checked schema. */
  constructor(
    sink: Sink,
    schema: Schema,
    layout: ManifestSchema,
    options: EsdbCreateOptions,
  ) {
    super(CAPABILITIES, schema, options);
    this.#sink = sink;
    this.#options = options;
    this.#layout = layout;
    const names = schema.fields.map((field) => field.name);
    this.#groupingField = layout.grouping === undefined
      ? -1
      : names.indexOf(layout.grouping);
    this.#dataFields = names.map((_, field) => field).filter((field) =>
      field !== this.#groupingField
    );
    this.#indexed = (layout.indexed ?? []).map((name) => ({
      field: names.indexOf(name),
      prefix: encodeText(`${name}:`),
    }));
    this.#sorter = new EventSorter({
      columns: ["bytes"],
      ...(options.memoryBytes === undefined
        ? {}
        : { memoryBytes: options.memoryBytes }),
      ...(options.scratch === undefined ? {} : { scratch: options.scratch }),
    });
  }

  /** Refuses empty data, behind which Go reads nothing. */
  protected override checkRow(
    _trailKey: Uint8Array,
    _timestamp: number,
    values: readonly (Uint8Array | null)[],
  ): void {
    if (
      this.#refusesEmpty && (values[0] === null || values[0]!.length === 0)
    ) throw emptyData();
  }

  /** Refuses empty data, behind which Go reads nothing. */
  protected override checkBatch(batch: InputBatch): void {
    if (!this.#refusesEmpty) return;
    const { starts, ends } = batch.columns[0]!;
    for (let row = 0; row < batch.count; row++) {
      if (starts[row] === ends[row]) throw emptyData(row);
    }
  }

  /** Packs events into records and hands them to the sorter. */
  protected override takeBatch(batch: InputBatch): Promise<void> | undefined {
    const out = this.#records;
    out.byteLength = 0;
    const { count } = batch;
    const starts = new Uint32Array(count);
    const ends = new Uint32Array(count);
    const data = this.#dataFields.map((field) => batch.columns[field]!);
    const grouping = batch.columns[this.#groupingField];
    for (let row = 0; row < count; row++) {
      starts[row] = out.byteLength;
      if (grouping === undefined) appendUvarint(out, 0);
      else writeName(out, undefined, grouping, row);
      this.#writeKeys(out, batch, row);
      if (this.#layout.payload === "opaque") appendSpan(out, data[0]!, row);
      else encodeFields(out, data, row);
      ends[row] = out.byteLength;
    }
    return this.#sorter.add({
      count,
      trailKeys: batch.trailKeys,
      timestamps: batch.timestamps,
      columns: [{ bytes: out.bytes, starts, ends }],
    });
  }

  /** Writes the store. */
  protected override async writeStore(
    options: AbortOptions,
  ): Promise<WriteSummary> {
    const sorted = await this.#sorter.finish(options);
    const layout = this.#options.layout ?? "right-answers";
    const summary = await writeStore(this.#sink, sorted, {
      ...options,
      avoidGoFaults: layout === "right-answers",
      manifest: true,
      schema: this.#layout,
      flushed: new Map(),
    });
    await this.#sink.finish(options);
    return summary;
  }

  /** Frees everything. */
  protected override async discard(): Promise<void> {
    try {
      await this.#sink.abort();
    } finally {
      await this.#sorter[Symbol.asyncDispose]();
    }
  }

  get #refusesEmpty(): boolean {
    return this.#layout.payload === "opaque" &&
      this.#options.emptyData !== true;
  }

  #writeKeys(out: Output, batch: InputBatch, row: number): void {
    let count = 0;
    for (const { field } of this.#indexed) {
      const { starts, ends } = batch.columns[field]!;
      if (starts[row] !== ends[row]) count++;
    }
    appendUvarint(out, count);
    for (const { field, prefix } of this.#indexed) {
      const column = batch.columns[field]!;
      if (column.starts[row] !== column.ends[row]) {
        writeName(out, prefix, column, row);
      }
    }
  }
}

/**
 * Works out how fields lie in a store.
 *
 * @throws {CairnError} `invalid-input` when a field is not there, or its name
 * cannot be that of an index.
 */
export function layoutOf(
  schema: Schema,
  options: EsdbCreateOptions,
): ManifestSchema {
  const names = new Set(schema.fields.map((field) => field.name));
  const { grouping, indexed = [] } = options;
  for (
    const name of [...indexed, ...(grouping === undefined ? [] : [grouping])]
  ) {
    if (!names.has(name)) {
      throw new CairnError(
        "invalid-input",
        `Cannot create store: "${name}" is not one of its fields`,
      );
    }
  }
  for (const name of indexed) {
    if (name === grouping || encodeText(name).includes(NAME_COLON)) {
      throw new CairnError(
        "invalid-input",
        `Cannot index field "${name}": ${
          name === grouping ? "it is the grouping" : "its name has a colon"
        }`,
      );
    }
  }
  const [only] = schema.fields;
  const isOpaque = schema.fields.length === 1 && only!.name === "data" &&
    grouping === undefined;
  return {
    fields: schema.fields,
    payload: isOpaque ? "opaque" : "fields",
    grouping,
    indexed: options.indexed === undefined ? undefined : [...new Set(indexed)],
  };
}

function writeName(
  out: Output,
  prefix: Uint8Array | undefined,
  column: ByteSpans,
  row: number,
): void {
  const length = column.ends[row]! - column.starts[row]!;
  appendUvarint(out, (prefix?.length ?? 0) + length);
  if (prefix !== undefined) appendBytes(out, prefix);
  appendSpan(out, column, row);
}

function appendSpan(out: Output, column: ByteSpans, row: number): void {
  appendBytes(out, column.bytes, column.starts[row], column.ends[row]);
}

function emptyData(row?: number): CairnError {
  return new CairnError(
    "invalid-input",
    "Cannot add event: it has no data, behind which Go's reader finds nothing; the option emptyData allows it",
    row === undefined ? {} : { where: { line: row } },
  );
}
