/**
 * What may stand between cells of CSV.
 *
 * @module
 */

/**
 * Tells whether a text can be a delimiter: one ASCII character that is neither
 * a quote nor a line end.
 *
 * @param text The text.
 */
export function isDelimiter(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 0x80 &&
    !['"', "\n", "\r"].includes(text);
}
