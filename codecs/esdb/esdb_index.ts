/**
 * Secondary indexes behind the contract.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  BitmapBuilder,
  compareBytes,
  type Condition,
  encodeText,
  getField,
  type Index,
  type IndexField,
  parseInteger,
  type Postings,
  type Schema,
  SharedLoad,
  type Term,
  throwIfAborted,
  type ValueCount,
  type ValuesOptions,
} from "@cairn/core";
import { type Esdb, partsOf } from "./esdb.ts";
import { NAME_COLON, NAME_POSTINGS } from "./layout.ts";
import { eachSectionTable } from "./section_scan.ts";

/** The values of an indexed field, in bytewise order, and the trails of each. */
interface FieldValues {
  readonly values: readonly Uint8Array[];
  readonly trails: readonly Bitmap[];
}

/**
 * Which trails have a value, from the names of posting sections: exact, for
 * every value of an indexed field has one.
 *
 * The first question about a field reads the section table of every space;
 * the answer is kept.
 */
export class EsdbIndex implements Index {
  /** The indexed fields, in schema order. */
  readonly fields: readonly IndexField[];
  /** Trail keys have one part. */
  readonly keyParts: readonly string[] = ["key"];
  readonly #esdb: Esdb;
  readonly #loaded = new Map<string, SharedLoad<FieldValues>>();

  /** Makes an index. @param indexed Names of the indexed fields. */
  constructor(esdb: Esdb, schema: Schema, indexed: readonly string[]) {
    this.#esdb = esdb;
    this.fields = [...indexed]
      .sort((a, b) => getField(schema, a) - getField(schema, b))
      .map((name) => ({ name, kind: "set", of: "string", quantum: "" }));
  }

  /** All trails. */
  async all(options: AbortOptions = {}): Promise<Bitmap> {
    this.#assertOpen(options);
    return Bitmap.range(0, await this.#trailCount(options));
  }

  /** Finds trails. See {@linkcode Index.trails}. */
  async trails(
    term: Term,
    options: AbortOptions = {},
  ): Promise<Postings | undefined> {
    this.#assertOpen(options);
    if (!this.#keeps(term.field)) return undefined;
    const { values, trails } = await this.#load(term.field, options);
    const test = valueTest(term.condition);
    let bitmap = Bitmap.empty;
    const many = new BitmapBuilder();
    let count = 0;
    for (let i = 0; i < values.length; i++) {
      if (!test(values[i]!)) continue;
      // One set is given as it is; many are joined at once.
      if (count++ === 0) bitmap = trails[i]!;
      else for (const ordinal of trails[i]!) many.add(ordinal);
    }
    return {
      bitmap: count > 1 ? bitmap.or(many.finish()) : bitmap,
      // Sections do not say when; a superset then.
      exact: term.period === undefined,
    };
  }

  /** Lists values. See {@linkcode Index.values}. */
  values(
    field: string,
    options: ValuesOptions = {},
  ): AsyncIterableIterator<ValueCount> | undefined {
    if (
      !this.#keeps(field) || options.period !== undefined ||
      options.sum !== undefined
    ) return undefined;
    return this.#values(field, options);
  }

  async *#values(
    field: string,
    options: ValuesOptions,
  ): AsyncGenerator<ValueCount, void, undefined> {
    this.#assertOpen(options);
    const { values, trails } = await this.#load(field, options);
    let left = options.limit ?? Infinity;
    for (let i = 0; i < values.length && left > 0; i++) {
      const bitmap = options.trails === undefined
        ? trails[i]!
        : trails[i]!.and(options.trails);
      const count = bitmap.count();
      if (count === 0) continue;
      left--;
      yield { value: values[i]!, count };
    }
  }

  #assertOpen(options: AbortOptions): void {
    partsOf(this.#esdb).assertOpen();
    throwIfAborted(options.signal);
  }

  #keeps(field: string): boolean {
    return this.fields.some(({ name }) => name === field);
  }

  #load(field: string, options: AbortOptions): Promise<FieldValues> {
    let loaded = this.#loaded.get(field);
    if (loaded === undefined) {
      loaded = new SharedLoad((options) => this.#read(field, options));
      this.#loaded.set(field, loaded);
    }
    return loaded.get(options);
  }

  async #read(field: string, options: AbortOptions): Promise<FieldValues> {
    const name = encodeText(field);
    const prefix = new Uint8Array(name.length + 2);
    prefix[0] = NAME_POSTINGS;
    prefix.set(name, 1);
    prefix[name.length + 1] = NAME_COLON;
    const builders = new Map<string, BitmapBuilder>();
    const scan = eachSectionTable(this.#esdb, options);
    for await (const { ordinal, sections } of scan) {
      const { bytes, starts, ends } = sections.names;
      for (let row = sections.lowerBound(prefix); row < sections.count; row++) {
        const start = starts[row]!;
        const end = ends[row]!;
        if (!startsWith(bytes, start, end, prefix)) break;
        let value = "";
        for (let i = start + prefix.length; i < end; i++) {
          value += String.fromCharCode(bytes[i]!);
        }
        let builder = builders.get(value);
        if (builder === undefined) {
          builder = new BitmapBuilder();
          builders.set(value, builder);
        }
        builder.add(ordinal);
      }
    }
    const sorted = [...builders].map(([value, builder]) => ({
      value: Uint8Array.from(value, (c) => c.charCodeAt(0)),
      trails: builder.finish(),
    })).sort((a, b) => compareBytes(a.value, b.value));
    return {
      values: sorted.map(({ value }) => value),
      trails: sorted.map(({ trails }) => trails),
    };
  }

  async #trailCount(options: AbortOptions): Promise<number> {
    const { manifest } = this.#esdb;
    if (manifest !== undefined) return manifest.stats.trails;
    const starts = await partsOf(this.#esdb).directory.blockStarts(options);
    return starts[starts.length - 1]!;
  }
}

function valueTest(
  condition: Condition | undefined,
): (value: Uint8Array) => boolean {
  if (condition === undefined) return () => true;
  switch (condition.kind) {
    case "in":
      return (value) =>
        condition.values.some((other) => compareBytes(value, other) === 0);
    case "between": {
      const { low, high } = condition;
      return (value) => {
        const number = parseInteger(value);
        return number !== undefined && number >= low && number <= high;
      };
    }
    case "prefix": {
      const { prefix } = condition;
      return (value) => startsWith(value, 0, value.length, prefix);
    }
    case "test":
      return condition.test;
  }
}

function startsWith(
  bytes: Uint8Array,
  start: number,
  end: number,
  prefix: Uint8Array,
): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) {
    if (bytes[start + i] !== prefix[i]) return false;
  }
  return true;
}
