/**
 * Answers, typed.
 *
 * @module
 */

/** A value: bytes of a string, or a number. */
export type QueryValue = Uint8Array | bigint;

/** What a row has of a field: a counter's total, a set's values in order, a flag. */
export type QueryCell = bigint | readonly QueryValue[] | true | null;

/** A row. */
export interface QueryRow {
  /** Its trail's ordinal. */
  readonly trail: number;
  /** Parts of its id. */
  readonly id: readonly QueryValue[];
}

/** A row and fields of it. */
export interface SelectedRow extends QueryRow {
  /** In the order of {@linkcode SelectAnswer.columns}. */
  readonly fields: readonly QueryCell[];
}

/** A group: a value, how many rows have it, and the total asked for. */
export interface QueryGroup {
  /** The value. */
  readonly value: QueryValue;
  /** How many rows. */
  readonly count: number;
  /** Total of the counter asked for. */
  readonly sum?: bigint;
}

/** Answer of a bare segment. */
export interface RowsAnswer {
  /** Tells answers apart. */
  readonly kind: "rows";
  /** The rows, in row order. */
  readonly rows: readonly QueryRow[];
}

/** Answer of `count`. */
export interface CountAnswer {
  /** Tells answers apart. */
  readonly kind: "count";
  /** How many rows. */
  readonly count: number;
}

/** Answer of `sum`. */
export interface SumAnswer {
  /** Tells answers apart. */
  readonly kind: "sum";
  /** The total. */
  readonly sum: bigint;
  /** Over how many rows. */
  readonly count: number;
}

/** Answer of `min` and `max`. */
export interface ExtremeAnswer {
  /** Tells answers apart. */
  readonly kind: "min" | "max";
  /** The value; `null` when no row has the counter. */
  readonly value: bigint | null;
  /** How many rows have it. */
  readonly count: number;
}

/** Answer of `top-n` on a counter. */
export interface TopRowsAnswer {
  /** Tells answers apart. */
  readonly kind: "top-rows";
  /** Rows and totals, greatest first. */
  readonly top: readonly { readonly row: QueryRow; readonly value: bigint }[];
}

/** Answer of `top-n` on a set. */
export interface TopValuesAnswer {
  /** Tells answers apart. */
  readonly kind: "top-values";
  /** Values by number of rows, most first. */
  readonly top: readonly QueryGroup[];
}

/** Answer of `group-by`. */
export interface GroupsAnswer {
  /** Tells answers apart. */
  readonly kind: "groups";
  /** Groups in value order. */
  readonly groups: readonly QueryGroup[];
}

/** Answer of `select`. */
export interface SelectAnswer {
  /** Tells answers apart. */
  readonly kind: "select";
  /** Names of the fields. */
  readonly columns: readonly string[];
  /** The rows. */
  readonly rows: readonly SelectedRow[];
}

/** Whatever a query answers. */
export type QueryAnswer =
  | RowsAnswer
  | CountAnswer
  | SumAnswer
  | ExtremeAnswer
  | TopRowsAnswer
  | TopValuesAnswer
  | GroupsAnswer
  | SelectAnswer;
