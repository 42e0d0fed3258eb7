/**
 * From tree to bound query: names are looked up, types are checked.
 *
 * @module
 */
import {
  type CairnError,
  encodeKeyParts,
  encodeText,
  type IndexField,
} from "@cairn/core";
import type {
  BoundColumn,
  BoundExpression,
  BoundOrder,
  BoundQuery,
  BoundSlice,
  BoundStatement,
} from "./bound.ts";
import { type ParsedQuery, parseMarked } from "./language/parser.ts";
import { queryError, type QueryErrorReason } from "./language/place.ts";
import { printExpression, printQuery } from "./language/printer.ts";
import type {
  ConditionNode,
  ExpressionNode,
  QueryNode,
  ValueNode,
} from "./language/tree.ts";
import { joinConditions, suits, toBytes } from "./value_condition.ts";
import { type FieldView, findView } from "./view.ts";

/** Most names in a message. */
const NAMES_SHOWN_MAX = 20;

/** What a query can name. */
export interface QuerySchema {
  /** Fields in order; those whose names begin with a dot are not in `*`. */
  readonly fields: readonly IndexField[];
  /** Names of the parts of a row id. */
  readonly keyParts: readonly string[];
  /** What the parts are; `bytes` if left out. */
  readonly keyType?: "bytes" | "uint";
}

/** How names are looked up. */
export interface BindOptions {
  /** What an unknown field is: an `error` (the default), or a field without events. */
  readonly unknownFields?: "error" | "empty";
}

/**
 * Checks a query against a schema.
 *
 * @param query Text, or a tree, which is printed first so that errors have a place.
 * @param schema What it can name.
 * @param options How names are looked up.
 * @returns The query, ready to be planned.
 * @throws {CairnError} `invalid-input` with reason, line and column: what
 * parsing finds, and `unknown-field`, `bad-view`, `no-view`, `type`.
 */
export function bindQuery(
  query: string | QueryNode,
  schema: QuerySchema,
  options: BindOptions = {},
): BoundQuery {
  const text = typeof query === "string" ? query : printQuery(query);
  return new Binder(parseMarked(text), schema, options).bind();
}

class Binder {
  readonly #parsed: ParsedQuery;
  readonly #schema: QuerySchema;
  readonly #fields: ReadonlyMap<string, IndexField>;
  readonly #isLenient: boolean;

  constructor(parsed: ParsedQuery, schema: QuerySchema, options: BindOptions) {
    this.#parsed = parsed;
    this.#schema = schema;
    this.#fields = new Map(schema.fields.map((field) => [field.name, field]));
    this.#isLenient = options.unknownFields === "empty";
  }

  bind(): BoundQuery {
    const { tree } = this.#parsed;
    switch (tree.op) {
      case "count":
        return { statement: { op: "count" }, segment: this.#arg(tree.arg) };
      case "sum":
      case "min":
      case "max": {
        const view = this.#view(tree, tree.field, 1);
        this.#wantKind(tree, view, ["counter"], 0);
        const statement: BoundStatement = { op: tree.op, view };
        return { statement, segment: this.#arg(tree.arg) };
      }
      case "top-n": {
        const view = this.#view(tree, tree.field, 1);
        this.#wantKind(tree, view, ["counter", "set"], 0);
        const statement: BoundStatement = { op: "top-n", view, n: tree.n };
        return { statement, segment: this.#arg(tree.arg) };
      }
      case "group-by":
        return this.#groupBy(tree);
      case "select":
        return this.#select(tree);
      default:
        return { statement: { op: "rows" }, segment: this.#expression(tree) };
    }
  }

  #groupBy(tree: QueryNode & { op: "group-by" }): BoundQuery {
    const view = this.#view(tree, tree.field, 1);
    this.#wantKind(tree, view, ["counter", "set"], 0);
    let sum: FieldView | undefined;
    if (tree.sum !== null) {
      sum = this.#view(tree, tree.sum, 3);
      this.#wantKind(tree, sum, ["counter"], 2);
    }
    return {
      statement: {
        op: "group-by",
        view,
        sum,
        hasSum: tree.sum !== null,
        limit: tree.limit ?? undefined,
      },
      segment: this.#arg(tree.arg),
    };
  }

  #select(tree: QueryNode & { op: "select" }): BoundQuery {
    let columns: readonly BoundColumn[] = [];
    let order: readonly BoundOrder[] = [];
    const checkColumns = (): void => {
      columns = this.#columns(tree.fields);
    };
    const checkOrder = (): void => {
      order = tree.order.map((node): BoundOrder => {
        const view = this.#view(node, node.field, 0);
        this.#wantKind(node, view, ["counter"], 0);
        return { view, isDescending: node.dir === "desc" };
      });
    };
    // Clauses come in any order; the first mistake in the text counts.
    const isOrderFirst = tree.order.length > 0 &&
      typeof tree.fields !== "string" &&
      this.#mark(tree.order[0]!, 0) < this.#mark(tree.fields, 0);
    if (isOrderFirst) checkOrder();
    checkColumns();
    if (!isOrderFirst) checkOrder();
    return {
      statement: {
        op: "select",
        columns,
        order,
        limit: tree.limit ?? undefined,
        offset: tree.offset,
      },
      segment: this.#expression(tree.arg),
    };
  }

  #columns(fields: readonly string[] | "*"): BoundColumn[] {
    if (fields === "*") {
      return this.#schema.fields
        .filter((field) => !field.name.startsWith("."))
        .map((field) => ({
          name: field.name,
          view: { name: field.name, field, period: undefined },
        }));
    }
    return fields.map((name, i) => ({
      name,
      view: this.#view(fields, name, i),
    }));
  }

  #arg(arg: ExpressionNode | null): BoundExpression {
    return arg === null ? { op: "all" } : this.#expression(arg);
  }

