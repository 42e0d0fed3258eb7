/**
 * From text to tree.
 *
 * @module
 */
import type { CairnError } from "@cairn/core";
import { Lexer, type TokenKind } from "./lexer.ts";
import { queryError, type QueryErrorReason } from "./place.ts";
import { parsePattern } from "./pattern.ts";
import {
  type ConditionNode,
  type ExpressionNode,
  type NumberNode,
  type OrderNode,
  QUERY_BYTES_MAX,
  QUERY_DEPTH_MAX,
  type QueryNode,
  type ValueNode,
} from "./tree.ts";

/**
 * Where the parts of a node stand in the text, in UTF-16 units: its operator's
 * name first, then its fields, in an order that {@linkcode Parser} fixes.
 */
export type Marks = ReadonlyMap<object, readonly number[]>;

/** A tree and where its parts stand. */
export interface ParsedQuery {
  /** The text. */
  readonly text: string;
  /** The tree. */
  readonly tree: QueryNode;
  /** Places, by node. */
  readonly marks: Marks;
}

const EXPRESSIONS = ["slice", "and", "or", "xor", "not", "all", "row"];
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
const CONDITIONS = [
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
];
const CLAUSES = ["fields", "limit", "offset", "order-by"];
const OPERATORS = new Set([
  ...EXPRESSIONS,
  ...STATEMENTS,
  ...CONDITIONS,
  ...CLAUSES,
]);
const QUERIES = new Set([...EXPRESSIONS, ...STATEMENTS]);
const EXPRESSION_SET = new Set(EXPRESSIONS);
const CONDITION_SET = new Set(CONDITIONS);
const GROUP_PARTS = new Set([...EXPRESSIONS, "sum", "limit"]);
const SELECT_PARTS = new Set([...EXPRESSIONS, ...CLAUSES]);

/**
 * Parses a query.
 *
 * @example A tree
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseQuery } from "@cairn/query";
 *
 * assertEquals(parseQuery('(not (slice "visit"))'), {
 *   op: "not",
 *   arg: { op: "slice", field: "visit", conds: [] },
 * });
 * ```
 * @param text At most 1 MiB of UTF-8.
 * @returns Its tree.
 * @throws {CairnError} `invalid-input` with `reason`, line and column of the
 * first error in reading order.
 */
export function parseQuery(text: string): QueryNode {
  return parseMarked(text).tree;
}

/**
 * Parses a query and keeps the places of its parts.
 *
 * @param text At most 1 MiB of UTF-8.
 * @returns Tree and places.
 */
export function parseMarked(text: string): ParsedQuery {
  if (isTooLong(text)) {
    throw queryError(
      text.slice(0, 1),
      0,
      "too-long",
      `Cannot read query: longer than ${QUERY_BYTES_MAX} bytes`,
    );
  }
  return new Parser(text).parse();
}

function isTooLong(text: string): boolean {
  if (text.length * 3 <= QUERY_BYTES_MAX) return false;
  if (text.length > QUERY_BYTES_MAX) return true;
  return new TextEncoder().encode(text).length > QUERY_BYTES_MAX;
}

