/**
 * A plain codec for the tests of the command: JSON in a file, everything in
 * memory.
 *
 * @module
 */
import {
  CairnError,
  type Capabilities,
  type Codec,
  compareBytes,
  compileFilter,
  decodeText,
  encodeText,
  EventBatch,
  findField,
  type Finding,
  formatHex,
  getField,
  type InputBatch,
  packSpans,
  parseHex,
  type ScanOptions,
  type Schema,
  selectRows,
  type Sink,
  spanValue,
  type Store,
  type StoreStats,
  type StoreWriter,
  throwIfAborted,
} from "@cairn/core";

type Event = [time: number, values: (string | null)[]];
interface Content {
  readonly magic: "memory";
  readonly fields: Schema["fields"];
  readonly trails: [key: string, events: Event[]][];
}

const capabilities: Capabilities = {
  trailKeyBytes: { min: 1, max: 1000 },
  timestamps: { min: 0, max: Number.MAX_SAFE_INTEGER },
  fieldsMax: 100,
  fieldNames: { rule: "any text", allows: () => true },
  emptyEvents: true,
  columns: "bytes",
  cheapOrder: "ascending",
  index: false,
  fieldTypes: true,
  checksums: false,
  partialReads: false,
};

/**
 * The codec. Its option `shout` writes values in upper case; the key `refused`
 * is refused in batches.
 */
export const memoryCodec: Codec = {
  name: "memory",
  extensions: [".mem"],
  capabilities,
  detect: ({ head }) =>
    new TextDecoder().decode(head.subarray(0, 17)) === '{"magic":"memory"',
  create(sink, schema, options) {
    const shout = (options as { shout?: boolean } | undefined)?.shout === true;
    return Promise.resolve(new MemoryWriter(sink, schema, shout));
  },
  async open(source) {
    const text = decodeText(await source.read(0, source.size));
    await source.close();
    let content: Content | undefined;
    try {
      content = JSON.parse(text!);
    } catch { /* reported below */ }
    if (content?.magic !== "memory") {
      throw new CairnError("corrupt", "Cannot open store: no JSON", {
        where: { file: source.name, part: "content", offset: 0 },
      });
    }
    return new MemoryStore(content);
  },
};

class MemoryWriter implements StoreWriter {
  readonly #sink: Sink;
  readonly schema: Schema;
  readonly #shout: boolean;
  readonly #trails = new Map<string, Event[]>();

  constructor(sink: Sink, schema: Schema, shout: boolean) {
    this.#sink = sink;
    this.schema = schema;
    this.#shout = shout;
  }

