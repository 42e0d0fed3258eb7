/**
 * The small members, which opening reads.
 *
 * @module
 */
import {
  type AbortOptions,
  createSchema,
  type FieldType,
  type Schema,
} from "@cairn/core";
import { decodeFieldTypes, MEMBER_FIELD_TYPES } from "./additions.ts";
import { decodeFields } from "./fields.ts";
import { decodeInfo, decodeVersion, type TrailInfo } from "./info.ts";
import { MEMBER_FIELDS, MEMBER_INFO, MEMBER_VERSION } from "./layout.ts";
import {
  getMember,
  type MemberWindow,
  placeOf,
  readWindow,
  type TrailMembers,
} from "./trail_members.ts";

/** Longest small member that opening reads whole. */
const SMALL_BYTES_MAX = 16 * 2 ** 20;

/** What opening has read. */
export interface TrailHead {
  /** Version of the format, 0 or 1. */
  readonly version: number;
  /** What `info` states. */
  readonly info: TrailInfo;
  /** Fields and their types. */
  readonly schema: Schema;
}

/**
 * Reads the small members.
 *
 * @param members The TrailDB.
 * @throws {CairnError} `corrupt`, `unsupported`, `io`.
 */
export async function readHead(
  members: TrailMembers,
  options: AbortOptions,
): Promise<TrailHead> {
  const versionWindow = members.find(MEMBER_VERSION);
  const version = versionWindow === undefined ? 0 : decodeVersion(
    await readSmall(versionWindow, 512, options),
    versionWindow,
  );
  const infoWindow = getMember(members, MEMBER_INFO);
  const info = decodeInfo(
    await readSmall(infoWindow, 512, options),
    infoWindow,
  );
  const fieldsWindow = getMember(members, MEMBER_FIELDS);
  const names = decodeFields(
    await readSmall(fieldsWindow, SMALL_BYTES_MAX, options),
    version,
    fieldsWindow,
  );
  const typesWindow = members.find(MEMBER_FIELD_TYPES);
  const types: readonly FieldType[] = typesWindow === undefined
    ? names.map(() => "bytes")
    : decodeFieldTypes(
      await readSmall(typesWindow, SMALL_BYTES_MAX, options),
      names.length,
      placeOf(typesWindow),
    );
  const schema = createSchema(
    names.map((name, i) => ({ name, type: types[i]! })),
  );
  return { version, info, schema };
}

/** Reads the start of a member, so that no stated size decides how much. */
function readSmall(
  window: MemberWindow,
  byteLengthMax: number,
  options: AbortOptions,
): Promise<Uint8Array> {
  return readWindow(
    window,
    0,
    Math.min(window.byteLength, byteLengthMax),
    options,
  );
}
