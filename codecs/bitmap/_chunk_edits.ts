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

/** The chunks that a batch has loaded, and what it did to them. */
export class ChunkEdits {
  readonly #reader: ChunkReader;
  readonly #edits = new Map<string, Edit>();

  /** Begins without any. @param reader The state before the batch. */
  constructor(reader: ChunkReader) {
    this.#reader = reader;
  }

  /** Loads chunks, each once. @param keys Their keys. */
  async load(keys: readonly Uint8Array[]): Promise<void> {
    const missing = new Map<string, Uint8Array>();
    for (const key of keys) {
      const text = latin1(key);
      if (!this.#edits.has(text)) missing.set(text, key);
    }
    const wanted = [...missing.values()];
    const values = await this.#reader.getMany(wanted);
    wanted.forEach((key, i) => this.put(key, values[i]));
  }

  /** Takes a chunk that was read otherwise. @param key Its key. @param value Its bytes. */
  put(key: Uint8Array, value: Uint8Array | undefined): void {
    if (value !== undefined && value.length !== CHUNK_BYTES) {
      throw new CairnError(
        "corrupt",
        `Cannot read chunk: ${value.length} bytes, ${CHUNK_BYTES} wanted`,
        { where: { part: "chunks" } },
      );
    }
    const text = latin1(key);
    if (this.#edits.has(text)) return;
    this.#edits.set(text, {
      key,
      bytes: value === undefined ? new Uint8Array(CHUNK_BYTES) : value.slice(),
      stored: value !== undefined,
      changed: false,
    });
  }

  /** Tells whether a bit is set. @param key Of a loaded chunk. @param bit 0 to 2,047. */
  has(key: Uint8Array, bit: number): boolean {
    return (this.#edit(key).bytes[bit >>> 3]! >>> (bit & 7) & 1) === 1;
  }

  /** Sets or clears a bit. @param key Of a loaded chunk. @param bit 0 to 2,047. @param to What it becomes. */
  set(key: Uint8Array, bit: number, to: boolean): void {
    const edit = this.#edit(key);
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
    for (const { key, bytes, stored, changed } of this.#edits.values()) {
      if (!changed) continue;
      const empty = bytes.every((byte) => byte === 0);
      if (!empty) changes.push({ key, value: bytes });
      else if (stored) changes.push({ key, value: undefined });
    }
    return changes;
  }

  #edit(key: Uint8Array): Edit {
    const edit = this.#edits.get(latin1(key));
    if (edit === undefined) throw new Error("Broken invariant: chunk loaded");
    return edit;
  }
}

/** A key as text, one character a byte, for maps. @param key Any bytes. */
export function latin1(key: Uint8Array): string {
  let text = "";
  for (let i = 0; i < key.length; i++) text += String.fromCharCode(key[i]!);
  return text;
}
