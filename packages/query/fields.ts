/**
 * What a query can name over a store, and who can answer for it.
 *
 * @module
 */
import {
  CairnError,
  type Field,
  findField,
  type Index,
  type IndexField,
  type Store,
  type TimeUnit,
} from "@cairn/core";
import type { QuerySchema } from "./binder.ts";
import type { FieldView } from "./view.ts";

/** Name of the counter of a trail's events, which every store of events has. */
export const EVENTS_FIELD = ".events";

/** A counter made of a field's values. */
export interface CounterSpec {
  /** The field to sum; text that is no unsigned number adds nothing. */
  readonly sum: string;
}

/** An index under a name for explanations. */
export interface NamedIndex {
  /** Its name. */
  readonly name: string;
  /** The index; its ordinals are those of the store. */
  readonly index: Index;
}

/** Where a scan finds a field. */
export type ScanSource =
  /** In the values of a field of the store. */
  | { readonly kind: "field"; readonly field: string }
  /** In the number of events. */
  | { readonly kind: "events" };

/** An index that keeps a field. */
export interface IndexSource extends NamedIndex {
  /** How it keeps it. */
  readonly field: IndexField;
}

/** Who can answer for a field. */
interface FieldSources {
  readonly field: IndexField;
  readonly scan: ScanSource | undefined;
  readonly indexes: readonly IndexSource[];
}

/** What fields are, who answers for them, and what a period is. */
export class QueryFields {
  /** What a query can name. */
  readonly schema: QuerySchema;
  /** Unit of the store's times. */
  readonly timeUnit: TimeUnit;
  readonly #sources: ReadonlyMap<string, FieldSources>;

  /**
   * Works out the fields of a store.
   *
   * The store's fields come first, in its order, then declared counters, then
   * what only an index has. A field of the store is a set of its values, or
   * what an index says it is.
   *
   * @param store The store.
   * @param indexes Indexes that may answer, the best first.
   * @param counters Counters by name.
   * @param timeUnit Unit of the store's times, if the caller knows it.
   * @throws {CairnError} `not-found` when a counter sums an unknown field.
   */
  constructor(
    store: Store,
    indexes: readonly NamedIndex[],
    counters: Readonly<Record<string, CounterSpec>>,
    timeUnit: TimeUnit | undefined,
  ) {
    const first = indexes[0]?.index;
    const isRowsOnly = indexes.some(({ index }) => index.rowsOnly === true);
    this.timeUnit = timeUnit ??
      indexes.find(({ index }) => index.timeUnit)?.index.timeUnit ?? "s";
    const sources = new Map<string, FieldSources>();
    const add = (
      name: string,
      declared: IndexField | undefined,
      scan: ScanSource | undefined,
      type?: Field["type"],
    ): void => {
      const having = indexes.flatMap(({ name: indexName, index }) =>
        index.fields.filter((field) => field.name === name)
          .map((field): IndexSource => ({ name: indexName, index, field }))
      );
      const field = declared ?? toQueryField(name, having[0]?.field, type);
      sources.set(name, {
        field: { ...field, quantum: scan ? "YMD" : field.quantum },
        scan,
        indexes: having.filter((source) => isUsable(field, source.field)),
      });
    };
    if (!isRowsOnly) {
      for (const { name, type } of store.schema.fields) {
        add(name, undefined, { kind: "field", field: name }, type);
      }
      for (const [name, { sum }] of Object.entries(counters)) {
        if (findField(store.schema, sum) < 0) {
          throw new CairnError(
            "not-found",
            `Cannot declare counter "${name}": there is no field "${sum}"`,
          );
        }
        add(name, counterField(name), { kind: "field", field: sum });
      }
      add(EVENTS_FIELD, counterField(EVENTS_FIELD), { kind: "events" });
    }
    for (const { index } of indexes) {
      for (const field of index.fields) {
        if (!sources.has(field.name)) add(field.name, undefined, undefined);
      }
    }
    this.#sources = sources;
    this.schema = {
      fields: [...sources.values()].map(({ field }) => field),
      keyParts: first?.keyParts ?? ["key"],
      ...(first?.keyType === undefined ? {} : { keyType: first.keyType }),
    };
  }

  /** Gives the place where a scan finds a field; `undefined` if it cannot. */
  scanSource({ field }: FieldView): ScanSource | undefined {
    return this.#sources.get(field.name)?.scan;
  }

  /** Gives the indexes that keep a view, the best first. @param view Which. */
  indexSources({ field, period }: FieldView): readonly IndexSource[] {
    const depth = period === undefined
      ? 0
      : period.day !== undefined
      ? 3
      : period.month !== undefined
      ? 2
      : 1;
    const indexes = this.#sources.get(field.name)?.indexes ?? [];
    return indexes.filter((source) =>
      depth === 0 ||
      (source.field.quantum.length >= depth &&
        (source.index.timeUnit ?? this.timeUnit) === this.timeUnit)
    );
  }
}

function counterField(name: string): IndexField {
  return { name, kind: "counter", of: "uint", quantum: "" };
}

/** A field of a store is a set, unless an index says otherwise. */
function toQueryField(
  name: string,
  known: IndexField | undefined,
  type: Field["type"] | undefined,
): IndexField {
  const field: IndexField = known ??
    { name, kind: "set", of: "string", quantum: "" };
  return type === "integer" && field.kind === "set"
    ? { ...field, of: "uint" }
    : field;
}

/** Whether an index keeps what the query means by the name. */
function isUsable(field: IndexField, kept: IndexField): boolean {
  return field.kind === kept.kind &&
    (field.of === kept.of || (field.of === "uint" && kept.of === "string"));
}