  /** Goes as deep as the tree, which parsing has bounded. */
  #expression(node: ExpressionNode): BoundExpression {
    switch (node.op) {
      case "slice":
        return this.#slice(node);
      case "and":
      case "xor":
        return { op: node.op, args: node.args.map((a) => this.#expression(a)) };
      case "or":
        return joinSlices(node.args.map((arg) => this.#expression(arg)));
      case "not":
        return { op: "not", arg: this.#expression(node.arg) };
      case "all":
        return { op: "all" };
      case "row":
        return this.#row(node, node.id);
    }
  }

  #slice(node: ExpressionNode & { op: "slice" }): BoundExpression {
    const view = this.#view(node, node.field, 1);
    if (view === undefined) return { op: "none" };
    for (const condition of node.conds) {
      const { kind, of } = view.field;
      if (kind === "flag" || !suits(condition, of)) {
        throw this.#error(
          condition,
          0,
          "type",
          `Cannot ask "${condition.c}" of field "${view.name}": it ${
            kind === "flag" ? "is a flag" : `holds ${of}s`
          }`,
        );
      }
    }
    return makeSlice(view, node.conds);
  }

  #row(node: object, id: readonly ValueNode[]): BoundExpression {
    const { keyParts, keyType = "bytes" } = this.#schema;
    const isNumber = keyType === "uint";
    if (
      id.length !== keyParts.length ||
      id.some((value) => ("u" in value) !== isNumber)
    ) {
      throw this.#error(
        node,
        0,
        "type",
        `Cannot find row: its id is ${
          isNumber
            ? "one number"
            : `${keyParts.length} of strings or bytes (${keyParts.join(", ")})`
        }`,
      );
    }
    const first = id[0]!;
    if ("u" in first) return { op: "row", key: encodeText(first.u) };
    try {
      return { op: "row", key: encodeKeyParts(id.map(toBytes)) };
    } catch (error) {
      // A part too long for any key names no row.
      if ((error as CairnError).code !== "limit") throw error;
      return { op: "none" };
    }
  }

  #view(node: object, name: string, mark: number): FieldView | undefined {
    const found = findView(name, this.#fields);
    if (typeof found !== "string") return found;
    if (found === "unknown-field" && this.#isLenient) return undefined;
    throw this.#error(
      node,
      mark,
      found,
      found === "unknown-field"
        ? `Cannot find field "${name}": fields are ${
          [...this.#fields.keys()].slice(0, NAMES_SHOWN_MAX).join(", ")
        }`
        : found === "bad-view"
        ? `Cannot find view "${name}": there is no such date`
        : `Cannot find view "${name}": the field is not kept for such periods`,
    );
  }

  #wantKind(
    node: object,
    view: FieldView | undefined,
    kinds: readonly IndexField["kind"][],
    mark: number,
  ): void {
    if (view === undefined || kinds.includes(view.field.kind)) return;
    throw this.#error(
      node,
      mark,
      "type",
      `Cannot use field "${view.name}" here: it is a ${view.field.kind}, a ${
        kinds.join(" or ")
      } wanted`,
    );
  }

  #mark(node: object, mark: number): number {
    return this.#parsed.marks.get(node)?.[mark] ?? -1;
  }

  #error(
    node: object,
    mark: number,
    reason: QueryErrorReason,
    message: string,
  ): CairnError {
    return queryError(
      this.#parsed.text,
      this.#parsed.marks.get(node)?.[mark],
      reason,
      message,
    );
  }
}

/** A slice with what it was made of, so that it can be joined with others. */
interface JoinableSlice extends BoundSlice {
  readonly conds: readonly ConditionNode[];
}

function makeSlice(
  view: FieldView,
  conds: readonly ConditionNode[],
): BoundExpression {
  const text = printExpression({ op: "slice", field: view.name, conds });
  const condition = conds.length === 0
    ? undefined
    : joinConditions(conds, view.field.of);
  if (conds.length > 0 && condition === undefined) return { op: "none" };
  const slice: JoinableSlice = { op: "slice", view, condition, text, conds };
  return slice;
}

/** Slices of one view side by side in an `or` are one slice: its conditions are alternatives. */
function joinSlices(args: readonly BoundExpression[]): BoundExpression {
  const bySlice = new Map<string, JoinableSlice[]>();
  const others: BoundExpression[] = [];
  for (const arg of args) {
    if (arg.op !== "slice") {
      others.push(arg);
      continue;
    }
    const same = bySlice.get(arg.view.name);
    if (same === undefined) bySlice.set(arg.view.name, [arg as JoinableSlice]);
    else same.push(arg as JoinableSlice);
  }
  const joined = [...bySlice.values()].map((slices) => {
    const [first] = slices;
    if (slices.length === 1) return first!;
    const isPresence = slices.some(({ conds }) => conds.length === 0);
    return makeSlice(
      first!.view,
      isPresence ? [] : slices.flatMap(({ conds }) => conds),
    );
  });
  const all = [...joined, ...others];
  return all.length === 1 ? all[0]! : { op: "or", args: all };
}
