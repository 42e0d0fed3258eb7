/**
 * The item index as an index of the contracts.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  compareBytes,
  type Condition,
  getField,
  type Index,
  type IndexField,
  type Lexicon,
  parseInteger,
  type Postings,
  type Term,
  throwIfAborted,
} from "@cairn/core";
import type { TrailIndexFile } from "./item_index.ts";
import type { TrailFile } from "./trail_file.ts";

/** Answers by pages of trails: a superset, unless a page is one trail. */
export class TrailIndex implements Index {
  /** All fields, as sets of values. */
  readonly fields: readonly IndexField[];
  /** Trail keys have one part. */
  readonly keyParts: readonly string[] = ["key"];
  readonly #file: TrailFile;
  readonly #index: TrailIndexFile;

  /**
   * Makes an index.
   *
   * @param file The file.
   * @param index Its item index; stays open with the file.
   */
  constructor(file: TrailFile, index: TrailIndexFile) {
    this.#file = file;
    this.#index = index;
    this.fields = file.schema.fields.map(({ name }) => ({
      name,
      kind: "set",
      of: "string",
      quantum: "",
    }));
  }

  /** All trails. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async all(options: AbortOptions = {}): Promise<Bitmap> {
    this.#file.assertOpen();
    throwIfAborted(options.signal);
    return Bitmap.range(0, this.#file.info.trails);
  }

  /** Finds trails. See {@linkcode Index.trails}. */
  async trails(
    term: Term,
    options: AbortOptions = {},
  ): Promise<Postings | undefined> {
    this.#file.assertOpen();
    throwIfAborted(options.signal);
    const field = getField(this.#file.schema, term.field);
    if (this.#file.info.trails === 0) {
      return { bitmap: Bitmap.empty, exact: true };
    }
    const lexicon = await this.#file.lexicon(field, options);
    const ids = matchingIds(lexicon, term.condition);
    return {
      bitmap: await this.#index.trails(field + 1, ids, options),
      exact: this.#index.isExact && term.period === undefined,
    };
  }
}

/** The ids of the values that meet a condition; without one, of all values. */
function* matchingIds(
  lexicon: Lexicon,
  condition: Condition | undefined,
): Generator<number> {
  if (condition?.kind === "in") {
    for (const value of condition.values) {
      const id = lexicon.find(value);
      if (id !== undefined && id > 0) yield id;
    }
    return;
  }
  for (let id = 1; id < lexicon.size; id++) {
    if (condition === undefined || meets(lexicon.value(id), condition)) {
      yield id;
    }
  }
}

function meets(
  value: Uint8Array,
  condition: Exclude<Condition, { kind: "in" }>,
): boolean {
  if (condition.kind === "test") return condition.test(value);
  if (condition.kind === "prefix") {
    const { prefix } = condition;
    return compareBytes(value.subarray(0, prefix.length), prefix) === 0;
  }
  const number = parseInteger(value);
  return number !== undefined && condition.low <= number &&
    number <= condition.high;
}
