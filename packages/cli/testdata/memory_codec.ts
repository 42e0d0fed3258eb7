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
  decodeText,
  encodeText,
  findField,
  type Finding,
  formatHex,
  type InputBatch,
  MemoryStore,
  parseHex,
  type Schema,
  type Sink,
  spanValue,
  type Store,
  type StoreWriter,
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
    return new JsonStore(content);
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
    return { ...await new JsonStore(content).stats(), byteLength };
  }

  abort() {
    return this.#sink.abort();
  }

  [Symbol.asyncDispose]() {
    return this.abort();
  }
}

/** Finds times below 0, so that `verify` has something to say. */
class JsonStore extends MemoryStore {
  readonly #trails: Content["trails"];

  constructor(content: Content) {
    super({
      codec: "memory",
      schema: { fields: content.fields },
      trails: content.trails.map(([key, events]) => ({
        key: parseHex(key),
        events: events.map(([timestamp, values]) => ({
          timestamp,
          values: values.map((hex) => hex === null ? null : parseHex(hex)),
        })),
      })),
    });
    this.#trails = content.trails;
  }

  override async *verify(): AsyncGenerator<Finding> {
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
}
