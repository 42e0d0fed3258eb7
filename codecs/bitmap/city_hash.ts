/**
 * CityHash128 of Google's CityHash 1.1, without a seed.
 *
 * @module
 */
import { Registers64 } from "./_registers64.ts";
import { SLOT_BYTES } from "./layout.ts";

// Multipliers of CityHash, as high and low word.
const K0 = [0xc3a5c85c, 0x97cb3127] as const;
const K1 = [0xb492b66f, 0xbe98f273] as const;
const K2 = [0x9ae16a3b, 0x2f90404f] as const;
const K_MUL = [0x9ddfea08, 0xeb382d69] as const;

/**
 * Hashes bytes to a slot: the 16 bytes of the 128-bit number, big-endian.
 *
 * Not made to resist who chooses the bytes; dictionaries settle collisions.
 *
 * @example The hash of no bytes
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatHex } from "@cairn/core";
 * import { cityHash128 } from "@cairn/bitmap";
 *
 * const slot = cityHash128(new Uint8Array(0));
 * assertEquals(formatHex(slot), "3cb540c392e51e293df09dfc64c09a2b");
 * ```
 * @param bytes What to hash; not kept.
 * @returns 16 bytes, the high half first.
 */
export function cityHash128(bytes: Uint8Array): Uint8Array {
  const hasher = new CityHasher(bytes);
  return hasher.hash();
}

// Registers: 64-bit numbers as two words, low word first.
const A = 0;
const B = 2;
const C = 4;
const D = 6;
const X = 8;
const Y = 10;
const Z = 12;
const V1 = 14;
const V2 = 16;
const W1 = 18;
const W2 = 20;
const S = 22; // results of steps
const T = 24;
const U = 26;
const P = 28; // scratch of hash16 and weakHash
const Q = 30;
const M = 32; // multipliers
const REGISTER_WORDS = 34;

/** One run of the function over one byte string. */
class CityHasher extends Registers64 {
  constructor(bytes: Uint8Array) {
    super(bytes, REGISTER_WORDS);
  }

  /** Gives the slot. */
  hash(): Uint8Array {
    const byteLength = this.bytes.length;
    if (byteLength >= 16) {
      this.fetch(A, 0);
      this.fetch(B, 8);
      this.addConstant(B, K0);
      this.#hashWithSeed(16, byteLength - 16);
    } else {
      this.set(A, K0);
      this.set(B, K1);
      this.#hashWithSeed(0, byteLength);
    }
    const r = this.r;
    const slot = new Uint8Array(SLOT_BYTES);
    const words = [r[B + 1]!, r[B]!, r[A + 1]!, r[A]!];
    for (let i = 0; i < 4; i++) {
      const word = words[i]!;
      slot[4 * i] = word >>> 24;
      slot[4 * i + 1] = word >>> 16;
      slot[4 * i + 2] = word >>> 8;
      slot[4 * i + 3] = word;
    }
    return slot;
  }

