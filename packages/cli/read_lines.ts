/**
 * Bytes into lines of text.
 *
 * @module
 */
import { CairnError } from "@cairn/core";

/** Most characters of a line. */
const LINE_MAX = 64 << 20;

/**
 * Splits UTF-8 into lines, at line feeds; a carriage return before one goes.
 *
 * @param bytes The input.
 * @param name Its name, for errors.
 * @returns Lines without their ends; what stands behind the last line feed is
 * one too, unless it is empty.
 * @throws {CairnError} `invalid-input` for what is not UTF-8, `limit` for a
 * line that is too long.
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  name = "-",
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decode = (part?: Uint8Array): string => {
    try {
      return decoder.decode(part, { stream: part !== undefined });
    } catch (cause) {
      throw new CairnError("invalid-input", "Cannot read line: not UTF-8", {
        where: { file: name, line },
        cause,
      });
    }
  };
  let line = 1;
  let rest = "";
  for await (const part of bytes) {
    const pieces = (rest + decode(part)).split("\n");
    rest = pieces.pop()!;
    for (const piece of pieces) {
      yield piece.endsWith("\r") ? piece.slice(0, -1) : piece;
      line++;
    }
    if (rest.length > LINE_MAX) {
      throw new CairnError("limit", "Cannot read line: it is too long", {
        where: { file: name, line },
      });
    }
  }
  rest += decode();
  if (rest !== "") yield rest;
}
