/**
 * Pieces of JSON text: strings, numbers, whole values passed over.
 *
 * @module
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What a scanner found wrong. */
export class JsonFault {
  /** Where. */
  at = 0;
  /** What was found and wanted. */
  what = "";
  /** Whether the last string passed has escapes. */
  escaped = false;
  /** All bytes of strings passed since this was last 0, or-ed: 128 or more when one is not ASCII. */
  high = 0;

  /** Remembers a fault. @returns -1, for the caller to pass on. */
  set(at: number, what: string): number {
    this.at = at;
    this.what = what;
    return -1;
  }
}

/** Skips blanks. @returns The first byte that is none. */
export function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) break;
    at++;
  }
  return at;
}

/**
 * Passes over a string.
 *
 * @param at Where its opening quote is.
 * @returns Where its closing quote is; -1 for a fault.
 */
export function skipString(
  bytes: Uint8Array,
  at: number,
  end: number,
  fault: JsonFault,
): number {
  const start = at++;
  let high = 0;
  fault.escaped = false;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      fault.high |= high;
      return at;
    }
    if (byte < 0x20) return fault.set(at, "control character in a string");
    high |= byte;
    if (byte === BACKSLASH) {
      const escape = escapeLength(bytes, at, end);
      if (escape === 0) return fault.set(at, "escape that JSON does not have");
      fault.escaped = true;
      at += escape;
    } else at++;
  }
  return fault.set(start, "string that is never closed");
}

/** Gives the length of an escape, its backslash included; 0 for none. */
function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return 0;
  const kind = bytes[at + 1]!;
  if (kind !== 0x75) return SIMPLE_ESCAPES[kind] === 0 ? 0 : 2;
  return at + 6 <= end && hexUnit(bytes, at + 2) >= 0 ? 6 : 0;
}

/** What stands behind a backslash, and for which byte; 0 for nothing. */
const SIMPLE_ESCAPES: Uint8Array = new Uint8Array(256);
for (
  const [kind, value] of Object.entries({
    '"': '"',
    "\\": "\\",
    "/": "/",
    b: "\b",
    f: "\f",
    n: "\n",
    r: "\r",
    t: "\t",
  })
) SIMPLE_ESCAPES[kind.charCodeAt(0)] = value.charCodeAt(0);

/** Reads 4 hex digits; -1 when they are not. */
function hexUnit(bytes: Uint8Array, at: number): number {
  let unit = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i]! | 0x20;
    const digit = byte >= 0x61 ? byte - 0x57 : bytes[at + i]! - 0x30;
    if (digit < 0 || digit > 15 || (byte < 0x61 && digit > 9)) return -1;
    unit = 16 * unit + digit;
  }
  return unit;
}

/**
 * Decodes the escapes of a string that `skipString` has passed, in place:
 * no escape is shorter than what it stands for.
 *
 * @param start Behind its opening quote.
 * @param end Its closing quote.
 * @returns Behind the decoded text; -1 for a surrogate without its partner.
 */
export function decodeString(
  bytes: Uint8Array,
  start: number,
  end: number,
  fault: JsonFault,
): number {
  let to = start;
  let at = start;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte !== BACKSLASH) {
      bytes[to++] = byte;
      at++;
      continue;
    }
    const kind = bytes[at + 1]!;
    if (kind !== 0x75) {
      bytes[to++] = SIMPLE_ESCAPES[kind]!;
      at += 2;
      continue;
    }
    let code = hexUnit(bytes, at + 2);
    if (code >= 0xd800 && code < 0xe000) {
      const low = code < 0xdc00 && at + 12 <= end &&
          bytes[at + 6] === BACKSLASH && bytes[at + 7] === 0x75
        ? hexUnit(bytes, at + 8)
        : -1;
      if (low < 0xdc00 || low > 0xdfff) {
        return fault.set(at, "half a surrogate pair, which is no text");
      }
      code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      at += 6;
    }
    at += 6;
    to = putUtf8(bytes, to, code);
  }
  return to;
}

