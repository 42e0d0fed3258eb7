/**
 * The tree of a query: plain data, the same whoever made it.
 *
 * @module
 */

/** A value as it stands in a query. */
export type ValueNode =
  /** A number, in decimal. */
  | { readonly u: string }
  /** A string. */
  | { readonly s: string }
  /** Bytes, in lower-case hex. */
  | { readonly b: string };

/** A number as it stands in a query. */
export interface NumberNode {
  /** The number, in decimal. */
  readonly u: string;
}

/** A condition on the values of a field. */
export type ConditionNode =
  /** Above `a`, and below `b` unless that is 0; or from `a` to `b`, both included. */
  | {
    readonly c: "range" | "between";
    readonly a: NumberNode;
    readonly b: NumberNode;
  }
  /** Compared with one number. */
  | { readonly c: ">" | ">=" | "<" | "<="; readonly v: NumberNode }
  /** Is this value, or begins with it. */
  | { readonly c: "=" | "prefix"; readonly v: ValueNode }
  /** Is one of these. */
  | { readonly c: "in"; readonly vs: readonly ValueNode[] }
  /** Matches a pattern as a whole. */
  | { readonly c: "regex"; readonly pattern: string };

/** An expression: it names a segment. */
export type ExpressionNode =
  /** Rows with an event of a field, or with a value that meets a condition. */
  | {
    readonly op: "slice";
    readonly field: string;
    readonly conds: readonly ConditionNode[];
  }
  /** Rows in all, some, or an odd number of the arguments. */
  | {
    readonly op: "and" | "or" | "xor";
    readonly args: readonly ExpressionNode[];
  }
  /** All other rows. */
  | { readonly op: "not"; readonly arg: ExpressionNode }
  /** All rows. */
  | { readonly op: "all" }
  /** The row with this id. */
  | { readonly op: "row"; readonly id: readonly ValueNode[] };

/** A counter to sort by. */
export interface OrderNode {
  /** Its name. */
  readonly field: string;
  /** Least first, or greatest. */
  readonly dir: "asc" | "desc";
}

/** A statement: it asks something about a segment; `arg: null` is all rows. */
export type StatementNode =
  /** How many rows. */
  | { readonly op: "count"; readonly arg: ExpressionNode }
  /** The total, the least, the greatest of a counter. */
  | {
    readonly op: "sum" | "min" | "max";
    readonly field: string;
    readonly arg: ExpressionNode | null;
  }
  /** The first rows by a counter, or values of a set by number of rows. */
  | {
    readonly op: "top-n";
    readonly field: string;
    readonly n: number;
    readonly arg: ExpressionNode | null;
  }
  /** Every value, and how many rows have it. */
  | {
    readonly op: "group-by";
    readonly field: string;
    readonly sum: string | null;
    readonly limit: number | null;
    readonly arg: ExpressionNode | null;
  }
  /** Rows with fields. */
  | {
    readonly op: "select";
    readonly fields: readonly string[] | "*";
    readonly order: readonly OrderNode[];
    readonly limit: number | null;
    readonly offset: number;
    readonly arg: ExpressionNode;
  };

/** A whole query. */
export type QueryNode = StatementNode | ExpressionNode;

/** Most characters of a query, in bytes of UTF-8. */
export const QUERY_BYTES_MAX = 1_048_576;

/** Most lists one inside the other. */
export const QUERY_DEPTH_MAX = 256;

/** The largest number that can be written: 2^128 - 1. */
export const NUMBER_MAX: bigint = (1n << 128n) - 1n;
