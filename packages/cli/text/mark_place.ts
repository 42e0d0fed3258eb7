/**
 * A text with a mark under the place of a mistake.
 *
 * @module
 */

/**
 * Shows a line of a text and a mark under one of its characters.
 *
 * @param text The text.
 * @param line Which line, from 1.
 * @param column Which character, in code points, from 1; one behind the end
 * is the end of the line.
 * @returns Two lines, indented, without a last line end.
 */
export function markPlace(text: string, line: number, column: number): string {
  const shown = (text.split("\n")[line - 1] ?? "").replace(/\r$/, "");
  const before = [...shown].slice(0, column - 1);
  // A tab is as wide in both lines; other control characters show as a blank.
  const visible = [...shown].map((c) => isControl(c) ? " " : c).join("");
  const gap = before.map((c) => c === "\t" ? "\t" : " ".repeat(width(c)));
  return `  ${visible}\n  ${gap.join("")}^`;
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0)!;
  return (code < 0x20 && character !== "\t") || (code >= 0x7f && code < 0xa0);
}

/** Cells of a terminal: two for what East Asian fonts and emoji take. */
function width(character: string): number {
  const code = character.codePointAt(0)!;
  const wide = (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
