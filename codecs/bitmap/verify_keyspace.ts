/**
 * The checks of one keyspace: how its bitmaps and dictionaries fit together.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  type Finding,
  throwIfAborted,
} from "@cairn/core";
import { asFinding } from "./_as_finding.ts";
import type { ChunkReader } from "./chunk_store.ts";
import { KeyspaceReader } from "./keyspace_reader.ts";
import type { KeyspaceRecords } from "./keyspace_records.ts";
import { KIND } from "./layout.ts";
import { slotText, slotToBigint } from "./slot.ts";
import { verifyRows } from "./verify_rows.ts";
import { verifyValues } from "./verify_values.ts";
import type { NamedField } from "./verify_names.ts";
import { viewName } from "./view_name.ts";

/** Slots that a field of strings may use; `undefined` where any will do. */
type KnownSlots = ReadonlySet<string> | undefined;

/**
 * Checks existence, presence, values, views and dictionaries of a keyspace.
 *
 * @param reader All keys.
 * @param records The keyspace.
 * @param views Fields and views that have bitmaps, by name.
 */
export async function* verifyKeyspace(
  reader: ChunkReader,
  records: KeyspaceRecords,
  views: ReadonlyMap<string, NamedField>,
  options: AbortOptions,
): AsyncGenerator<Finding, void, undefined> {
  const checks = new KeyspaceChecks(reader, records, views, options);
  for (const check of checks.all()) {
    try {
      for await (const detail of check) {
        yield {
          severity: "corrupt",
          detail: `Keyspace "${records.schema.name}": ${detail}`,
          where: { file: reader.name, part: "keyspace" },
        };
      }
    } catch (error) {
      yield asFinding(error);
    }
  }
}

class KeyspaceChecks {
  readonly #keyspace: KeyspaceReader;
  readonly #views: ReadonlyMap<string, NamedField>;
  readonly #options: AbortOptions;
  readonly #slots = new Map<string, Set<string>>();

  constructor(
    reader: ChunkReader,
    records: KeyspaceRecords,
    views: ReadonlyMap<string, NamedField>,
    options: AbortOptions,
  ) {
    this.#keyspace = new KeyspaceReader(reader, records, { cacheBytes: 0 });
    this.#views = views;
    this.#options = options;
  }

