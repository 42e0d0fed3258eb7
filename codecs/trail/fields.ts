/**
 * The member `fields`.
 *
 * @module
 */
import {
  FIELD_NAME_PATTERN,
  TIME_FIELD_NAME,
  TRAIL_FIELDS_MAX,
} from "./layout.ts";
import { corruptMember, type MemberWindow } from "./trail_members.ts";

const latin1 = new TextDecoder("latin1");
const NEWLINE = 10;

/**
 * Decodes the names of the fields.
 *
 * @param bytes The member.
 * @param version Version of the format; only version 1 ends with an empty line.
 * @param window Where it is.
 * @returns Names in schema order.
 * @throws {CairnError} `corrupt` for bad or repeated names, too many of them,
 * or a missing end.
 */
export function decodeFields(
  bytes: Uint8Array,
  version: number,
  window: MemberWindow,
): string[] {
  const names: string[] = [];
  const seen = new Set<string>();
  let start = 0;
  while (start < bytes.length) {
    let end = bytes.indexOf(NEWLINE, start);
    if (end === start) return names;
    if (end < 0) {
      if (version > 0) break;
      end = bytes.length;
    }
    const name = latin1.decode(bytes.subarray(start, end));
    if (!FIELD_NAME_PATTERN.test(name) || name === TIME_FIELD_NAME) {
      throw corruptMember(
        window,
        `Cannot read fields: "${name.slice(0, 80)}" is no field name`,
        start,
      );
    }
    if (seen.has(name)) {
      throw corruptMember(window, `Cannot read fields: "${name}" twice`, start);
    }
    if (names.length === TRAIL_FIELDS_MAX) {
      throw corruptMember(
        window,
        `Cannot read fields: more than ${TRAIL_FIELDS_MAX}`,
        start,
      );
    }
    seen.add(name);
    names.push(name);
    start = end + 1;
  }
  if (version > 0) {
    throw corruptMember(
      window,
      "Cannot read fields: no empty line ends them",
      start,
    );
  }
  return names;
}
