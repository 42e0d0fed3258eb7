/**
 * The tokens of the query language.
 *
 * @module
 */
import type { CairnError } from "@cairn/core";
import { queryError } from "./place.ts";
import { NUMBER_MAX } from "./tree.ts";

/** What a token is, told by its first character. */
export type TokenKind =
  | "open"
  | "close"
  | "string"
  | "bytes"
  | "number"
  | "name"
  | "end";

/** Most decimal digits of a number; 2^128 - 1 has as many. */
const DIGITS_MAX = 39;
/** Most hex digits of a number behind leading zeros. */
const HEX_DIGITS_MAX = 32;

/**
 * Cuts a text into tokens, on demand: a token's kind is known before it is
 * read, so that an error of its place comes before one inside of it.
 */
export class Lexer {
  readonly #text: string;
  #start = 0;
  #offset = 0;
  #isAhead = false;

  /** Begins before the first token. @param text The query. */
  constructor(text: string) {
    this.#text = text;
  }

  /** Where the token ahead begins, in UTF-16 units. */
  get start(): number {
    if (!this.#isAhead) this.#skipBlanks();
    return this.#start;
  }

  /** Kind of the token ahead. @throws {CairnError} `bad-char` when none can begin there. */
  peek(): TokenKind {
    const start = this.start;
    if (start >= this.#text.length) return "end";
    const unit = this.#text.charCodeAt(start);
    switch (unit) {
      case 0x28:
        return "open";
      case 0x29:
        return "close";
      case 0x22:
        return "string";
      case 0x23:
        return "bytes";
    }
    if (isControl(unit) || (isSurrogate(unit) && !isPair(this.#text, start))) {
      throw this.#badChar(start);
    }
    const isNumber = (unit >= 0x30 && unit <= 0x39) || unit === 0x2b ||
      unit === 0x2d || unit === 0x2e;
    return isNumber ? "number" : "name";
  }

  /** Takes the bracket ahead. */
  takeBracket(): void {
    this.#end(this.start + 1);
  }

  /** Takes the name ahead. */
  takeName(): string {
    const name = this.#word();
    this.#end(this.start + name.length);
    return name;
  }

  /** Takes the number ahead, which must be one. */
  takeNumber(): bigint {
    const word = this.#word();
    const value = parseNumber(word);
    if (value === undefined) {
      throw queryError(
        this.#text,
        this.start,
        "bad-number",
        "Cannot read number: digits without sign, fraction or leading zero wanted, at most 2^128 - 1",
      );
    }
    this.#end(this.start + word.length);
    return value;
  }

  /** Takes the string ahead. */
  takeString(): string {
    const text = this.#text;
    let made = "";
    const start = this.start;
    let from = start + 1;
    for (let i = from;; i++) {
      if (i >= text.length) {
        throw queryError(
          text,
          start,
          "unterminated-string",
          "Cannot read string: the text ends, a closing quote wanted",
        );
      }
      const unit = text.charCodeAt(i);
      if (unit === 0x22) {
        made += text.slice(from, i);
        this.#end(i + 1);
        return made;
      }
      if (unit === 0x5c) {
        const escape = this.#escape(i);
        made += text.slice(from, i) + escape.text;
        from = escape.end;
        i = from - 1;
      } else if (isSurrogate(unit)) {
        if (!isPair(text, i)) throw this.#badChar(i);
        i++;
      } else if (isControl(unit)) {
        throw this.#badChar(i);
      }
    }
  }

  /** Takes the bytes ahead, as lower-case hex. */
  takeBytes(): string {
    const end = this.#text.indexOf("#", this.start + 1);
    const hex = this.#text.slice(this.start + 1, Math.max(end, 0));
    if (hex === "" || hex.length % 2 !== 0 || /[^0-9a-fA-F]/.test(hex)) {
      throw queryError(
        this.#text,
        this.#start,
        "bad-hex",
        "Cannot read bytes: pairs of hex digits between # and # wanted",
      );
    }
    this.#end(end + 1);
    return hex.toLowerCase();
  }

  /**
   * Throws when the token ahead is wrong from its first character on: it is
   * then no token at all, wherever it stands. Called before some other error
   * is thrown, so what is ahead afterwards does not matter.
   */
  assertToken(): void {
    try {
      const kind = this.peek();
      if (kind === "number") this.takeNumber();
      else if (kind === "bytes") this.takeBytes();
      else if (kind === "string") this.takeString();
    } catch (error) {
      const reason = (error as CairnError).reason;
      if (reason !== "bad-escape" && reason !== "bad-char") throw error;
      // In a string these lie behind its first character; else it cannot begin.
      if (this.#text.charCodeAt(this.start) !== 0x22) throw error;
    }
  }

  #skipBlanks(): void {
    const text = this.#text;
    let at = this.#offset;
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (isBlank(unit)) continue;
      if (unit !== 0x3b) break;
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    }
    this.#start = Math.min(at, text.length);
    this.#offset = this.#start;
    this.#isAhead = true;
  }

  #end(offset: number): void {
    this.#offset = offset;
    this.#isAhead = false;
  }

  #word(): string {
    const text = this.#text;
    let end = this.start;
    for (; end < text.length; end++) {
      const unit = text.charCodeAt(end);
      if (isBlank(unit) || isControl(unit) || isDelimiter(unit)) break;
      if (!isSurrogate(unit)) continue;
      if (!isPair(text, end)) break;
      end++;
    }
    return text.slice(this.start, end);
  }

  #escape(at: number): { text: string; end: number } {
    const text = this.#text;
    switch (text.charCodeAt(at + 1)) {
      case 0x22:
        return { text: '"', end: at + 2 };
      case 0x5c:
        return { text: "\\", end: at + 2 };
      case 0x6e:
        return { text: "\n", end: at + 2 };
      case 0x72:
        return { text: "\r", end: at + 2 };
      case 0x74:
        return { text: "\t", end: at + 2 };
      case 0x75: {
        const match = /^\{([0-9a-fA-F]{1,6})\}/.exec(
          text.slice(at + 2, at + 10),
        );
        const point = match === null ? -1 : parseInt(match[1]!, 16);
        if (match === null || !isScalar(point)) break;
        return {
          text: String.fromCodePoint(point),
          end: at + 2 + match[0].length,
        };
      }
    }
    if (at + 1 >= text.length) {
      throw queryError(
        text,
        this.#start,
        "unterminated-string",
        "Cannot read string: the text ends, a closing quote wanted",
      );
    }
    throw queryError(
      text,
      at,
      "bad-escape",
      String
        .raw`Cannot read string: one of \" \\ \n \r \t \u{...} wanted; in a pattern, write a backslash twice`,
    );
  }

  #badChar(at: number): Error {
    const code = this.#text.charCodeAt(at).toString(16).toUpperCase();
    return queryError(
      this.#text,
      at,
      "bad-char",
      `Cannot read query: U+${code.padStart(4, "0")} is not allowed here`,
    );
  }
}

function parseNumber(word: string): bigint | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(word)) {
    const digits = word.slice(2).replace(/^0+/, "");
    if (digits.length > HEX_DIGITS_MAX) return undefined;
    return BigInt(`0x0${digits}`);
  }
  if (word.length > DIGITS_MAX || !/^(?:0|[1-9][0-9]*)$/.test(word)) {
    return undefined;
  }
  const value = BigInt(word);
  return value <= NUMBER_MAX ? value : undefined;
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d;
}

function isControl(unit: number): boolean {
  return unit === 0x7f ||
    (unit < 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d);
}

function isDelimiter(unit: number): boolean {
  return unit === 0x28 || unit === 0x29 || unit === 0x22 || unit === 0x23 ||
    unit === 0x3b;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function isScalar(point: number): boolean {
  return point <= 0x10ffff && !isSurrogate(point);
}

function isPair(text: string, at: number): boolean {
  const low = text.charCodeAt(at + 1);
  return text.charCodeAt(at) <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}