  /** Each check, with sentences of what is wrong. */
  *all(): Generator<AsyncIterable<string>> {
    yield this.#existence();
    yield verifyRows(this.#keyspace, this.#options);
    for (const field of this.#keyspace.schema.fields) {
      if (field.type !== "set" || field.of !== "string") continue;
      const slots = new Set<string>();
      this.#slots.set(field.name, slots);
      yield verifyValues(this.#keyspace, { field, slots }, this.#options);
    }
    for (const [name, named] of this.#views) yield this.#view(name, named);
    for (const [name, named] of this.#views) yield this.#children(name, named);
    for (const [name, named] of this.#views) yield this.#parent(name, named);
  }

  async *#existence(): AsyncGenerator<string, void, undefined> {
    const { state } = this.#keyspace;
    const all = await this.#keyspace.all(this.#options);
    if (all.count() !== state.rows) {
      yield `${all.count()} rows, ${state.rows} in the state`;
    }
  }

  /** Presence covers slices and values; values make up presence. */
  async *#view(
    name: string,
    { field }: NamedField,
  ): AsyncGenerator<string, void, undefined> {
    throwIfAborted(this.#options.signal);
    const { bitmap: presence } = await this.#keyspace.presence(
      name,
      this.#options,
    );
    // That existence covers it was checked in reading: other rows have no ordinal.
    if (field.type === "counter" && field.encoding === "bitslice") {
      const { slices } = await this.#keyspace.slices(name, this.#options);
      for (const [i, slice] of slices.entries()) {
        if (!slice.andNot(presence).isEmpty) {
          yield `slice ${i} of "${name}" has rows without an event`;
        }
      }
      return;
    }
    if (field.type === "flag") return;
    const known: KnownSlots = this.#slots.get(field.name);
    const seen: Bitmap[] = [];
    let members = 0;
    const scan = this.#keyspace.bitmaps(KIND.equality, name, this.#options);
    for await (const { slot, bitmap } of scan) {
      seen.push(bitmap);
      members += bitmap.count();
      if (known !== undefined && !known.has(slotText(slot))) {
        yield `"${name}" has a value that is not in the dictionary`;
      }
    }
    const union = Bitmap.union(seen);
    if (!union.equals(presence)) {
      yield `the values of "${name}" do not make up its rows`;
    }
    if (field.type === "counter" && members !== union.count()) {
      yield `a row of "${name}" has two totals`;
    }
  }

  /** The views of the next level make up this one. */
  async *#children(
    name: string,
    { field, period }: NamedField,
  ): AsyncGenerator<string, void, undefined> {
    const level = period === undefined
      ? 0
      : period.month === undefined
      ? 1
      : period.day === undefined
      ? 2
      : 3;
    if (level >= field.quantum.length) return;
    const children = [...this.#views].filter(([child, named]) =>
      named.field === field && parentName(child, named) === name
    ).map(([child]) => child);
    let union: Bitmap = Bitmap.empty;
    let total: readonly Bitmap[] = [];
    for (const child of children) {
      const presence = await this.#keyspace.presence(child, this.#options);
      union = union.or(presence.bitmap);
      if (field.type === "counter") {
        total = addSlices(total, await this.#slices(child, field.encoding));
      }
    }
    const whole = await this.#keyspace.presence(name, this.#options);
    if (!union.equals(whole.bitmap)) {
      yield `the views of "${name}" do not make up its rows`;
    }
    if (field.type !== "counter") return;
    const wanted = await this.#slices(name, field.encoding);
    const count = Math.max(wanted.length, total.length);
    for (let i = 0; i < count; i++) {
      const one = wanted[i] ?? Bitmap.empty;
      if (!one.equals(total[i] ?? Bitmap.empty)) {
        yield `the views of "${name}" do not add up to its totals`;
        return;
      }
    }
  }

  /** A view's parent must be there at all; its rows are then compared above. */
  async *#parent(
    name: string,
    named: NamedField,
  ): AsyncGenerator<string, void, undefined> {
    const parent = parentName(name, named);
    if (parent !== undefined && !this.#views.has(parent)) {
      yield await Promise.resolve(
        `"${name}" has rows and "${parent}" has none`,
      );
    }
  }

  async #slices(
    name: string,
    encoding: "bitslice" | "equality",
  ): Promise<readonly Bitmap[]> {
    if (encoding === "bitslice") {
      return (await this.#keyspace.slices(name, this.#options)).slices;
    }
    const slices: Bitmap[] = [];
    const scan = this.#keyspace.bitmaps(KIND.equality, name, this.#options);
    for await (const { slot, bitmap } of scan) {
      let left = slotToBigint(slot);
      for (let i = 0; left > 0n; i++, left >>= 1n) {
        if ((left & 1n) === 1n) {
          slices[i] = (slices[i] ?? Bitmap.empty).or(bitmap);
        } else slices[i] ??= Bitmap.empty;
      }
    }
    return slices;
  }
}

/** Name of the view that a view is part of. */
function parentName(
  _name: string,
  { field, period }: NamedField,
): string | undefined {
  if (period === undefined) return undefined;
  const { year, month, day } = period;
  if (month === undefined) return field.name;
  return viewName(field, day === undefined ? { year } : { year, month });
}

/** Adds the totals of all rows at once, digit by digit. */
function addSlices(
  a: readonly Bitmap[],
  b: readonly Bitmap[],
): readonly Bitmap[] {
  const sum: Bitmap[] = [];
  let carry: Bitmap = Bitmap.empty;
  for (let i = 0; i < Math.max(a.length, b.length) || !carry.isEmpty; i++) {
    const x = a[i] ?? Bitmap.empty;
    const y = b[i] ?? Bitmap.empty;
    const half = x.xor(y);
    sum.push(half.xor(carry));
    carry = x.and(y).or(carry.and(half));
  }
  return sum;
}
