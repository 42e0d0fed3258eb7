/**
 * Bytes into lines of text.
 *
 * @module
 */
import { CairnError, concatBytes, decodeText } from "@cairn/core";

/** Most bytes of a line. */
const LINE_MAX = 64 << 20;
const LF = 0x0a;

/**
 * Splits UTF-8 into lines, at line feeds; a carriage return before one goes.
 *
 * @param bytes The input.
 * @param name Its name, for errors.
 * @returns Lines without their ends; what stands behind the last line feed is
 * one too, unless it is empty.
 * @throws {CairnError} `invalid-input` for what is not UTF-8, `limit` for a
 * line that is too long; the lines before it have come then.
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  name = "-",
): AsyncGenerator<string> {
  let line = 1;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const part of bytes) {
    const end = part.lastIndexOf(LF);
    if (end >= 0) {
      for (
        const text of textsOf(concatBytes([...held, part.subarray(0, end)]))
      ) {
        if (text === undefined) throw notText(name, line);
        yield text.endsWith("\r") ? text.slice(0, -1) : text;
        line++;
      }
      held = [];
      heldBytes = 0;
    }
    // Pieces are used again: what is kept must be copied.
    const rest = part.slice(end + 1);
    held.push(rest);
    heldBytes += rest.length;
    if (heldBytes > LINE_MAX) {
      throw new CairnError("limit", "Cannot read line: it is too long", {
        where: { file: name, line },
      });
    }
  }
  if (heldBytes === 0) return;
  const last = decodeText(concatBytes(held));
  if (last === undefined) throw notText(name, line);
  yield last;
}

/** Lines as text, all at once where all are; `undefined` for one that is not. */
function* textsOf(lines: Uint8Array): Generator<string | undefined> {
  const text = decodeText(lines);
  if (text !== undefined) {
    yield* text.split("\n");
    return;
  }
  for (let start = 0; start <= lines.length;) {
    const found = lines.indexOf(LF, start);
    const end = found < 0 ? lines.length : found;
    yield decodeText(lines.subarray(start, end));
    start = end + 1;
  }
}

function notText(file: string, line: number): CairnError {
  return new CairnError("invalid-input", "Cannot read line: not UTF-8", {
    where: { file, line },
  });
}
