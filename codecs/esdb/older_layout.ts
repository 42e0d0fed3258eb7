/**
 * Recognizing layouts of June and July 2014, which are refused with the reason.
 *
 * @module
 */
import { CairnError } from "@cairn/core";

const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

/**
 * Says that a file is of an older layout, where damage looks like that.
 *
 * @param error What was thrown while a space was read.
 * @param space The bytes of the space, or the last of them.
 * @returns `unsupported` for older layouts; else `error` itself.
 */
export function diagnoseOlderLayout(
  error: unknown,
  space: Uint8Array,
): unknown {
  if (!(error instanceof CairnError) || error.code !== "corrupt") return error;
  if (error.reason === "falsely-packed") {
    return unsupported(
      error,
      "a block is marked as packed but is not, as written in July 2014",
    );
  }
  if (error.reason === "untimed") {
    return unsupported(
      error,
      "its events have no times, as written before 7 July 2014",
    );
  }
  const length = space.length;
  if (
    length >= 60 && MAGIC.every((byte, i) => space[length - 12 + i] === byte)
  ) {
    return unsupported(
      error,
      "a space ends with a length of four bytes, as written before 29 June 2014",
    );
  }
  return error;
}

/**
 * Tells whether content is events without times: length, data, ..., end mark.
 *
 * @param content Holds the content of an event section.
 * @param start Where it begins.
 * @param end Where it ends, exclusive.
 */
export function isUntimed(
  content: Uint8Array,
  start: number,
  end: number,
): boolean {
  let at = start;
  while (at < end - 1) {
    let length = 0;
    for (let scale = 1;; scale *= 128) {
      if (at >= end || scale > 2 ** 49) return false;
      const byte = content[at++]!;
      length += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    if (length > end - 1 - at) return false;
    at += length;
  }
  return at === end - 1 && content[at] === 0 && at > start;
}

function unsupported(error: CairnError, what: string): CairnError {
  return new CairnError("unsupported", `Cannot read store: ${what}`, {
    where: error.where,
    reason: "older-layout",
    cause: error,
  });
}
