/**
 * A whole codec in one file: gzip of NDJSON, one event a line.
 *
 * The first line is `{"ndjson":1,"fields":[["name","type"],..]}`, each further
 * line `[key, time, [value, ..]]`, bytes in hex, no value `null`; lines are
 * sorted by key, then time. Explained in docs/write-a-codec.md.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  type Capabilities,
  type Codec,
  compareBytes,
  type CreateOptions,
  createSchema,
  encodeText,
  formatHex,
  type InputBatch,
  type MemoryEvent,
  MemoryStore,
  parseHex,
  type Schema,
  type Sink,
  spanValue,
  type WriteSummary,
} from "@cairn/core";
import { BatchWriter, EventSorter } from "@cairn/core/sort";
import { Gunzip, gzipSync } from "fflate";

const CAPABILITIES: Capabilities = {
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

/** Stores of gzip NDJSON. */
export const ndjsonCodec: Codec = {
  name: "ndjson",
  extensions: [".ndjson.gz"],
  capabilities: CAPABILITIES,
  detect: ({ head }) => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8,
  create: (sink, schema, options = {}) =>
    Promise.resolve(new NdjsonWriter(sink, schema, options)),
  async open(source, options) {
    try {
      const text = unpack(await source.read(0, source.size, options));
      return new MemoryStore({ codec: "ndjson", source, ...parse(text) });
    } catch (error) {
      await source.close();
      throw error instanceof CairnError ? error.within(source.name) : error;
    }
  },
};

class NdjsonWriter extends BatchWriter {
  readonly #sink: Sink;
  readonly #sorter: EventSorter;

  constructor(sink: Sink, schema: Schema, options: CreateOptions) {
    super(CAPABILITIES, schema, options);
    this.#sink = sink;
    this.#sorter = new EventSorter({
      ...options,
      columns: schema.fields.map(() => "bytes"),
    });
  }

  protected takeBatch(batch: InputBatch): Promise<void> | undefined {
    return this.#sorter.add(batch);
  }

  protected async writeStore(options: AbortOptions): Promise<WriteSummary> {
    const fields = this.schema.fields.map(({ name, type }) => [name, type]);
    const lines = [JSON.stringify({ ndjson: 1, fields })];
    await using sorted = await this.#sorter.finish(options);
    for await (
      const { trailKeys, trailOffsets, timestamps, columns } of sorted.scan(
        options,
      )
    ) {
      for (let trail = 0; trail + 1 < trailOffsets.length; trail++) {
        const key = toHex(spanValue(trailKeys, trail));
        for (
          let row = trailOffsets[trail]!;
          row < trailOffsets[trail + 1]!;
          row++
        ) {
          const values = columns.map((column) =>
            column instanceof Uint32Array ? null : toHex(spanValue(column, row))
          );
          lines.push(JSON.stringify([key, timestamps[row], values]));
        }
      }
    }
    await this.#sink.write(
      gzipSync(encodeText(`${lines.join("\n")}\n`), { mtime: 0 }),
    );
    await this.#sink.finish(options);
    return { ...sorted.stats, byteLength: this.#sink.byteLength };
  }

  protected async discard(): Promise<void> {
    await this.#sorter[Symbol.asyncDispose]();
    await this.#sink.abort();
  }
}

const toHex = (value: Uint8Array | null) => value && formatHex(value);

/** Gzip shrinks up to a thousandfold: a small file must not fill the memory. */
const UNPACKED_BYTES_MAX = 1 << 28;

function unpack(packed: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [text, byteLength, ended] = ["", 0, false];
  const gunzip = new Gunzip((chunk, final) => {
    byteLength += chunk.length;
    if (byteLength > UNPACKED_BYTES_MAX) {
      throw new CairnError(
        "limit",
        `Cannot open NDJSON: over ${UNPACKED_BYTES_MAX} bytes`,
      );
    }
    text += decoder.decode(chunk, { stream: !final });
    ended ||= final;
  });
  try {
    for (let at = 0; at < packed.length; at += 1 << 14) {
      const end = at + (1 << 14);
      gunzip.push(packed.subarray(at, end), end >= packed.length);
    }
  } catch (error) {
    throw error instanceof CairnError
      ? error
      : corrupt("gzip", 0, "it is damaged", error);
  }
  if (!ended) throw corrupt("gzip", packed.length, "it is cut");
  return text;
}

function parse(text: string) {
  const trails: { key: Uint8Array; events: MemoryEvent[] }[] = [];
  let offset = 0;
  try {
    const lines = text.split("\n");
    if (lines.pop() !== "") throw new Error("the last line is cut");
    const header = JSON.parse(lines.shift() ?? "");
    if (header.ndjson !== 1) throw new Error("no header of version 1");
    const schema = createSchema(
      header.fields.map(([name, type]: [string, "bytes"]) => ({ name, type })),
    );
    for (const line of lines) {
      offset += line.length + 1;
      const [hex, timestamp, values] = JSON.parse(line);
      const key = parseHex(hex);
      const last = trails.at(-1);
      const order = last === undefined ? -1 : compareBytes(last.key, key);
      const earliest = order === 0 ? last!.events.at(-1)!.timestamp : 0;
      if (
        key.length === 0 || order > 0 || !Number.isSafeInteger(timestamp) ||
        timestamp < earliest || values.length !== schema.fields.length
      ) throw new Error("an event is out of order or not whole");
      if (order !== 0) trails.push({ key, events: [] });
      const bytes = values.map((hex: string | null) =>
        hex ? parseHex(hex) : null
      );
      trails.at(-1)!.events.push({ timestamp, values: bytes });
    }
    return { schema, trails };
  } catch (error) {
    throw corrupt("lines", offset, "a line is not of this form", error);
  }
}

function corrupt(part: string, offset: number, why: string, cause?: unknown) {
  const where = { part, offset };
  return new CairnError("corrupt", `Cannot open NDJSON: ${why}`, {
    where,
    cause,
  });
}
