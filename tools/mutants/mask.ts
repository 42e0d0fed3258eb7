/**
 * Code without what is not code.
 *
 * @module
 */

/** Where a regular expression may begin: after these, a slash is no division. */
const BEFORE_REGEX = /(^|[(,=:[!&|?{};+]|\breturn)\s*$/;

/**
 * Blanks comments, strings, templates and regular expressions, so that an
 * operator meets code alone. Every character keeps its place.
 *
 * @param text A module.
 * @returns The same length, with spaces where there is no code.
 */
export function maskCode(text: string): string {
  const code = text.split("");
  let at = 0;
  const blank = (end: number) => {
    for (; at < end; at++) if (code[at] !== "\n") code[at] = " ";
  };
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    const one = text[at]!;
    if (two === "//") blank(endOf(text, "\n", at));
    else if (two === "/*") blank(endOf(text, "*/", at + 2) + 2);
    else if (one === '"' || one === "'") blank(endOfString(text, at));
    else if (one === "`") blank(endOfTemplate(text, at));
    else if (
      one === "/" && BEFORE_REGEX.test(text.slice(Math.max(0, at - 20), at))
    ) blank(endOfRegex(text, at));
    else at++;
  }
  return code.join("");
}

/**
 * Finds the bracket that closes the one at `open`.
 *
 * @param code Masked.
 * @param open Where a bracket opens.
 * @returns The closing bracket's place.
 */
export function closingBracket(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if ("([{".includes(code[at]!)) depth++;
    else if (")]}".includes(code[at]!) && --depth === 0) return at;
  }
  return code.length;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== text[start]) {
    at += text[at] === "\\" ? 2 : 1;
  }
  return at + 1;
}

/** A template and the expressions inside it, which make messages and names. */
function endOfTemplate(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== "`") {
    if (text[at] === "\\") at += 2;
    else if (text.startsWith("${", at)) at = endOfHole(text, at + 2);
    else at++;
  }
  return at + 1;
}

function endOfHole(text: string, start: number): number {
  let at = start;
  for (let depth = 1; at < text.length; at++) {
    if (text[at] === "`") at = endOfTemplate(text, at) - 1;
    else if (text[at] === '"') at = endOfString(text, at) - 1;
    else if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at + 1;
  }
  return at;
}

function endOfRegex(text: string, start: number): number {
  let at = start + 1;
  for (let inClass = false; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "[") inClass = true;
    else if (text[at] === "]") inClass = false;
    else if (text[at] === "/" && !inClass) break;
  }
  return at + 1;
}
