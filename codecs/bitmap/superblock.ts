/**
 * The first record of every store: what it is and which keyspaces it has.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import { decodeRecord, encodeCbor } from "./_cbor.ts";
import { FORMAT_NAME, FORMAT_VERSION, KEYSPACE_MAX } from "./layout.ts";

/** What the superblock says. */
export interface Superblock {
  /** True in a sealed file. */
  readonly sealed: boolean;
  /** Number of each keyspace by name, in order of numbers. */
  readonly keyspaces: ReadonlyMap<string, number>;
}

/** Encodes a superblock. @param superblock What it says. */
export function encodeSuperblock(superblock: Superblock): Uint8Array {
  return encodeCbor({
    format: FORMAT_NAME,
    version: FORMAT_VERSION,
    sealed: superblock.sealed,
    keyspaces: new Map(superblock.keyspaces),
  });
}

/**
 * Decodes a superblock.
 *
 * @param bytes The record.
 * @throws {CairnError} `corrupt`; `unsupported` for a higher version.
 */
export function decodeSuperblock(bytes: Uint8Array): Superblock {
  const record = decodeRecord(bytes, "superblock");
  record.word("format", [FORMAT_NAME]);
  const version = record.integer("version", 1);
  if (version > FORMAT_VERSION) {
    throw new CairnError(
      "unsupported",
      `Cannot read store: version ${version} of the format, at most ${FORMAT_VERSION} wanted`,
      { where: { part: "superblock" } },
    );
  }
  const keyspaces = record.record("keyspaces");
  const entries = [...keyspaces.map.keys()].map((name): [string, number] => [
    name,
    keyspaces.integer(name, 1, KEYSPACE_MAX),
  ]);
  entries.sort((a, b) => a[1] - b[1]);
  if (new Set(entries.map(([, number]) => number)).size < entries.length) {
    throw record.corrupt("two keyspaces have one number");
  }
  return { sealed: record.boolean("sealed"), keyspaces: new Map(entries) };
}