/** Goes through the tokens once; it nests no deeper than the language does. */
class Parser {
  readonly #text: string;
  readonly #lexer: Lexer;
  readonly #marks = new Map<object, readonly number[]>();
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lexer = new Lexer(text);
  }

  parse(): ParsedQuery {
    if (this.#lexer.peek() === "end") {
      throw queryError(
        this.#text,
        this.#text.length,
        "empty",
        "Cannot read query: it is empty",
      );
    }
    const head = this.#open(QUERIES, "a query in parentheses");
    const tree = EXPRESSION_SET.has(head.name)
      ? this.#expressionBody(head)
      : this.#statementBody(head);
    if (this.#lexer.peek() !== "end") {
      throw this.#wrong("trailing", "something stands behind the query");
    }
    return { text: this.#text, tree, marks: this.#marks };
  }

  /** Takes `(` and the operator's name. */
  #open(allowed: ReadonlySet<string>, wanted: string): Head {
    this.#expect("open", wanted);
    if (this.#depth === QUERY_DEPTH_MAX) {
      throw this.#wrong(
        "too-deep",
        `lists are nested more than ${QUERY_DEPTH_MAX} deep`,
      );
    }
    this.#depth++;
    this.#lexer.takeBracket();
    if (this.#lexer.peek() !== "name") {
      throw this.#wrong("expected", "the name of an operator is wanted");
    }
    const start = this.#lexer.start;
    const name = this.#lexer.takeName();
    if (allowed.has(name)) return { name, start };
    const isOperator = OPERATORS.has(name);
    throw queryError(
      this.#text,
      start,
      isOperator ? "misplaced" : "unknown-form",
      isOperator
        ? `Cannot read query: "${name}" cannot stand here, ${wanted} is wanted`
        : `Cannot read query: there is no operator "${shorten(name)}"`,
    );
  }

  #close(): void {
    if (this.#lexer.peek() !== "close") {
      throw this.#wrong("arity", "an argument too many");
    }
    this.#lexer.takeBracket();
    this.#depth--;
  }

  #isClose(): boolean {
    return this.#lexer.peek() === "close";
  }

  #expression(): ExpressionNode {
    return this.#expressionBody(this.#open(EXPRESSION_SET, "an expression"));
  }

  #expressionBody(head: Head): ExpressionNode {
    let node: ExpressionNode;
    let marks = [head.start];
    switch (head.name) {
      case "slice": {
        const field = this.#field();
        const conds: ConditionNode[] = [];
        while (!this.#isClose()) conds.push(this.#condition());
        node = { op: "slice", field: field.name, conds };
        marks = [head.start, field.start];
        break;
      }
      case "and":
      case "or":
      case "xor": {
        const args = [this.#expression()];
        while (!this.#isClose()) args.push(this.#expression());
        node = { op: head.name, args };
        break;
      }
      case "not":
        node = { op: "not", arg: this.#expression() };
        break;
      case "all":
        node = { op: "all" };
        break;
      default: {
        const id = [this.#value()];
        while (!this.#isClose()) id.push(this.#value());
        node = { op: "row", id };
      }
    }
    this.#close();
    this.#marks.set(node, marks);
    return node;
  }

  #condition(): ConditionNode {
    const head = this.#open(CONDITION_SET, "a condition");
    const node = this.#conditionBody(head.name);
    this.#close();
    this.#marks.set(node, [head.start]);
    return node;
  }

  #conditionBody(c: string): ConditionNode {
    switch (c) {
      case "range":
      case "between":
        return { c, a: this.#number(), b: this.#number() };
      case ">":
      case ">=":
      case "<":
      case "<=":
        return { c, v: this.#number() };
      case "=":
        return { c, v: this.#value() };
      case "in": {
        const vs = [this.#value()];
        while (!this.#isClose()) vs.push(this.#value());
        return { c, vs };
      }
      case "prefix": {
        if (this.#lexer.peek() === "bytes") {
          return { c, v: { b: this.#lexer.takeBytes() } };
        }
        this.#expect("string", "a string or bytes");
        return { c, v: { s: this.#lexer.takeString() } };
      }
      default:
        return { c: "regex", pattern: this.#pattern() };
    }
  }

  #pattern(): string {
    this.#expect("string", "a pattern as a string");
    const start = this.#lexer.start;
    const pattern = this.#lexer.takeString();
    try {
      parsePattern(pattern);
    } catch (error) {
      const { detail } = error as CairnError;
      throw queryError(this.#text, start, "bad-regex", detail);
    }
    return pattern;
  }

  #statementBody(head: Head): QueryNode {
    switch (head.name) {
      case "count": {
        const arg = this.#expression();
        return this.#finish({ op: "count", arg }, [head.start]);
      }
      case "sum":
      case "min":
      case "max": {
        const field = this.#field();
        return this.#finish(
          { op: head.name, field: field.name, arg: this.#optional() },
          [head.start, field.start],
        );
      }
      case "top-n": {
        const field = this.#field();
        const n = this.#count(1);
        return this.#finish(
          { op: "top-n", field: field.name, n, arg: this.#optional() },
          [head.start, field.start],
        );
      }
      case "select":
        return this.#select(head);
      default:
        return this.#groupBy(head);
    }
  }

  #finish(node: QueryNode, marks: readonly number[]): QueryNode {
    this.#close();
    this.#marks.set(node, marks);
    return node;
  }

  #optional(): ExpressionNode | null {
    return this.#isClose() ? null : this.#expression();
  }

  #groupBy(head: Head): QueryNode {
    const field = this.#field();
    const marks = [head.start, field.start];
    let sum: string | null = null;
    let limit: number | null = null;
    let arg: ExpressionNode | null = null;
    while (!this.#isClose() && arg === null) {
      const part = this.#open(GROUP_PARTS, "an option or an expression");
      if (part.name === "sum") {
        if (sum !== null) throw this.#duplicate(part.start, "sum");
        const counter = this.#field();
        sum = counter.name;
        marks.push(part.start, counter.start);
        this.#close();
      } else if (part.name === "limit") {
        if (limit !== null) throw this.#duplicate(part.start, "limit");
        limit = this.#count(0);
        this.#close();
      } else {
        arg = this.#expressionBody(part);
      }
    }
    return this.#finish(
      { op: "group-by", field: field.name, sum, limit, arg },
      marks,
    );
  }

  #select(head: Head): QueryNode {
    let fields: readonly string[] | "*" | undefined;
    let order: readonly OrderNode[] | undefined;
    let limit: number | undefined;
    let offset: number | undefined;
    const seen = new Set<string>();
    for (;;) {
      const part = this.#open(SELECT_PARTS, "a clause or an expression");
      if (EXPRESSION_SET.has(part.name)) {
        const arg = this.#expressionBody(part);
        return this.#finish({
          op: "select",
          fields: fields ?? [],
          order: order ?? [],
          limit: limit ?? null,
          offset: offset ?? 0,
          arg,
        }, [head.start]);
      }
      if (seen.has(part.name)) throw this.#duplicate(part.start, part.name);
      seen.add(part.name);
      if (part.name === "fields") fields = this.#fields();
      else if (part.name === "order-by") order = this.#order();
      else if (part.name === "limit") limit = this.#count(0);
      else offset = this.#count(0);
      this.#close();
    }
  }

  #fields(): readonly string[] | "*" {
    if (this.#lexer.peek() === "name") {
      const start = this.#lexer.start;
      if (this.#lexer.takeName() === "*") return "*";
      throw queryError(
        this.#text,
        start,
        "expected",
        "Cannot read query: a field name in quotes or * is wanted",
      );
    }
    const names: string[] = [];
    const seen = new Set<string>();
    const marks: number[] = [];
    do {
      const field = this.#field();
      if (seen.has(field.name)) throw this.#duplicate(field.start, field.name);
      seen.add(field.name);
      names.push(field.name);
      marks.push(field.start);
    } while (!this.#isClose());
    this.#marks.set(names, marks);
    return names;
  }

  #order(): readonly OrderNode[] {
    const order: OrderNode[] = [];
    do {
      const field = this.#field();
      let dir: "asc" | "desc" = "asc";
      if (this.#lexer.peek() === "name") {
        const start = this.#lexer.start;
        const name = this.#lexer.takeName();
        if (name !== "asc" && name !== "desc") {
          throw queryError(
            this.#text,
            start,
            "expected",
            "Cannot read query: asc, desc or a field name in quotes is wanted",
          );
        }
        dir = name;
      }
      const node: OrderNode = { field: field.name, dir };
      this.#marks.set(node, [field.start]);
      order.push(node);
    } while (!this.#isClose());
    return order;
  }

  #field(): { name: string; start: number } {
    this.#expect("string", "a field name in quotes");
    const start = this.#lexer.start;
    return { name: this.#lexer.takeString(), start };
  }

  #value(): ValueNode {
    switch (this.#lexer.peek()) {
      case "number":
        return { u: this.#lexer.takeNumber().toString() };
      case "bytes":
        return { b: this.#lexer.takeBytes() };
    }
    this.#expect("string", "a value");
    return { s: this.#lexer.takeString() };
  }

  #number(): NumberNode {
    this.#expect("number", "a number");
    return { u: this.#lexer.takeNumber().toString() };
  }

  #count(least: number): number {
    this.#expect("number", "a number");
    const start = this.#lexer.start;
    const value = this.#lexer.takeNumber();
    if (value < BigInt(least) || value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw queryError(
        this.#text,
        start,
        "bad-number",
        `Cannot read number: ${value}, a count from ${least} to 2^53 - 1 wanted`,
      );
    }
    return Number(value);
  }

  #expect(kind: TokenKind, wanted: string): void {
    const found = this.#lexer.peek();
    if (found === kind) return;
    throw found === "close" && this.#depth > 0
      ? this.#wrong("arity", `${wanted} is missing`)
      : this.#wrong("expected", `${wanted} is wanted`);
  }

  /** An error at the token ahead, unless that is none or the text ends. */
  #wrong(reason: QueryErrorReason, message: string): CairnError {
    const start = this.#lexer.start;
    const kind = this.#lexer.peek();
    this.#lexer.assertToken();
    if (kind === "end") {
      return queryError(
        this.#text,
        this.#text.length,
        "eof",
        "Cannot read query: the text ends inside a list",
      );
    }
    return queryError(
      this.#text,
      start,
      reason,
      `Cannot read query: ${message}`,
    );
  }

  #duplicate(start: number, name: string): CairnError {
    return queryError(
      this.#text,
      start,
      "duplicate",
      `Cannot read query: "${shorten(name)}" is given twice`,
    );
  }
}

interface Head {
  readonly name: string;
  readonly start: number;
}

function shorten(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}...` : name;
}
