/**
 * An index over the rows model, for tests; it can be told to know less.
 *
 * @module
 */
import {
  Bitmap,
  type Condition,
  type CounterIndex,
  type CounterOptions,
  decodeText,
  encodeText,
  equalBytes,
  type Index,
  type IndexField,
  parseInteger,
  type Period,
  type Postings,
  type Term,
  type TrailsOptions,
  type ValueCount,
  type ValuesOfOptions,
  type ValuesOptions,
} from "@cairn/core";
import type { QueryValue } from "../answer.ts";
import {
  type Cell,
  type RowsModel,
  sortValues,
  valueKey,
} from "./rows_model.ts";

/** What the index does not know. */
export interface ModelIndexOptions {
  /** Fields that it keeps; all if left out. */
  readonly fields?: readonly string[];
  /** Tells of which terms it gives a superset. */
  readonly isLoose?: (term: Term) => boolean;
  /** Tells which terms it cannot answer. */
  readonly isUnknown?: (term: Term) => boolean;
  /** Leave out what is optional. */
  readonly isMinimal?: boolean;
  /** The store has nothing else. */
  readonly rowsOnly?: boolean;
}

/** Answers by looking at every row. */
export class ModelIndex implements Index {
  readonly fields: readonly IndexField[];
  readonly keyParts: readonly string[];
  readonly keyType: "bytes" | "uint";
  readonly rowsOnly: boolean;
  readonly counters?: CounterIndex;
  readonly valuesOf?: NonNullable<Index["valuesOf"]>;
  readonly values?: NonNullable<Index["values"]>;
  /** Terms that were asked, for tests of planning. */
  readonly asked: Term[] = [];
  readonly #model: RowsModel;
  readonly #options: ModelIndexOptions;

  constructor(model: RowsModel, options: ModelIndexOptions = {}) {
    this.#model = model;
    this.#options = options;
    this.keyParts = model.keyParts;
    this.keyType = model.keyType;
    this.rowsOnly = options.rowsOnly ?? false;
    this.fields = model.fields.filter(({ name }) =>
      options.fields?.includes(name) ?? true
    );
    if (options.isMinimal) return;
    this.valuesOf = (field, trails, more) =>
      this.#valuesOf(field, trails, more);
    this.values = (field, more) => this.#values(field, more);
    this.counters = {
      sum: (field, more) => Promise.resolve(this.#sum(field, more)),
      min: (field, more) => Promise.resolve(this.#extreme(field, -1, more)),
      max: (field, more) => Promise.resolve(this.#extreme(field, 1, more)),
      top: (field, count, more) => {
        const all = this.#totals(field, more).sort((a, b) =>
          a.value < b.value ? 1 : a.value > b.value ? -1 : a.trail - b.trail
        );
        return Promise.resolve(all.slice(0, count));
      },
      totals: (field, trails, more) =>
        Promise.resolve(
          trails.map((trail) => this.#cell(trail, field, more?.period)?.total),
        ),
    };
  }

  all(): Promise<Bitmap> {
    return Promise.resolve(Bitmap.range(0, this.#model.rows.length));
  }

  trails(
    term: Term,
    options: TrailsOptions = {},
  ): Promise<Postings | undefined> {
    this.asked.push(term);
    const { isLoose, isUnknown } = this.#options;
    if (isUnknown?.(term)) return Promise.resolve(undefined);
    const exact = !isLoose?.(term);
    const field = this.#field(term.field);
    const trails: number[] = [];
    this.#model.rows.forEach((_, trail) => {
      // What nobody will look at may be there or not: here every third is.
      if (options.within && !options.within.has(trail)) {
        if (trail % 3 === 0) trails.push(trail);
        return;
      }
      const cell = this.#cell(trail, term.field, term.period);
      const holds = cell !== undefined &&
        (term.condition === undefined ||
          valuesOfCell(field, cell).some((v) => holdsOf(term.condition!, v)));
      if (holds || (!exact && trail % 2 === 0)) trails.push(trail);
    });
    return Promise.resolve({ bitmap: Bitmap.from(trails), exact });
  }

  #field(name: string): IndexField {
    return this.fields.find((field) => field.name === name)!;
  }

  #cell(
    trail: number,
    field: string,
    period: Period | undefined,
  ): Cell | undefined {
    return this.#model.rows[trail]!.cell(field, period);
  }

  async *#values(
    name: string,
    { period, trails, sum, limit = Infinity }: ValuesOptions = {},
  ): AsyncIterableIterator<ValueCount> {
    const field = this.#field(name);
    const groups = new Map<string, { count: number; sum: bigint }>();
    const values: QueryValue[] = [];
    for (let trail = 0; trail < this.#model.rows.length; trail++) {
      if (trails && !trails.has(trail)) continue;
      const cell = this.#cell(trail, name, period);
      if (cell === undefined) continue;
      for (const value of valuesOfCell(field, cell)) {
        values.push(value);
        const group = groups.get(valueKey(value)) ?? { count: 0, sum: 0n };
        group.count++;
        if (sum) {
          group.sum += this.#cell(trail, sum.field, sum.period)?.total ?? 0n;
        }
        groups.set(valueKey(value), group);
      }
    }
    for (const value of sortValues(values).slice(0, limit)) {
      const group = groups.get(valueKey(value))!;
      yield { value, count: group.count, ...(sum ? { sum: group.sum } : {}) };
    }
  }