function putUtf8(bytes: Uint8Array, to: number, code: number): number {
  if (code < 0x80) bytes[to++] = code;
  else {
    if (code < 0x800) bytes[to++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x1_0000) bytes[to++] = 0xe0 | (code >> 12);
      else {
        bytes[to++] = 0xf0 | (code >> 18);
        bytes[to++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[to++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[to++] = 0x80 | (code & 0x3f);
  }
  return to;
}

/**
 * Passes over a number.
 *
 * @returns Behind it; -1 for a fault.
 */
function skipNumber(
  bytes: Uint8Array,
  at: number,
  end: number,
  fault: JsonFault,
): number {
  const start = at;
  if (bytes[at] === 0x2d) at++;
  const digits = at;
  at = skipDigits(bytes, at, end);
  if (at === digits || (bytes[digits] === 0x30 && at > digits + 1)) {
    return fault.set(start, "no JSON value");
  }
  if (at < end && bytes[at] === 0x2e) {
    const fraction = ++at;
    at = skipDigits(bytes, at, end);
    if (at === fraction) {
      return fault.set(start, "number without digits behind its point");
    }
  }
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    at++;
    if (at < end && (bytes[at] === 0x2b || bytes[at] === 0x2d)) at++;
    const exponent = at;
    at = skipDigits(bytes, at, end);
    if (at === exponent) {
      return fault.set(start, "number without digits in its exponent");
    }
  }
  return at;
}

function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
  return at;
}

/**
 * Passes over `true`, `false` or `null`.
 *
 * @returns Behind it; -1 for a fault.
 */
function skipWord(
  bytes: Uint8Array,
  at: number,
  end: number,
  fault: JsonFault,
): number {
  const first = bytes[at];
  const word = first === 0x74 ? "true" : first === 0x66 ? "false" : "null";
  if (at + word.length > end) return fault.set(at, "no JSON value");
  for (let i = 0; i < word.length; i++) {
    if (bytes[at + i] !== word.charCodeAt(i)) {
      return fault.set(at, "no JSON value");
    }
  }
  return at + word.length;
}

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Passes over any value.
 *
 * @param at Where it begins; no blank.
 * @returns Behind it; -1 for a fault.
 */
export function skipValue(
  bytes: Uint8Array,
  at: number,
  end: number,
  fault: JsonFault,
): number {
  const byte = at < end ? bytes[at]! : 0;
  if (byte === QUOTE) {
    const close = skipString(bytes, at, end, fault);
    return close < 0 ? -1 : close + 1;
  }
  if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
    return skipContainer(bytes, at, end, fault);
  }
  return byte === 0x74 || byte === 0x66 || byte === 0x6e
    ? skipWord(bytes, at, end, fault)
    : skipNumber(bytes, at, end, fault);
}

/** Passes over an object or array; a list of what is open stands for the call stack. */
function skipContainer(
  bytes: Uint8Array,
  at: number,
  end: number,
  fault: JsonFault,
): number {
  const start = at;
  let closes = new Uint8Array(32);
  let depth = 0;
  let state: "value" | "first" | "name" | "behind" = "value";
  while ((at = skipBlanks(bytes, at, end)) < end) {
    const byte = bytes[at]!;
    const close = depth === 0 ? 0 : closes[depth - 1]!;
    if ((state === "behind" || state === "first") && byte === close) {
      at++;
      if (--depth === 0) return at;
      state = "behind";
    } else if (state === "behind") {
      if (byte !== COMMA) return fault.set(at, "no comma between values");
      at++;
      state = close === CLOSE_OBJECT ? "name" : "value";
    } else if (
      state === "name" || (state === "first" && close === CLOSE_OBJECT)
    ) {
      at = skipName(bytes, at, end, fault);
      if (at < 0) return -1;
      state = "value";
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (depth === closes.length) {
        const grown = new Uint8Array(2 * depth);
        grown.set(closes);
        closes = grown;
      }
      closes[depth++] = byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
      at++;
      state = "first";
    } else {
      at = skipValue(bytes, at, end, fault);
      if (at < 0) return -1;
      state = "behind";
    }
  }
  return fault.set(start, "object or array that is never closed");
}

/**
 * Passes over a name and its colon.
 *
 * @param at Where the name begins; no blank.
 * @returns Behind the colon; -1 for a fault.
 */
export function skipName(
  bytes: Uint8Array,
  at: number,
  end: number,
  fault: JsonFault,
): number {
  if (at >= end || bytes[at] !== QUOTE) {
    return fault.set(at, "no name between quotes");
  }
  const close = skipString(bytes, at, end, fault);
  if (close < 0) return -1;
  at = skipBlanks(bytes, close + 1, end);
  if (at >= end || bytes[at] !== COLON) {
    return fault.set(at, "no colon behind a name");
  }
  return at + 1;
}
