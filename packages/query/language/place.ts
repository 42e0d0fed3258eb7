/**
 * Places in a query's text, and errors that carry one.
 *
 * @module
 */
import { CairnError } from "@cairn/core";

/** Why a query is refused; part of the API. */
export type QueryErrorReason =
  | "empty"
  | "eof"
  | "unterminated-string"
  | "bad-escape"
  | "bad-char"
  | "bad-number"
  | "bad-hex"
  | "expected"
  | "unknown-form"
  | "misplaced"
  | "arity"
  | "duplicate"
  | "bad-regex"
  | "trailing"
  | "too-deep"
  | "too-long"
  | "unknown-field"
  | "bad-view"
  | "no-view"
  | "type";

/** A line and a column, both from 1. */
export interface TextPlace {
  /** Lines end with LF. */
  readonly line: number;
  /** Counts code points. */
  readonly column: number;
}

/**
 * Turns an offset into line and column.
 *
 * @param text The query.
 * @param offset In UTF-16 units, as JavaScript counts.
 * @returns Line and column in code points.
 */
function findPlace(text: string, offset: number): TextPlace {
  let line = 1;
  let lineStart = 0;
  for (;;) {
    const end = text.indexOf("\n", lineStart);
    if (end < 0 || end >= offset) break;
    line++;
    lineStart = end + 1;
  }
  let column = 1;
  for (let i = lineStart; i < offset; i++) {
    const unit = text.charCodeAt(i);
    const next = text.charCodeAt(i + 1);
    if (isHigh(unit) && i + 1 < offset && isLow(next)) i++;
    column++;
  }
  return { line, column };
}

/**
 * Makes the error of a query.
 *
 * @param text The query.
 * @param offset Where, in UTF-16 units; `undefined` when nobody knows.
 * @param reason Why.
 * @param message What was found and what was wanted.
 */
export function queryError(
  text: string,
  offset: number | undefined,
  reason: QueryErrorReason,
  message: string,
): CairnError {
  return new CairnError("invalid-input", message, {
    reason,
    where: offset === undefined ? {} : findPlace(text, offset),
  });
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
