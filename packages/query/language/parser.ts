/**
 * From text to tree.
 *
 * @module
 */
import type { CairnError } from "@cairn/core";
import { queryError } from "./place.ts";
import { parsePattern } from "../pattern/pattern.ts";
import { type ListHead, TokenReader } from "./token_reader.ts";
import {
  CONDITIONS,
  EXPRESSIONS,
  GROUP_PARTS,
  QUERIES,
  SELECT_PARTS,
} from "./operators.ts";
import {
  type ConditionNode,
  type ExpressionNode,
  type OrderNode,
  QUERY_BYTES_MAX,
  type QueryNode,
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
  readonly #tokens: TokenReader;
  readonly #marks = new Map<object, readonly number[]>();

  constructor(text: string) {
    this.#text = text;
    this.#tokens = new TokenReader(text);
  }

  parse(): ParsedQuery {
    if (this.#tokens.lexer.peek() === "end") {
      throw queryError(
        this.#text,
        this.#text.length,
        "empty",
        "Cannot read query: it is empty",
      );
    }
    const head = this.#tokens.open(QUERIES, "a query in parentheses");
    const tree = EXPRESSIONS.has(head.name)
      ? this.#expressionBody(head)
      : this.#statementBody(head);
    if (this.#tokens.lexer.peek() !== "end") {
      throw this.#tokens.wrong("trailing", "something stands behind the query");
    }
    return { text: this.#text, tree, marks: this.#marks };
  }

  #expression(): ExpressionNode {
    return this.#expressionBody(
      this.#tokens.open(EXPRESSIONS, "an expression"),
    );
  }

  #expressionBody(head: ListHead): ExpressionNode {
    let node: ExpressionNode;
    let marks = [head.start];
    switch (head.name) {
      case "slice": {
        const field = this.#tokens.field();
        const conds: ConditionNode[] = [];
        while (!this.#tokens.isClose()) conds.push(this.#condition());
        node = { op: "slice", field: field.name, conds };
        marks = [head.start, field.start];
        break;
      }
      case "and":
      case "or":
      case "xor": {
        const args = [this.#expression()];
        while (!this.#tokens.isClose()) args.push(this.#expression());
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
        const id = [this.#tokens.value()];
        while (!this.#tokens.isClose()) id.push(this.#tokens.value());
        node = { op: "row", id };
      }
    }
    this.#tokens.close();
    this.#marks.set(node, marks);
    return node;
  }

  #condition(): ConditionNode {
    const head = this.#tokens.open(CONDITIONS, "a condition");
    const node = this.#conditionBody(head.name);
    this.#tokens.close();
    this.#marks.set(node, [head.start]);
    return node;
  }

  #conditionBody(c: string): ConditionNode {
    switch (c) {
      case "range":
      case "between":
        return { c, a: this.#tokens.number(), b: this.#tokens.number() };
      case ">":
      case ">=":
      case "<":
      case "<=":
        return { c, v: this.#tokens.number() };
      case "=":
        return { c, v: this.#tokens.value() };
      case "in": {
        const vs = [this.#tokens.value()];
        while (!this.#tokens.isClose()) vs.push(this.#tokens.value());
        return { c, vs };
      }
      case "prefix": {
        if (this.#tokens.lexer.peek() === "bytes") {
          return { c, v: { b: this.#tokens.lexer.takeBytes() } };
        }
        this.#tokens.expect("string", "a string or bytes");
        return { c, v: { s: this.#tokens.lexer.takeString() } };
      }
      default:
        return { c: "regex", pattern: this.#pattern() };
    }
  }

  #pattern(): string {
    this.#tokens.expect("string", "a pattern as a string");
    const start = this.#tokens.lexer.start;
    const pattern = this.#tokens.lexer.takeString();
    try {
      parsePattern(pattern);
    } catch (error) {
      const { detail } = error as CairnError;
      throw queryError(this.#text, start, "bad-regex", detail);
    }
    return pattern;
  }

  #statementBody(head: ListHead): QueryNode {
    switch (head.name) {
      case "count": {
        const arg = this.#expression();
        return this.#finish({ op: "count", arg }, [head.start]);
      }
      case "sum":
      case "min":
      case "max": {
        const field = this.#tokens.field();
        return this.#finish(
          { op: head.name, field: field.name, arg: this.#optional() },
          [head.start, field.start],
        );
      }
      case "top-n": {
        const field = this.#tokens.field();
        const n = this.#tokens.count(1);
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
    this.#tokens.close();
    this.#marks.set(node, marks);
    return node;
  }

  #optional(): ExpressionNode | null {
    return this.#tokens.isClose() ? null : this.#expression();
  }

  #groupBy(head: ListHead): QueryNode {
    const field = this.#tokens.field();
    const marks = [head.start, field.start];
    let sum: string | null = null;
    let limit: number | null = null;
    let arg: ExpressionNode | null = null;
    while (!this.#tokens.isClose() && arg === null) {
      const part = this.#tokens.open(GROUP_PARTS, "an option or an expression");
      if (part.name === "sum") {
        if (sum !== null) throw this.#tokens.duplicate(part.start, "sum");
        const counter = this.#tokens.field();
        sum = counter.name;
        marks.push(part.start, counter.start);
        this.#tokens.close();
      } else if (part.name === "limit") {
        if (limit !== null) throw this.#tokens.duplicate(part.start, "limit");
        limit = this.#tokens.count(0);
        this.#tokens.close();
      } else {
        arg = this.#expressionBody(part);
      }
    }
    return this.#finish(
      { op: "group-by", field: field.name, sum, limit, arg },
      marks,
    );
  }

  #select(head: ListHead): QueryNode {
    let fields: readonly string[] | "*" | undefined;
    let order: readonly OrderNode[] | undefined;
    let limit: number | undefined;
    let offset: number | undefined;
    const seen = new Set<string>();
    for (;;) {
      const part = this.#tokens.open(SELECT_PARTS, "a clause or an expression");
      if (EXPRESSIONS.has(part.name)) {
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
      if (seen.has(part.name)) {
        throw this.#tokens.duplicate(part.start, part.name);
      }
      seen.add(part.name);
      if (part.name === "fields") fields = this.#fields();
      else if (part.name === "order-by") order = this.#order();
      else if (part.name === "limit") limit = this.#tokens.count(0);
      else offset = this.#tokens.count(0);
      this.#tokens.close();
    }
  }

  #fields(): readonly string[] | "*" {
    if (this.#tokens.lexer.peek() === "name") {
      const start = this.#tokens.lexer.start;
      if (this.#tokens.lexer.takeName() === "*") return "*";
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
      const field = this.#tokens.field();
      if (seen.has(field.name)) {
        throw this.#tokens.duplicate(field.start, field.name);
      }
      seen.add(field.name);
      names.push(field.name);
      marks.push(field.start);
    } while (!this.#tokens.isClose());
    this.#marks.set(names, marks);
    return names;
  }

  #order(): readonly OrderNode[] {
    const order: OrderNode[] = [];
    do {
      const field = this.#tokens.field();
      let dir: "asc" | "desc" = "asc";
      if (this.#tokens.lexer.peek() === "name") {
        const start = this.#tokens.lexer.start;
        const name = this.#tokens.lexer.takeName();
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
    } while (!this.#tokens.isClose());
    return order;
  }
}
