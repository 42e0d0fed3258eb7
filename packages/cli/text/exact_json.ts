/**
 * JSON whose numbers stay as they are written.
 *
 * @module
 */

/** A part of the language that TypeScript does not list yet. */
interface RawJson {
  parse(
    text: string,
    reviver: (
      key: string,
      value: unknown,
      context: { readonly source?: string },
    ) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
}

const json = JSON as unknown as RawJson;

/**
 * Parses JSON. A number that would be rounded or written another way, such as
 * `12345678901234567890` and `1.50`, keeps its text; `JSON.stringify` and
 * {@linkcode plainText} give it back.
 *
 * @param text The JSON.
 * @throws {SyntaxError} When it is none.
 */
export function parseExactJson(text: string): unknown {
  return json.parse(text, (_key, value, { source }) => {
    const isExact = typeof value !== "number" || source === undefined ||
      String(value) === source;
    return isExact ? value : json.rawJSON(source);
  });
}

/**
 * Writes a string, a number or a boolean as plain text.
 *
 * @param value What `parseExactJson` gave.
 * @returns The text; `undefined` for `null`, objects and arrays.
 */
export function plainText(value: unknown): string | undefined {
  if (json.isRawJSON(value)) return value.rawJSON;
  return typeof value === "object" || value === undefined
    ? undefined
    : String(value);
}
