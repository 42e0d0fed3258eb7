/**
 * From tree to text.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import {
  type ConditionNode,
  type ExpressionNode,
  QUERY_BYTES_MAX,
  QUERY_DEPTH_MAX,
  type QueryNode,
  type ValueNode,
} from "./tree.ts";

/**
 * Prints a tree as text: one line, single blanks, clauses in one order, what
 * is left out by default left out. Parsing gives the same tree again.
 *
 * @example Canonical text
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseQuery, printQuery } from "@cairn/query";
 *
 * const tree = parseQuery('( slice"visit"  (= 0x1F) ) ; a comment');
 * assertEquals(printQuery(tree), '(slice "visit" (= 31))');
 * ```
 * @param tree A tree, as {@linkcode parseQuery} gives it.
 * @returns Its text.
 * @throws {CairnError} `invalid-input` with reason `too-deep` or `too-long`
 * when no text can be so.
 */
export function printQuery(tree: QueryNode): string {
  const printer = new Printer(QUERY_BYTES_MAX);
  printer.query(tree);
  return printer.text;
}

/** Prints an expression, for explanations. @param tree The expression. */
export function printExpression(tree: ExpressionNode): string {
  const printer = new Printer(Infinity);
  printer.expression(tree);
  return printer.text;
}

/** Prints a string with quotes and escapes. @param value Any text. */
export function printString(value: string): string {
  let text = '"';
  for (const char of value) {
    const point = char.codePointAt(0)!;
    if (char === '"' || char === "\\") text += `\\${char}`;
    else if (char === "\n") text += "\\n";
    else if (char === "\r") text += "\\r";
    else if (char === "\t") text += "\\t";
    else if (point < 0x20 || point === 0x7f) {
      text += `\\u{${point.toString(16)}}`;
    } else text += char;
  }
  return `${text}"`;
}

class Printer {
  text = "";
  #depth = 0;
  readonly #lengthMax: number;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  query(node: QueryNode): void {
    switch (node.op) {
      case "count":
        this.#list("count", () => this.#arg(node.arg));
        return;
      case "sum":
      case "min":
      case "max":
        this.#list(node.op, () => {
          this.#put(printString(node.field));
          this.#arg(node.arg);
        });
        return;
      case "top-n":
        this.#list("top-n", () => {
          this.#put(printString(node.field));
          this.#put(String(node.n));
          this.#arg(node.arg);
        });
        return;
      case "group-by":
        this.#list("group-by", () => {
          const { sum, limit } = node;
          this.#put(printString(node.field));
          if (sum !== null) {
            this.#list("sum", () => this.#put(printString(sum)));
          }
          if (limit !== null) {
            this.#list("limit", () => this.#put(String(limit)));
          }
          this.#arg(node.arg);
        });
        return;
      case "select":
        this.#list("select", () => this.#select(node));
        return;
      default:
        this.expression(node);
    }
  }

  #select(node: QueryNode & { op: "select" }): void {
    const { fields, order, limit, offset } = node;
    if (fields === "*") this.#list("fields", () => this.#put("*"));
    else if (fields.length > 0) {
      this.#list("fields", () => {
        for (const field of fields) this.#put(printString(field));
      });
    }
    if (order.length > 0) {
      this.#list("order-by", () => {
        for (const { field, dir } of order) {
          this.#put(printString(field));
          if (dir === "desc") this.#put("desc");
        }
      });
    }
    if (offset !== 0) this.#list("offset", () => this.#put(String(offset)));
    if (limit !== null) this.#list("limit", () => this.#put(String(limit)));
    this.#arg(node.arg);
  }

  expression(node: ExpressionNode): void {
    this.#list(node.op, () => {
      switch (node.op) {
        case "slice":
          this.#put(printString(node.field));
          for (const condition of node.conds) this.#condition(condition);
          return;
        case "and":
        case "or":
        case "xor":
          for (const arg of node.args) this.expression(arg);
          return;
        case "not":
          this.expression(node.arg);
          return;
        case "row":
          for (const value of node.id) this.#put(printValue(value));
      }
    });
  }

  #condition(node: ConditionNode): void {
    this.#list(node.c, () => {
      switch (node.c) {
        case "range":
        case "between":
          this.#put(node.a.u);
          this.#put(node.b.u);
          return;
        case "in":
          for (const value of node.vs) this.#put(printValue(value));
          return;
        case "regex":
          this.#put(printString(node.pattern));
          return;
        default:
          this.#put(printValue(node.v));
      }
    });
  }

  #arg(arg: ExpressionNode | null): void {
    if (arg !== null) this.expression(arg);
  }

  /** Opens a list, fills it, closes it; a tree may come from anywhere. */
  #list(name: string, fill: () => void): void {
    if (this.#depth === QUERY_DEPTH_MAX) {
      throw new CairnError(
        "invalid-input",
        `Cannot print query: nested more than ${QUERY_DEPTH_MAX} deep`,
        { reason: "too-deep" },
      );
    }
    this.#depth++;
    this.text += this.text === "" ? `(${name}` : ` (${name}`;
    fill();
    this.text += ")";
    this.#depth--;
  }

  #put(word: string): void {
    this.text += ` ${word}`;
    if (this.text.length > this.#lengthMax) {
      throw new CairnError(
        "invalid-input",
        `Cannot print query: longer than ${QUERY_BYTES_MAX} bytes`,
        { reason: "too-long" },
      );
    }
  }
}

function printValue(value: ValueNode): string {
  if ("u" in value) return value.u;
  return "s" in value ? printString(value.s) : `#${value.b}#`;
}
