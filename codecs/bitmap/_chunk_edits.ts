/**
 * Chunks being changed by one batch.
 *
 * @module
 */
import { CairnError, CHUNK_BYTES } from "@cairn/core";
import type { ChunkChange, ChunkReader } from "./chunk_store.ts";

interface Edit {
  readonly key: Uint8Array;
  readonly bytes: Uint8Array;
  readonly stored: boolean;
  changed: boolean;
}

/**
 * The chunks that a batch has loaded, and what it did to them. Each has a
 * number, so that keys are looked up once and not for every bit.
 */
export class ChunkEdits {
  readonly #reader: ChunkReader;
  readonly #numbers = new Map<string, number>();
  readonly #edits: Edit[] = [];

  /** Begins without any. @param reader The state before the batch. */
  constructor(reader: ChunkReader) {
    this.#reader = reader;
  }

  /** Loads chunks, each once. @param keys Their keys. @returns Their numbers. */
  async load(keys: readonly Uint8Array[]): Promise<number[]> {
    const missing = new Map<string, Uint8Array>();
    const texts = keys.map(latin1);
    texts.forEach((text, i) => {
      if (!this.#numbers.has(text)) missing.set(text, keys[i]!);
    });
    const wanted = [...missing.values()];
    const values = await this.#reader.getMany(wanted);
    wanted.forEach((key, i) => this.put(key, values[i]));
    return texts.map((text) => this.#numbers.get(text)!);
  }

  /**
   * Takes a chunk that was read otherwise, unless it is there.
   *
   * @param key Its key; not copied.
   * @param value Its bytes.
   * @returns Its number.
   */
  put(key: Uint8Array, value: Uint8Array | undefined): number {
    if (value !== undefined && value.length !== CHUNK_BYTES) {
      throw new CairnError(
        "corrupt",
        `Cannot read chunk: ${value.length} bytes, ${CHUNK_BYTES} wanted`,
        { where: { part: "chunks" } },
      );
    }
    const text = latin1(key);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#edits.length;
    this.#numbers.set(text, number);
    this.#edits.push({
      key,
      bytes: value === undefined ? new Uint8Array(CHUNK_BYTES) : value.slice(),
      stored: value !== undefined,
      changed: false,
    });
    return number;
  }

  /** Tells whether a bit is set. @param number Of a chunk. @param bit 0 to 2,047. */
  has(number: number, bit: number): boolean {
    return (this.#edits[number]!.bytes[bit >>> 3]! >>> (bit & 7) & 1) === 1;
  }

  /** Sets or clears a bit. @param number Of a chunk. @param bit 0 to 2,047. @param to What it becomes. */
  set(number: number, bit: number, to: boolean): void {
    const edit = this.#edits[number]!;
    const before = edit.bytes[bit >>> 3]!;
    const mask = 1 << (bit & 7);
    const after = to ? before | mask : before & ~mask;
    if (after === before) return;
    edit.bytes[bit >>> 3] = after;
    edit.changed = true;
  }

  /** Gives what changed: chunks without a bit are removed. */
  changes(): ChunkChange[] {
    const changes: ChunkChange[] = [];
    for (const { key, bytes, stored, changed } of this.#edits) {
      if (!changed) continue;
      const empty = bytes.every((byte) => byte === 0);
      if (!empty) changes.push({ key, value: bytes });
      else if (stored) changes.push({ key, value: undefined });
    }
    return changes;
  }
}

/** A key as text, one character a byte, for maps. @param key Any bytes. */
export function latin1(key: Uint8Array): string {
  let text = "";
  for (let i = 0; i < key.length; i++) text += String.fromCharCode(key[i]!);
  return text;
}
