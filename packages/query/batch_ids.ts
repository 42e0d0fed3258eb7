/**
 * Columns of ids, whatever the codec's columns are.
 *
 * @module
 */
import {
  type Column,
  type EventBatch,
  invariant,
  type Lexicon,
} from "@cairn/core";
import { Interner } from "./interner.ts";

/** Ids of a batch's rows and what they stand for. */
export interface IdRows {
  /** An id for each row; 0 is no value. */
  readonly ids: Uint32Array;
  /** What ids stand for; it may grow from batch to batch. */
  readonly lexicon: Lexicon;
}

/** Turns columns into ids, over one scan. */
export class BatchIds {
  readonly #fields: readonly string[];
  readonly #interners: (Interner | undefined)[];
  readonly #buffers: Uint32Array[];
  readonly #lexicons: (Lexicon | undefined)[];
  readonly #made: (IdRows | undefined)[];
  #batch: EventBatch | undefined;

  /** Begins a scan. @param fields What it asks for, in order. */
  constructor(fields: readonly string[]) {
    this.#fields = fields;
    this.#interners = fields.map(() => undefined);
    this.#buffers = fields.map(() => new Uint32Array(0));
    this.#lexicons = fields.map(() => undefined);
    this.#made = fields.map(() => undefined);
  }

  /** Goes to the next batch. @param batch The batch. */
  begin(batch: EventBatch): void {
    this.#batch = batch;
    this.#made.fill(undefined);
  }

  /** Gives the ids of a field; a view, valid until the next batch. @param field Its name. */
  rows(field: string): IdRows {
    const at = this.#fields.indexOf(field);
    return this.#made[at] ??= this.#make(at, this.#batch!.columns[at]!);
  }

  #make(at: number, column: Column): IdRows {
    if (column.kind === "ids") {
      const lexicon = this.#lexicons[at] ??= column.lexicon;
      invariant(lexicon === column.lexicon, "a field has one lexicon");
      return column;
    }
    const count = this.#batch!.count;
    if (this.#buffers[at]!.length < count) {
      this.#buffers[at] = new Uint32Array(count);
    }
    const interner = this.#interners[at] ??= new Interner();
    const ids = this.#buffers[at]!.subarray(0, count);
    interner.intern(column, count, ids);
    return { ids, lexicon: interner };
  }
}