  add(key: Uint8Array, time: number, values: readonly (Uint8Array | null)[]) {
    const name = formatHex(key);
    const text = (value: Uint8Array | null) =>
      value === null || value.length === 0 ? null : formatHex(
        this.#shout ? encodeText(decodeText(value)!.toUpperCase()) : value,
      );
    if (!this.#trails.has(name)) this.#trails.set(name, []);
    this.#trails.get(name)!.push([time, values.map(text)]);
    return undefined;
  }

  // deno-lint-ignore require-await -- the contract asks for a promise
  async addBatch(batch: InputBatch) {
    for (let row = 0; row < batch.count; row++) {
      if (decodeText(spanValue(batch.trailKeys, row)!) === "refused") {
        throw new CairnError("limit", "Cannot take key: it is refused", {
          where: { line: row },
        });
      }
    }
    for (let row = 0; row < batch.count; row++) {
      this.add(
        spanValue(batch.trailKeys, row)!,
        batch.timestamps[row]!,
        batch.columns.map((column) => spanValue(column, row)),
      );
    }
  }

  async append(store: Store, options = {}) {
    const fields = this.schema.fields.map((field) =>
      findField(store.schema, field.name)
    );
    for await (const batch of store.scan(options)) {
      for (const event of batch.events()) {
        const keys = await store.keys({
          start: event.trail,
          end: event.trail + 1,
        });
        this.add(
          spanValue(keys, 0)!,
          event.timestamp,
          fields.map((field) => field < 0 ? null : event.values[field]!),
        );
      }
    }
  }

  async finish() {
    const trails = [...this.#trails].sort(([a], [b]) => a < b ? -1 : 1);
    for (const [, events] of trails) events.sort((a, b) => a[0] - b[0]);
    const content: Content = {
      magic: "memory",
      fields: this.schema.fields,
      trails,
    };
    await this.#sink.write(encodeText(JSON.stringify(content)));
    const { byteLength } = this.#sink;
    await this.#sink.finish();
    return { ...await new MemoryStore(content).stats(), byteLength };
  }

  abort() {
    return this.#sink.abort();
  }

  [Symbol.asyncDispose]() {
    return this.abort();
  }
}

class MemoryStore implements Store {
  readonly codec = "memory";
  readonly schema: Schema;
  readonly #trails: Content["trails"];

  constructor(content: Content) {
    this.schema = { fields: content.fields };
    this.#trails = content.trails;
  }

  stats(): Promise<StoreStats> {
    const times = this.#trails.flatMap(([, events]) => events.map(([t]) => t));
    return Promise.resolve({
      trails: this.#trails.length,
      events: times.length,
      minTimestamp: times.length === 0 ? undefined : Math.min(...times),
      maxTimestamp: times.length === 0 ? undefined : Math.max(...times),
    });
  }

  find(key: Uint8Array) {
    const at = this.#trails.findIndex(([name]) =>
      compareBytes(parseHex(name), key) === 0
    );
    return Promise.resolve(at < 0 ? undefined : at);
  }

  keys({ start, end }: { start: number; end: number }) {
    return Promise.resolve(
      packSpans(this.#trails.slice(start, end).map(([key]) => parseHex(key))),
    );
  }

  lexicon(field: string) {
    getField(this.schema, field);
    return Promise.resolve(undefined);
  }

  async *scan(options: ScanOptions = {}): AsyncGenerator<EventBatch> {
    const { fields } = this.schema;
    const names = options.fields ?? fields.map((field) => field.name);
    const wanted = names.map((name) => getField(this.schema, name));
    const filter = options.filter &&
      compileFilter(options.filter, this.schema, []);
    for (let trail = 0; trail < this.#trails.length; trail++) {
      throwIfAborted(options.signal);
      if (!isWanted(options.trails, trail)) continue;
      let events = this.#trails[trail]![1];
      if (options.order === "descending") events = events.toReversed();
      const column = (field: number) => ({
        kind: "bytes" as const,
        ...packSpans(events.map(([, values]) => {
          const value = values[field]!;
          return value === null ? null : parseHex(value);
        })),
      });
      if (filter !== undefined && filter.verdict !== "all") {
        const all = fields.map((_, field) => column(field));
        const times = Float64Array.from(events, ([time]) => time);
        const rows = filter.verdict === "none"
          ? []
          : [...selectRows(filter, all, times, events.length)];
        events = rows.map((row) => events[row]!);
      }
      if (events.length === 0) continue;
      yield new EventBatch({
        trailOrdinals: Uint32Array.of(trail),
        trailOffsets: Uint32Array.of(0, events.length),
        timestamps: Float64Array.from(events, ([time]) => time),
        columns: wanted.map(column),
      });
    }
  }

  index() {
    return Promise.resolve(undefined);
  }

  async *verify(): AsyncGenerator<Finding> {
    for (const [key, events] of this.#trails) {
      if (events.some(([time]) => time < 0)) {
        yield await Promise.resolve({
          severity: "corrupt" as const,
          detail: `A time of trail ${key} is negative`,
          where: { part: "events", offset: 3 },
        });
      }
    }
  }

  close() {
    return Promise.resolve();
  }

  [Symbol.asyncDispose]() {
    return Promise.resolve();
  }
}

function isWanted(trails: ScanOptions["trails"], trail: number): boolean {
  if (trails === undefined) return true;
  return "has" in trails
    ? trails.has(trail)
    : trails.start <= trail && trail < trails.end;
}
