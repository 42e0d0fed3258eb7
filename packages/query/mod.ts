/**
 * Questions about a store, in two ways.
 *
 * The query language selects rows (trails) by what they did: text becomes a
 * tree, the tree is bound to a store's fields, indexes answer what they can,
 * and the events of the trails left in doubt are scanned. Every store of cairn
 * answers, with or without an index, and always the same.
 *
 * @example Parse and print
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseQuery, printQuery } from "@cairn/query";
 *
 * const tree = parseQuery('(and (slice "visit") (not (slice "signup")))');
 * assertEquals(printQuery(tree), '(and (slice "visit") (not (slice "signup")))');
 * ```
 *
 * @module
 */
export {
  openQuery,
  type OpenQueryOptions,
  QueryEngine,
  type QueryResult,
  runQuery,
} from "./engine.ts";
export { type CounterSpec, EVENTS_FIELD, type NamedIndex } from "./fields.ts";
export type {
  CountAnswer,
  ExtremeAnswer,
  GroupsAnswer,
  QueryAnswer,
  QueryCell,
  QueryGroup,
  QueryRow,
  QueryValue,
  RowsAnswer,
  SelectAnswer,
  SelectedRow,
  SumAnswer,
  TopRowsAnswer,
  TopValuesAnswer,
} from "./answer.ts";
export {
  answerToJson,
  idToJson,
  type JsonValue,
  valueToJson,
} from "./answer_json.ts";
export type { PlanNotNumbers, PlanScan, PlanTerm, QueryPlan } from "./plan.ts";
export { formatError } from "./language/format_error.ts";
export { parseQuery } from "./language/parser.ts";
export {
  printExpression,
  printQuery,
  printString,
} from "./language/printer.ts";
export { type BindOptions, bindQuery, type QuerySchema } from "./binder.ts";
export type {
  BoundColumn,
  BoundExpression,
  BoundOrder,
  BoundQuery,
  BoundSlice,
  BoundStatement,
} from "./bound.ts";
export type { FieldView } from "./view.ts";
export type {
  Interval,
  PatternCondition,
  ValueCondition,
} from "./value_condition.ts";
export type { QueryErrorReason, TextPlace } from "./language/place.ts";
export {
  type ConditionNode,
  type ExpressionNode,
  NUMBER_MAX,
  type NumberNode,
  type OrderNode,
  QUERY_BYTES_MAX,
  QUERY_DEPTH_MAX,
  type QueryNode,
  type StatementNode,
  type ValueNode,
} from "./language/tree.ts";
export { PatternMatcher } from "./pattern/matcher.ts";
export { patternGrams } from "./pattern/grams.ts";
export { between, greaterThan, matchesPattern } from "./events/event_terms.ts";
export type { EventOptions } from "./events/event_options.ts";
export { countEvents } from "./events/count_events.ts";
export {
  findSequence,
  funnel,
  type FunnelAnswer,
  type SequenceOptions,
} from "./events/sequence.ts";
export { findTrails, type TrailSegment } from "./events/trail_segment.ts";
export {
  type EventGroup,
  type EventKey,
  groupEvents,
  type GroupEventsOptions,
} from "./events/group_events.ts";
