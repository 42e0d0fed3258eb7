/**
 * A query bound to a schema: names are fields, conditions are ready to run.
 *
 * @module
 */
import type { FieldView } from "./view.ts";
import type { ValueCondition } from "./value_condition.ts";

/** A slice: trails with an event of a field, or with a value that meets a condition. */
export interface BoundSlice {
  /** Tells nodes apart. */
  readonly op: "slice";
  /** The field and its period. */
  readonly view: FieldView;
  /** What a value must meet; having the field is enough if `undefined`. */
  readonly condition: ValueCondition | undefined;
  /** The slice as text; slices of the same text are the same. */
  readonly text: string;
}

/** An expression; `none` is the empty segment. */
export type BoundExpression =
  | BoundSlice
  | {
    readonly op: "and" | "or" | "xor";
    readonly args: readonly BoundExpression[];
  }
  | { readonly op: "not"; readonly arg: BoundExpression }
  | { readonly op: "all" | "none" }
  | { readonly op: "row"; readonly key: Uint8Array };

/** A field to return, or `undefined` for one that is treated as empty. */
export interface BoundColumn {
  /** The name as the query has it. */
  readonly name: string;
  /** What it is. */
  readonly view: FieldView | undefined;
}

/** A counter to sort by. */
export interface BoundOrder {
  /** The counter; `undefined` for one that is treated as empty. */
  readonly view: FieldView | undefined;
  /** Greatest first. */
  readonly isDescending: boolean;
}

/** What is asked about a segment. */
export type BoundStatement =
  | { readonly op: "rows" | "count" }
  | {
    readonly op: "sum" | "min" | "max";
    readonly view: FieldView | undefined;
  }
  | {
    readonly op: "top-n";
    readonly view: FieldView | undefined;
    readonly n: number;
  }
  | {
    readonly op: "group-by";
    readonly view: FieldView | undefined;
    readonly sum: FieldView | undefined;
    readonly hasSum: boolean;
    readonly limit: number | undefined;
  }
  | {
    readonly op: "select";
    readonly columns: readonly BoundColumn[];
    readonly order: readonly BoundOrder[];
    readonly limit: number | undefined;
    readonly offset: number;
  };

/** A whole query, bound. */
export interface BoundQuery {
  /** What is asked. */
  readonly statement: BoundStatement;
  /** About which trails. */
  readonly segment: BoundExpression;
}