  #valuesOf(
    field: string,
    trails: readonly number[],
    options: ValuesOfOptions = {},
  ): Promise<(readonly QueryValue[])[]> {
    return Promise.resolve(
      trails.map((trail) =>
        this.#cell(trail, field, options.period)?.values ?? []
      ),
    );
  }

  #totals(
    field: string,
    { period, trails }: CounterOptions = {},
  ): { trail: number; value: bigint }[] {
    return this.#model.rows.flatMap((_, trail) => {
      if (trails && !trails.has(trail)) return [];
      const cell = this.#cell(trail, field, period);
      return cell === undefined ? [] : [{ trail, value: cell.total }];
    });
  }

  #sum(
    field: string,
    options?: CounterOptions,
  ): { sum: bigint; count: number } {
    const totals = this.#totals(field, options);
    return {
      sum: totals.reduce((sum, { value }) => sum + value, 0n),
      count: totals.length,
    };
  }

  #extreme(
    field: string,
    sign: number,
    options?: CounterOptions,
  ): { value: bigint | undefined; count: number } {
    const values = this.#totals(field, options).map(({ value }) => value)
      .sort((a, b) => a < b ? -sign : a > b ? sign : 0);
    const value = values.at(-1);
    return { value, count: values.filter((v) => v === value).length };
  }
}

function valuesOfCell(field: IndexField, cell: Cell): readonly QueryValue[] {
  return field.kind === "counter" ? [cell.total] : cell.values;
}

function holdsOf(condition: Condition, value: QueryValue): boolean {
  const bytes = typeof value === "bigint" ? encodeText(`${value}`) : value;
  switch (condition.kind) {
    case "in":
      return condition.values.some((wanted) => equalBytes(wanted, bytes));
    case "between": {
      const number = parseInteger(bytes);
      return number !== undefined && number >= condition.low &&
        number <= condition.high;
    }
    case "prefix":
      return condition.prefix.every((byte, i) => bytes[i] === byte);
    case "test":
      return condition.test(bytes) && holdsGrams(condition.grams, bytes);
  }
}

/** A wrong condition on grams would lose matches, so the model insists on it. */
function holdsGrams(
  grams: (Condition & { kind: "test" })["grams"],
  bytes: Uint8Array,
): boolean {
  switch (grams.kind) {
    case "any":
      return true;
    case "gram":
      return decodeText(bytes)?.includes(grams.gram) ?? false;
    case "all":
      return grams.of.every((part) => holdsGrams(part, bytes));
    case "some":
      return grams.of.some((part) => holdsGrams(part, bytes));
  }
}
