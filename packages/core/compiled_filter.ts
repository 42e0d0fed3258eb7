/**
 * A filter bound to a store's schema and lexicons: the form that codecs run.
 *
 * @module
 */
import { equalBytes } from "./bytes.ts";
import { type Column, columnValue } from "./column.ts";
import type { Filter, FilterTerm, TestTerm } from "./filter.ts";
import type { Lexicon } from "./lexicon.ts";
import { findField, type Schema } from "./schema.ts";

/** A term over one field, with the value ids it accepts where ids exist. */
export interface CompiledFieldTerm {
  /** Tells terms apart. */
  readonly kind: "field";
  /** Ordinal of the field in the schema. */
  readonly field: number;
  /**
   * One byte for each id of the lexicon, 1 where the term holds; `undefined`
   * where the field has no lexicon.
   */
  readonly accepts: Uint8Array | undefined;
  /** The single id that the term wants (or, negated, does not want), if it is so simple. */
  readonly single:
    | { readonly id: number; readonly negated: boolean }
    | undefined;
  /** The test on bytes. */
  readonly test: (value: Uint8Array | null) => boolean;
}

/** A term over the time. */
export interface CompiledTimeTerm {
  /** Tells terms apart. */
  readonly kind: "time";
  /** First time that matches. */
  readonly from: number;
  /** First time behind that does not. */
  readonly to: number;
}

/** One condition, compiled. */
export type CompiledTerm = CompiledFieldTerm | CompiledTimeTerm;

/** A filter that fits one store. */
export interface CompiledFilter {
  /**
   * What is known without looking at events: `all` and `none` need no
   * decoding; `some` must be asked event by event.
   */
  readonly verdict: "all" | "none" | "some";
  /** The clauses that are left; empty unless the verdict is `some`. */
  readonly clauses: readonly (readonly CompiledTerm[])[];
  /** Ordinals of the fields that must be decoded to decide, ascending. */
  readonly fields: readonly number[];
}

/**
 * Binds a filter to a store.
 *
 * Unknown fields and values are settled here: a positive term on them is
 * dropped, a negated one makes its clause true.
 *
 * @param filter What to keep.
 * @param schema The store's fields.
 * @param lexicons The loaded lexicon of each field by ordinal, or `undefined`
 * where the codec has none. Only fields that the filter names are looked at.
 * @returns The form that codecs run.
 */
export function compileFilter(
  filter: Filter,
  schema: Schema,
  lexicons: readonly (Lexicon | undefined)[],
): CompiledFilter {
  const clauses: CompiledTerm[][] = [];
  const fields = new Set<number>();
  for (const clause of filter.clauses) {
    const terms: CompiledTerm[] = [];
    let holds = false;
    for (const term of clause) {
      const compiled = compileTerm(term, schema, lexicons);
      if (compiled === true) holds = true;
      else if (compiled !== false) terms.push(compiled);
    }
    if (holds) continue;
    if (terms.length === 0) return { verdict: "none", clauses: [], fields: [] };
    clauses.push(terms);
  }
  for (const term of clauses.flat()) {
    if (term.kind === "field") fields.add(term.field);
  }
  return {
    verdict: clauses.length === 0 ? "all" : "some",
    clauses,
    fields: [...fields].sort((a, b) => a - b),
  };
}

/** Names of the fields that a filter looks at, each once. @param filter Any. */
export function filterFields(filter: Filter): string[] {
  const names = new Set<string>();
  for (const term of filter.clauses.flat()) {
    if (term.kind !== "time") names.add(term.field);
  }
  return [...names];
}

/**
 * Tells which rows match: the plain way, correct for every codec.
 *
 * @param filter With verdict `some`.
 * @param columns By field ordinal; those that `filter.fields` names must be there.
 * @param timestamps A time for each row.
 * @param count How many rows.
 * @returns The rows that match, ascending; a copy.
 */
export function selectRows(
  filter: CompiledFilter,
  columns: readonly (Column | undefined)[],
  timestamps: Float64Array,
  count: number,
): Uint32Array {
  const rows = new Uint32Array(count);
  let kept = 0;
  for (let row = 0; row < count; row++) {
    if (matches(filter, columns, timestamps[row]!, row)) rows[kept++] = row;
  }
  return rows.slice(0, kept);
}

function matches(
  filter: CompiledFilter,
  columns: readonly (Column | undefined)[],
  timestamp: number,
  row: number,
): boolean {
  for (const clause of filter.clauses) {
    let holds = false;
    for (const term of clause) {
      if (term.kind === "time") {
        holds = term.from <= timestamp && timestamp < term.to;
      } else {
        const column = columns[term.field]!;
        holds = column.kind === "ids" && term.accepts !== undefined
          ? term.accepts[column.ids[row]!] === 1
          : term.test(columnValue(column, row));
      }
      if (holds) break;
    }
    if (!holds) return false;
  }
  return true;
}

/** `true` and `false` where the answer is the same for every event. */
function compileTerm(
  term: FilterTerm,
  schema: Schema,
  lexicons: readonly (Lexicon | undefined)[],
): CompiledTerm | boolean {
  if (term.kind === "time") {
    return { kind: "time", from: term.from, to: term.to };
  }
  const field = findField(schema, term.field);
  if (field < 0) return term.kind === "equal" && term.negated;
  const lexicon = lexicons[field];
  const single = term.kind === "equal" && lexicon !== undefined
    ? lexicon.find(term.value ?? new Uint8Array(0))
    : undefined;
  if (term.kind === "equal") {
    const { value, negated } = term;
    if (lexicon !== undefined && single === undefined) return negated;
    const accepts = lexicon &&
      new Uint8Array(lexicon.size).fill(negated ? 1 : 0);
    if (accepts !== undefined) accepts[single!] = negated ? 0 : 1;
    return {
      kind: "field",
      field,
      accepts,
      single: single === undefined ? undefined : { id: single, negated },
      test: (other) => isValue(other, value) !== negated,
    };
  }
  const accepts = lexicon && acceptedIds(term, lexicon);
  if (accepts !== undefined && !accepts.includes(1)) return false;
  if (accepts !== undefined && !accepts.includes(0)) return true;
  return { kind: "field", field, accepts, single: undefined, test: term.test };
}

function acceptedIds(term: TestTerm, lexicon: Lexicon): Uint8Array {
  const accepts = new Uint8Array(lexicon.size);
  accepts[0] = term.test(null) ? 1 : 0;
  for (let id = 1; id < lexicon.size; id++) {
    accepts[id] = term.test(lexicon.value(id)) ? 1 : 0;
  }
  return accepts;
}

function isValue(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return equalBytes(a, b);
}
