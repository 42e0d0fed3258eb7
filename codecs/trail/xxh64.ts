/**
 * XXH64, for the checksum of index files: a few bytes, so `bigint` will do.
 *
 * After: the public description of xxHash, XXH64.
 *
 * @module
 */
const MASK = 0xffff_ffff_ffff_ffffn;
const PRIME_1 = 11400714785074694791n;
const PRIME_2 = 14029467366897019727n;
const PRIME_3 = 1609587929392839161n;
const PRIME_4 = 9650029242287828579n;
const PRIME_5 = 2870177450012600261n;

/**
 * Computes the XXH64 of 64-bit words, taken as little-endian bytes.
 *
 * @param words The words, each 0 to 2^64 - 1.
 * @param seed The seed.
 * @returns 0 to 2^64 - 1.
 */
export function xxh64Words(words: readonly bigint[], seed: bigint): bigint {
  let hash: bigint;
  let next = 0;
  if (words.length >= 4) {
    const lanes = [
      wrap(seed + PRIME_1 + PRIME_2),
      wrap(seed + PRIME_2),
      wrap(seed),
      wrap(seed - PRIME_1),
    ];
    while (next + 4 <= words.length) {
      for (let lane = 0; lane < 4; lane++) {
        lanes[lane] = round(lanes[lane]!, words[next++]!);
      }
    }
    hash = wrap(
      rotate(lanes[0]!, 1n) + rotate(lanes[1]!, 7n) + rotate(lanes[2]!, 12n) +
        rotate(lanes[3]!, 18n),
    );
    for (const lane of lanes) {
      hash = wrap((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4);
    }
  } else hash = wrap(seed + PRIME_5);
  hash = wrap(hash + 8n * BigInt(words.length));
  for (; next < words.length; next++) {
    hash ^= round(0n, words[next]!);
    hash = wrap(rotate(hash, 27n) * PRIME_1 + PRIME_4);
  }
  hash = wrap((hash ^ hash >> 33n) * PRIME_2);
  hash = wrap((hash ^ hash >> 29n) * PRIME_3);
  return hash ^ hash >> 32n;
}

function round(lane: bigint, word: bigint): bigint {
  return wrap(rotate(wrap(lane + word * PRIME_2), 31n) * PRIME_1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | value >> (64n - bits);
}

function wrap(value: bigint): bigint {
  return value & MASK;
}
