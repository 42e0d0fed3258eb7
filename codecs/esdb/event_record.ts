/**
 * Events on their way through the sorter: one byte string each.
 *
 * ```text
 * uvarint length | grouping | uvarint number of keys | (uvarint length | key) ... | data
 * ```
 *
 * @module
 */
import { ByteWriter } from "@cairn/core";
import { NAME_COLON } from "./layout.ts";

/** Packs events into records. Used again. */
export class RecordPacker {
  readonly #writer = new ByteWriter(1024);

  /** Begins a record. @param grouping Its grouping. @param keyCount Its keys. */
  begin(grouping: Uint8Array, keyCount: number): void {
    this.#writer.clear();
    this.#writer.uvarint(grouping.length);
    this.#writer.bytes(grouping);
    this.#writer.uvarint(keyCount);
  }

  /** Adds an index key. @param name Index. @param value Value. */
  key(name: Uint8Array, value: Uint8Array): void {
    this.#writer.uvarint(name.length + 1 + value.length);
    this.#writer.bytes(name);
    this.#writer.u8(NAME_COLON);
    this.#writer.bytes(value);
  }

  /** Ends the record. @returns A view, valid until the next `begin`. */
  end(data: Uint8Array): Uint8Array {
    this.#writer.bytes(data);
    return this.#writer.view();
  }
}
