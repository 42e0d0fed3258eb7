/**
 * A dictionary of values as a lexicon: id is ordinal plus 1.
 *
 * @module
 */
import { EMPTY_BYTES, type Lexicon } from "@cairn/core";
import { latin1 } from "../_chunk_edits.ts";
import type { ValueDictionary } from "../value_dictionary.ts";

/** The values of one event field. */
export class EventLexicon implements Lexicon {
  /** Number of ids, id 0 included. */
  readonly size: number;
  readonly #dictionary: ValueDictionary;
  #ids: Map<string, number> | undefined;

  /** Makes it. @param dictionary The values, loaded. */
  constructor(dictionary: ValueDictionary) {
    this.size = dictionary.count + 1;
    this.#dictionary = dictionary;
  }

  /** Gets the bytes of an id; a view. */
  value(id: number): Uint8Array {
    if (!(Number.isInteger(id) && id >= 0 && id < this.size)) {
      throw new RangeError(`Cannot get value ${id}: there are ${this.size}`);
    }
    return id === 0 ? EMPTY_BYTES : this.#dictionary.value(id - 1);
  }

  /** Finds the id of a value. */
  find(value: Uint8Array): number | undefined {
    if (value.length === 0) return 0;
    if (this.#ids === undefined) {
      this.#ids = new Map();
      for (let id = 1; id < this.size; id++) {
        this.#ids.set(latin1(this.#dictionary.value(id - 1)), id);
      }
    }
    return this.#ids.get(latin1(value));
  }
}
