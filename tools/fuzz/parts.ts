/**
 * The parts of a file, so that a large table does not take all the damage.
 *
 * @module
 */

/** A run of bytes. */
export interface FilePart {
  /** What it is. */
  readonly name: string;
  /** Its first byte. */
  readonly start: number;
  /** The byte behind its last. */
  readonly end: number;
}

const BLOCK = 512;
const MAGIC_AT = 257;
const SIZE_AT = 124;
const SIZE_DIGITS = 12;

/**
 * Tells the parts of a file: headers and members of a tar archive (a trail
 * package is one), and whatever else as a whole.
 *
 * @param bytes The file; one that is damaged has fewer parts.
 * @returns Parts that together are the file.
 */
export function partsOf(bytes: Uint8Array): FilePart[] {
  const parts: FilePart[] = [];
  let at = 0;
  while (textAt(bytes, at + MAGIC_AT, 5) === "ustar") {
    const name = textAt(bytes, at, 100).replace(/\0.*$/s, "");
    const size = parseInt(textAt(bytes, at + SIZE_AT, SIZE_DIGITS), 8);
    const end = at + BLOCK * (1 + Math.ceil(size / BLOCK));
    if (!(end <= bytes.length)) break;
    parts.push({ name: `header of ${name}`, start: at, end: at + BLOCK });
    if (size > 0) parts.push({ name, start: at + BLOCK, end });
    at = end;
  }
  if (at < bytes.length) {
    parts.push({
      name: at === 0 ? "file" : "end",
      start: at,
      end: bytes.length,
    });
  }
  return parts;
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