  /** Hashes with the seed in A (low) and B (high); leaves low in A, high in B. */
  #hashWithSeed(start: number, byteLength: number): void {
    if (byteLength < 128) this.#hashShort(start, byteLength);
    else this.#hashLong(start, byteLength);
  }

  #hashShort(start: number, byteLength: number): void {
    const end = start + byteLength;
    if (byteLength <= 16) {
      this.multiply(A, K1);
      this.shiftMix(A);
      this.multiply(A, K1);
      this.copy(C, B);
      this.multiply(C, K1);
      this.#hash0to16(S, start, byteLength);
      this.add(C, S);
      this.copy(D, A);
      if (byteLength >= 8) {
        this.fetch(S, start);
        this.add(D, S);
      } else this.add(D, C);
      this.shiftMix(D);
    } else {
      this.fetch(C, end - 8);
      this.addConstant(C, K1);
      this.#hash16(C, C, A);
      this.copy(S, B);
      this.addNumber(S, byteLength);
      this.fetch(T, end - 16);
      this.add(T, C);
      this.#hash16(D, S, T);
      this.add(A, D);
      for (let at = start; at < end - 16; at += 16) {
        this.#mixIn(A, at);
        this.xor(B, A);
        this.#mixIn(C, at + 8);
        this.xor(D, C);
      }
    }
    this.#hash16(A, A, C);
    this.#hash16(S, D, B);
    this.copy(T, A);
    this.xor(T, S); // low = a ^ b
    this.#hash16(B, S, A); // high
    this.copy(A, T);
  }

  /** `r = (r ^ shiftMix(word * k1) * k1) * k1`. */
  #mixIn(r: number, at: number): void {
    this.fetch(S, at);
    this.multiply(S, K1);
    this.shiftMix(S);
    this.multiply(S, K1);
    this.xor(r, S);
    this.multiply(r, K1);
  }

  #hashLong(start: number, byteLength: number): void {
    this.copy(X, A);
    this.copy(Y, B);
    this.setNumber(Z, byteLength);
    this.multiply(Z, K1);
    this.copy(V1, Y);
    this.xorConstant(V1, K1);
    this.rotate(V1, 49);
    this.multiply(V1, K1);
    this.addFetched(V1, start);
    this.copy(V2, V1);
    this.rotate(V2, 42);
    this.multiply(V2, K1);
    this.addFetched(V2, start + 8);
    this.copy(W1, Y);
    this.add(W1, Z);
    this.rotate(W1, 35);
    this.multiply(W1, K1);
    this.add(W1, X);
    this.copy(W2, X);
    this.addFetched(W2, start + 88);
    this.rotate(W2, 53);
    this.multiply(W2, K1);
    let at = start;
    let left = byteLength;
    for (; left >= 128; left -= 128) {
      this.#round(at);
      this.#round(at + 64);
      at += 128;
    }
    this.#finishLong(at, left);
  }

  /** One round over 64 bytes. */
  #round(at: number): void {
    this.add(X, Y);
    this.add(X, V1);
    this.addFetched(X, at + 8);
    this.rotate(X, 37);
    this.multiply(X, K1);
    this.add(Y, V2);
    this.addFetched(Y, at + 48);
    this.rotate(Y, 42);
    this.multiply(Y, K1);
    this.xor(X, W2);
    this.add(Y, V1);
    this.addFetched(Y, at + 40);
    this.add(Z, W1);
    this.rotate(Z, 33);
    this.multiply(Z, K1);
    this.copy(S, V2);
    this.multiply(S, K1);
    this.copy(T, X);
    this.add(T, W1);
    this.#weakHash(V1, V2, at);
    this.copy(S, Z);
    this.add(S, W2);
    this.copy(T, Y);
    this.addFetched(T, at + 16);
    this.#weakHash(W1, W2, at + 32);
    this.copy(S, Z);
    this.copy(Z, X);
    this.copy(X, S);
  }

  /** Takes in what is left, from the end in steps of 32, and folds all. */
  #finishLong(at: number, left: number): void {
    this.copy(S, V1);
    this.add(S, Z);
    this.rotate(S, 49);
    this.multiply(S, K0);
    this.add(X, S);
    this.multiply(Y, K0);
    this.copy(S, W2);
    this.rotate(S, 37);
    this.add(Y, S);
    this.multiply(Z, K0);
    this.copy(S, W1);
    this.rotate(S, 27);
    this.add(Z, S);
    this.multiply(W1, [0, 9]);
    this.multiply(V1, K0);
    for (let done = 0; done < left;) {
      done += 32;
      const from = at + left - done; // may reach back into what was taken
      this.add(Y, X);
      this.rotate(Y, 42);
      this.multiply(Y, K0);
      this.add(Y, V2);
      this.addFetched(W1, from + 16);
      this.multiply(X, K0);
      this.add(X, W1);
      this.add(Z, W2);
      this.addFetched(Z, from);
      this.add(W2, V1);
      this.copy(S, V1);
      this.add(S, Z);
      this.copy(T, V2);
      this.#weakHash(V1, V2, from);
      this.multiply(V1, K0);
    }
    this.#hash16(X, X, V1);
    this.copy(S, Y);
    this.add(S, Z);
    this.#hash16(Y, S, W1);
    this.copy(S, X);
    this.add(S, V2);
    this.#hash16(A, S, W2);
    this.add(A, Y);
    this.copy(S, X);
    this.add(S, W2);
    this.copy(T, Y);
    this.add(T, V2);
    this.#hash16(B, S, T);
  }

  /** Hashes 32 bytes with the seeds in S and T. */
  #weakHash(first: number, second: number, at: number): void {
    this.addFetched(S, at);
    this.add(T, S);
    this.addFetched(T, at + 24);
    this.rotate(T, 21);
    this.copy(U, S);
    this.addFetched(S, at + 8);
    this.addFetched(S, at + 16);
    this.copy(P, S);
    this.rotate(P, 44);
    this.add(T, P);
    this.addFetched(S, at + 24);
    this.copy(first, S);
    this.add(T, U);
    this.copy(second, T);
  }

  /** Hashes at most 16 bytes. */
  #hash0to16(to: number, start: number, byteLength: number): void {
    const bytes = this.bytes;
    const r = this.r;
    if (byteLength >= 4) {
      this.set(M, K2);
      this.addNumber(M, byteLength * 2);
    }
    if (byteLength >= 8) {
      this.fetch(T, start);
      this.addConstant(T, K2); // a
      this.fetch(U, start + byteLength - 8); // b
      this.copy(S, U);
      this.rotate(S, 37);
      this.multiplyBy(S, M);
      this.add(S, T); // c
      this.rotate(T, 25);
      this.add(T, U);
      this.multiplyBy(T, M); // d
      this.#fold(to, S, T);
    } else if (byteLength >= 4) {
      const a = this.word(start);
      r[S] = a << 3;
      r[S + 1] = a >>> 29;
      this.addNumber(S, byteLength);
      r[T] = this.word(start + byteLength - 4);
      r[T + 1] = 0;
      this.#fold(to, S, T);
    } else if (byteLength > 0) {
      const a = bytes[start]!;
      const b = bytes[start + (byteLength >> 1)]!;
      const c = bytes[start + byteLength - 1]!;
      this.setNumber(S, a + (b << 8));
      this.multiply(S, K2);
      this.setNumber(T, byteLength + (c << 2));
      this.multiply(T, K0);
      this.xor(S, T);
      this.shiftMix(S);
      this.multiply(S, K2);
      this.copy(to, S);
    } else this.set(to, K2);
  }

  #hash16(to: number, u: number, v: number): void {
    this.set(M, K_MUL);
    this.#fold(to, u, v);
  }

  /** Folds two numbers into one, with the multiplier in M. */
  #fold(to: number, u: number, v: number): void {
    this.copy(P, u);
    this.xor(P, v);
    this.multiplyBy(P, M);
    this.shiftMix(P);
    this.copy(Q, v);
    this.xor(Q, P);
    this.multiplyBy(Q, M);
    this.shiftMix(Q);
    this.multiplyBy(Q, M);
    this.copy(to, Q);
  }
}
