/**
 * Keys: made and taken apart.
 *
 * Layout: docs/formats/bitmap.md, part "Keys".
 *
 * @module
 */
import { CairnError, concatBytes, formatHex } from "@cairn/core";
import {
  KEY_BYTES_MAX,
  KIND,
  type Kind,
  SLOT_BYTES,
  SUPERBLOCK_NAME,
} from "./layout.ts";
import { writeSlot } from "./slot.ts";

const encoder = new TextEncoder();

/** A key, taken apart. Byte strings are views of the key. */
export type Key =
  | {
    /** Tells layouts apart. */
    readonly layout: "meta";
    /** 0 for the store itself. */
    readonly keyspace: number;
    /** Name of the record. */
    readonly name: Uint8Array;
  }
  | {
    /** Tells layouts apart. */
    readonly layout: "chunk";
    /** 1 to 4,095. */
    readonly keyspace: number;
    /** Presence, equality, slice or trigram. */
    readonly kind: Kind;
    /** Name of a field or view. */
    readonly name: Uint8Array;
    /** Value, number of the slice, or trigram. */
    readonly slot: Uint8Array;
    /** Number of the chunk. */
    readonly offset: Uint8Array;
  }
  | {
    /** Tells layouts apart. */
    readonly layout: "entry";
    /** 1 to 4,095. */
    readonly keyspace: number;
    /** Row, row lookup, value or value ordinal. */
    readonly kind: Kind;
    /** Name of the keyspace or field. */
    readonly name: Uint8Array;
    /** Address, hash, value slot or value ordinal. */
    readonly slot: Uint8Array;
    /** The row id or value. */
    readonly id: Uint8Array;
  };

/** The superblock's key, the first of every store. */
export const SUPERBLOCK_KEY: Uint8Array = metaKey(0, SUPERBLOCK_NAME);

/** Makes the key of a metadata record. @param keyspace Its number. @param name Its name. */
export function metaKey(keyspace: number, name: string): Uint8Array {
  return namePrefix(keyspace, KIND.meta, encoder.encode(name));
}

/**
 * Makes what all keys of one kind and name begin with.
 *
 * @param keyspace Its number.
 * @param kind Which kind of key.
 * @param name Field, view or keyspace name, at most 65,535 bytes.
 */
export function namePrefix(
  keyspace: number,
  kind: Kind,
  name: Uint8Array,
): Uint8Array {
  if (name.length > KEY_BYTES_MAX) {
    throw new CairnError(
      "limit",
      `Cannot make key: a name of ${name.length} bytes, at most ${KEY_BYTES_MAX} wanted`,
    );
  }
  const partition = keyspace * 16 + kind;
  const key = new Uint8Array(4 + name.length);
  key[0] = partition >>> 8;
  key[1] = partition & 0xff;
  key[2] = name.length >>> 8;
  key[3] = name.length & 0xff;
  key.set(name, 4);
  return key;
}

/**
 * Adds a slot to a prefix.
 *
 * @param prefix From {@linkcode namePrefix}.
 * @param slot 16 bytes or a number.
 */
export function slotPrefix(
  prefix: Uint8Array,
  slot: Uint8Array | number,
): Uint8Array {
  const key = new Uint8Array(prefix.length + SLOT_BYTES);
  key.set(prefix);
  if (typeof slot === "number") writeSlot(key, prefix.length, slot);
  else key.set(slot, prefix.length);
  return key;
}

/**
 * Adds an id, with its length, to a prefix that ends with a slot.
 *
 * @param prefix From {@linkcode slotPrefix}.
 * @param id At most 65,535 bytes.
 */
export function entryKey(prefix: Uint8Array, id: Uint8Array): Uint8Array {
  if (id.length > KEY_BYTES_MAX) {
    throw new CairnError(
      "limit",
      `Cannot make key: an id of ${id.length} bytes, at most ${KEY_BYTES_MAX} wanted`,
    );
  }
  return concatBytes([
    prefix,
    Uint8Array.of(id.length >>> 8, id.length & 0xff),
    id,
  ]);
}

/**
 * Gives the first key behind all that begin with a prefix.
 *
 * @param prefix Not all 0xff; partitions never are.
 */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  const end = prefix.slice(0, length);
  end[length - 1] = end[length - 1]! + 1;
  return end;
}

/**
 * Takes a key apart, and checks that it has exactly the bytes it needs.
 *
 * @param key Any bytes.
 * @returns Its parts, as views.
 * @throws {CairnError} `corrupt` when it fits no layout.
 */
export function decodeKey(key: Uint8Array): Key {
  if (key.length < 4) throw badKey(key, "shorter than 4 bytes");
  const partition = key[0]! << 8 | key[1]!;
  const keyspace = partition >>> 4;
  const kind = (partition & 15) as Kind;
  const nameLength = key[2]! << 8 | key[3]!;
  const slotAt = 4 + nameLength;
  if (nameLength > key.length - 4) throw badKey(key, "ends inside its name");
  const name = key.subarray(4, slotAt);
  if (kind === KIND.meta) {
    if (key.length !== slotAt) throw badKey(key, "bytes behind its name");
    return { layout: "meta", keyspace, name };
  }
  if (keyspace === 0) throw badKey(key, "of keyspace 0");
  if (kind > KIND.valueOrdinal) throw badKey(key, `of kind ${kind}`);
  const secondAt = slotAt + SLOT_BYTES;
  if (key.length < secondAt) throw badKey(key, "ends inside its slot");
  const slot = key.subarray(slotAt, secondAt);
  if (kind <= KIND.trigram) {
    if (key.length !== secondAt + SLOT_BYTES) {
      throw badKey(key, "not 16 bytes of offset");
    }
    const offset = key.subarray(secondAt);
    return { layout: "chunk", keyspace, kind, name, slot, offset };
  }
  if (key.length < secondAt + 2) throw badKey(key, "ends before its id");
  const idLength = key[secondAt]! << 8 | key[secondAt + 1]!;
  if (key.length !== secondAt + 2 + idLength) {
    throw badKey(key, "not as long as its id says");
  }
  const id = key.subarray(secondAt + 2);
  return { layout: "entry", keyspace, kind, name, slot, id };
}

function badKey(key: Uint8Array, what: string): CairnError {
  return new CairnError(
    "corrupt",
    `Cannot read key ${formatHex(key.subarray(0, 40))}: ${what}`,
    { where: { part: "keys" } },
  );
}
