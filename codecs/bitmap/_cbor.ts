/**
 * CBOR records with checks on what they hold.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import { decode, encode, rfc8949EncodeOptions } from "cborg";

/** A decoded map with text keys. */
export type CborMap = ReadonlyMap<string, unknown>;

/** Encodes deterministically. @param value Maps, arrays, text, numbers, booleans. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value, rfc8949EncodeOptions).slice();
}

/**
 * Decodes a record and reads its members with checks.
 *
 * @param bytes Any valid CBOR that is a map with text keys.
 * @param part What it is, for errors.
 */
export function decodeRecord(bytes: Uint8Array, part: string): CborRecord {
  let value: unknown;
  try {
    value = decode(bytes, { useMaps: true });
  } catch (cause) {
    throw new CairnError("corrupt", `Cannot read ${part}: it is not CBOR`, {
      where: { part },
      cause,
    });
  }
  return new CborRecord(value, part);
}

/** A map whose members are asked for by type. */
export class CborRecord {
  /** The members. */
  readonly map: CborMap;
  readonly #part: string;
  readonly #name: string;

  /**
   * Wraps a decoded value.
   *
   * @param value Should be a map.
   * @param part The record it is, or is inside of.
   * @param name What it is, for messages.
   */
  constructor(value: unknown, part: string, name: string = part) {
    this.#part = part;
    this.#name = name;
    if (
      !(value instanceof Map) ||
      ![...value.keys()].every((key) => typeof key === "string")
    ) throw this.corrupt("it is not a map with text keys");
    this.map = value;
  }

  /** Makes the error for a record that is wrong. @param detail What is wrong. */
  corrupt(detail: string): CairnError {
    return new CairnError("corrupt", `Cannot read ${this.#name}: ${detail}`, {
      where: { part: this.#part },
    });
  }

  /** Gets text. @param name Which member. */
  text(name: string): string {
    const value = this.map.get(name);
    if (typeof value !== "string") throw this.#wrong(name, "text");
    return value;
  }

  /** Gets one of some words. @param name Which member. @param words The words. */
  word<W extends string>(name: string, words: readonly W[]): W {
    const value = this.map.get(name);
    const word = words.find((word) => word === value);
    if (word === undefined) throw this.#wrong(name, words.join(" or "));
    return word;
  }

  /** Gets an integer. @param name Which member. @param min Least. @param max Most. */
  integer(
    name: string,
    min: number,
    max: number = Number.MAX_SAFE_INTEGER,
  ): number {
    const value = this.map.get(name);
    if (
      typeof value !== "number" || !Number.isSafeInteger(value) ||
      value < min || value > max
    ) throw this.#wrong(name, `an integer from ${min} to ${max}`);
    return value;
  }

  /** Gets a boolean; false where it is left out. @param name Which member. */
  boolean(name: string): boolean {
    const value = this.map.get(name) ?? false;
    if (typeof value !== "boolean") throw this.#wrong(name, "a boolean");
    return value;
  }

  /** Gets an array. @param name Which member. */
  array(name: string): readonly unknown[] {
    const value = this.map.get(name);
    if (!Array.isArray(value)) throw this.#wrong(name, "an array");
    return value;
  }

  /** Gets a map. @param name Which member. */
  record(name: string): CborRecord {
    const value = this.map.get(name);
    return new CborRecord(value, this.#part, `${this.#name} ${name}`);
  }

  #wrong(name: string, wanted: string): CairnError {
    return this.corrupt(
      this.map.has(name)
        ? `member "${name}" is not ${wanted}`
        : `member "${name}" is missing`,
    );
  }
}
