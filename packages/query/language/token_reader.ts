/**
 * Takes tokens by what is wanted, and says what is wrong with them.
 *
 * @module
 */
import type { CairnError } from "@cairn/core";
import { Lexer, type TokenKind } from "./lexer.ts";
import { OPERATORS } from "./operators.ts";
import { queryError, type QueryErrorReason } from "./place.ts";
import { type NumberNode, QUERY_DEPTH_MAX, type ValueNode } from "./tree.ts";

/** The name of a list's operator. */
export interface ListHead {
  /** The name. */
  readonly name: string;
  /** Where it stands, in UTF-16 units. */
  readonly start: number;
}

/** Reads a query's lists; it counts how deep they nest. */
export class TokenReader {
  /** The tokens. */
  readonly lexer: Lexer;
  readonly #text: string;
  #depth = 0;

  /** Begins at the first token. @param text The query. */
  constructor(text: string) {
    this.#text = text;
    this.lexer = new Lexer(text);
  }

  /** Takes `(` and the operator's name. */
  open(allowed: ReadonlySet<string>, wanted: string): ListHead {
    this.expect("open", wanted);
    if (this.#depth === QUERY_DEPTH_MAX) {
      throw this.wrong(
        "too-deep",
        `lists are nested more than ${QUERY_DEPTH_MAX} deep`,
      );
    }
    this.#depth++;
    this.lexer.takeBracket();
    if (this.lexer.peek() !== "name") {
      throw this.wrong("expected", "the name of an operator is wanted");
    }
    const start = this.lexer.start;
    const name = this.lexer.takeName();
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

  /** Takes `)`. */
  close(): void {
    if (this.lexer.peek() !== "close") {
      throw this.wrong("arity", "an argument too many");
    }
    this.lexer.takeBracket();
    this.#depth--;
  }

  /** Whether `)` is ahead. */
  isClose(): boolean {
    return this.lexer.peek() === "close";
  }

  /** Takes a field's name. */
  field(): { name: string; start: number } {
    this.expect("string", "a field name in quotes");
    const start = this.lexer.start;
    return { name: this.lexer.takeString(), start };
  }

  /** Takes a value. */
  value(): ValueNode {
    switch (this.lexer.peek()) {
      case "number":
        return { u: this.lexer.takeNumber().toString() };
      case "bytes":
        return { b: this.lexer.takeBytes() };
    }
    this.expect("string", "a value");
    return { s: this.lexer.takeString() };
  }

  /** Takes a number. */
  number(): NumberNode {
    this.expect("number", "a number");
    return { u: this.lexer.takeNumber().toString() };
  }

  /** Takes a count. @param least The least allowed. */
  count(least: number): number {
    this.expect("number", "a number");
    const start = this.lexer.start;
    const value = this.lexer.takeNumber();
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

  /** Wants a token of a kind ahead. @param kind Which. @param wanted In words. */
  expect(kind: TokenKind, wanted: string): void {
    const found = this.lexer.peek();
    if (found === kind) return;
    throw found === "close" && this.#depth > 0
      ? this.wrong("arity", `${wanted} is missing`)
      : this.wrong("expected", `${wanted} is wanted`);
  }

  /** An error at the token ahead, unless that is none or the text ends. */
  wrong(reason: QueryErrorReason, message: string): CairnError {
    const start = this.lexer.start;
    const kind = this.lexer.peek();
    this.lexer.assertToken();
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

  /** Makes the error of something given twice. @param start Where. @param name What. */
  duplicate(start: number, name: string): CairnError {
    return queryError(
      this.#text,
      start,
      "duplicate",
      `Cannot read query: "${shorten(name)}" is given twice`,
    );
  }
}

function shorten(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}...` : name;
}
