/**
 * The names of operators, by where they can stand.
 *
 * @module
 */

/** Operators that name a segment. */
export const EXPRESSIONS: ReadonlySet<string> = new Set([
  "slice",
  "and",
  "or",
  "xor",
  "not",
  "all",
  "row",
]);

/** Operators that ask about one. */
const STATEMENTS = [
  "count",
  "sum",
  "min",
  "max",
  "top-n",
  "group-by",
  "group",
  "select",
];

/** Operators inside of `slice`. */
export const CONDITIONS: ReadonlySet<string> = new Set([
  "range",
  ">",
  ">=",
  "<",
  "<=",
  "between",
  "=",
  "in",
  "prefix",
  "regex",
]);

/** Operators inside of `select`. */
const CLAUSES = ["fields", "limit", "offset", "order-by"];

/** What a query can begin with. */
export const QUERIES: ReadonlySet<string> = new Set([
  ...EXPRESSIONS,
  ...STATEMENTS,
]);

/** What stands inside of `group-by`. */
export const GROUP_PARTS: ReadonlySet<string> = new Set([
  ...EXPRESSIONS,
  "sum",
  "limit",
]);

/** What stands inside of `select`. */
export const SELECT_PARTS: ReadonlySet<string> = new Set([
  ...EXPRESSIONS,
  ...CLAUSES,
]);

/** All of them. */
export const OPERATORS: ReadonlySet<string> = new Set([
  ...QUERIES,
  ...CONDITIONS,
  ...CLAUSES,
]);
