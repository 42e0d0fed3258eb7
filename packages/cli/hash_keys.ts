/**
 * Trail keys of any length as 16 bytes.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type ByteSpans, UUID_BYTES } from "@cairn/core";

/** Keys remembered; past it, all are forgotten. */
const KEYS_MAX = 1 << 18;

/**
 * Hashes keys: the first 16 bytes of their SHA-256. Two of a billion keys
 * have the same one once in 10^21 times.
 */
export class KeyHasher {
  readonly #known = new Map<string, Uint8Array>();

  /**
   * Hashes the keys of a batch.
   *
   * @param keys The keys.
   * @param count How many there are.
   * @returns Hashes of 16 bytes each; a copy.
   */
  hash({ bytes, starts, ends }: ByteSpans, count: number): ByteSpans {
    const hashes = {
      bytes: new Uint8Array(count * UUID_BYTES),
      starts: new Uint32Array(count),
      ends: new Uint32Array(count),
    };
    for (let row = 0; row < count; row++) {
      const key = bytes.subarray(starts[row]!, ends[row]!);
      hashes.starts[row] = row * UUID_BYTES;
      hashes.ends[row] = (row + 1) * UUID_BYTES;
      hashes.bytes.set(this.#one(key), row * UUID_BYTES);
    }
    return hashes;
  }

  #one(key: Uint8Array): Uint8Array {
    const name = String.fromCharCode(...key.subarray(0, 256));
    const rememberable = key.length <= 256;
    const known = rememberable ? this.#known.get(name) : undefined;
    if (known !== undefined) return known;
    const hash = createHash("sha256").update(key).digest().subarray(0, 16);
    if (this.#known.size >= KEYS_MAX) this.#known.clear();
    if (rememberable) this.#known.set(name, hash);
    return hash;
  }
}
