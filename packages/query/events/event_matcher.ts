/**
 * Tells of every event of a batch which of several filters it passes, without
 * an object an event.
 *
 * @module
 */
import {
  CairnError,
  EMPTY_BYTES,
  equalBytes,
  type EventBatch,
  type Filter,
  type FilterTerm,
  findField,
  type Lexicon,
  type Schema,
} from "@cairn/core";
import type { BatchIds } from "../batch_ids.ts";

/** Most filters that are looked at together. */
export const FILTERS_MAX = 31;
/** Clauses of a word; the bit above says that an id is known. */
const CLAUSES_OF_WORD = 31;
const KNOWN = 0x8000_0000;

/** Clauses that a term can make true. */
interface ClauseTerm {
  readonly term: FilterTerm & { kind: "equal" | "test" };
  readonly word: number;
  readonly bit: number;
}

/** A time range and the clause that it makes true. */
interface ClauseTime {
  readonly from: number;
  readonly to: number;
  readonly word: number;
  readonly bit: number;
}

/**
 * Looks at events through several filters at once.
 *
 * Each clause of each filter is a bit. For every field there is a table that
 * gives, for each value id, the clauses which that value makes true, found out
 * when the id is first met. A row's clauses are the union over its fields, so a
 * row costs one look-up a field, however many filters there are.
 */
export class EventMatcher {
  /** Fields that scans must give. */
  readonly fields: readonly string[];
  readonly #words: number;
  readonly #tables: readonly FieldTable[];
  readonly #times: readonly ClauseTime[];
  /** For each filter and word the clauses that it needs. */
  readonly #needs: readonly Uint32Array[];
  /** Clauses that are true of every event. */
  readonly #always: Uint32Array;
  /** Whether each filter is one clause, in the same order. */
  readonly #isDirect: boolean;
  #bits = new Uint32Array(0);
  #masks = new Uint32Array(0);

  /**
   * Compiles filters.
   *
   * @param filters At most {@linkcode FILTERS_MAX}.
   * @param schema The store's fields; terms on others never hold, negated always.
   * @throws {CairnError} `limit` for too many filters.
   */
  constructor(filters: readonly Filter[], schema: Schema) {
    if (filters.length > FILTERS_MAX) {
      throw new CairnError(
        "limit",
        `Cannot look at ${filters.length} filters at once: at most ${FILTERS_MAX} wanted`,
      );
    }
    const clauseCount = filters.reduce((n, f) => n + f.clauses.length, 0);
    this.#words = Math.max(1, Math.ceil(clauseCount / CLAUSES_OF_WORD));
    this.#needs = filters.map(() => new Uint32Array(this.#words));
    this.#always = new Uint32Array(this.#words);
    const terms = new Map<string, ClauseTerm[]>();
    const times: ClauseTime[] = [];
    let clause = 0;
    filters.forEach((filter, f) => {
      for (const alternatives of filter.clauses) {
        const word = Math.floor(clause / CLAUSES_OF_WORD);
        const bit = 1 << (clause % CLAUSES_OF_WORD);
        clause++;
        this.#needs[f]![word]! |= bit;
        for (const term of alternatives) {
          if (term.kind === "time") {
            times.push({ from: term.from, to: term.to, word, bit });
          } else if (findField(schema, term.field) >= 0) {
            const others = terms.get(term.field) ?? [];
            others.push({ term, word, bit });
            terms.set(term.field, others);
          } else if (term.kind === "equal" && term.negated) {
            this.#always[word]! |= bit;
          }
        }
      }
    });
    this.fields = [...terms.keys()];
    this.#times = times;
    this.#tables = [...terms].map(([field, of]) =>
      new FieldTable(field, of, this.#words)
    );
    this.#isDirect = filters.every(({ clauses }) => clauses.length === 1);
  }

  /**
   * Looks at a batch.
   *
   * @param batch The batch.
   * @param ids Its ids.
   * @returns For each row the filters that it passes, the first in bit 0; bits
   * above those of the filters mean nothing. A view, valid until the next call.
   */
  match(batch: EventBatch, ids: BatchIds): Uint32Array {
    const { count } = batch;
    if (this.#masks.length < count) {
      this.#bits = new Uint32Array(count * this.#words);
      this.#masks = new Uint32Array(count);
    }
    if (this.#words > 1) {
      this.#collect(batch, ids, count);
      return this.#decide(count);
    }
    this.#collectOne(batch, ids, count);
    return this.#isDirect ? this.#bits.subarray(0, count) : this.#decide(count);
  }

  /** Clauses of each row, when they fit one word: the usual case. */
  #collectOne(batch: EventBatch, ids: BatchIds, count: number): void {
    const bits = this.#bits;
    const always = this.#always[0]!;
    const [first, ...others] = this.#tables;
    if (first === undefined || always !== 0) {
      bits.fill(always, 0, count);
      if (first !== undefined) others.push(first);
    } else {
      const rows = ids.rows(first.field);
      setTable(first.clauses(rows.lexicon), rows.ids, count, bits, first);
    }
    for (const table of others) {
      const rows = ids.rows(table.field);
      orTable(table.clauses(rows.lexicon), rows.ids, count, bits, table);
    }
    const { timestamps } = batch;
    for (const { from, to, bit } of this.#times) {
      for (let row = 0; row < count; row++) {
        const time = timestamps[row]!;
        if (time >= from && time < to) bits[row]! |= bit;
      }
    }
  }

  #collect(batch: EventBatch, ids: BatchIds, count: number): void {
    const words = this.#words;
    const bits = this.#bits;
    for (let row = 0; row < count; row++) bits.set(this.#always, row * words);
    for (const table of this.#tables) {
      const rows = ids.rows(table.field);
      const clauses = table.clauses(rows.lexicon);
      for (let row = 0; row < count; row++) {
        const id = rows.ids[row]!;
        if (clauses[id * words] === 0) table.decide(id);
        for (let word = 0; word < words; word++) {
          bits[row * words + word]! |= clauses[id * words + word]!;
        }
      }
    }
    const { timestamps } = batch;
    for (const { from, to, word, bit } of this.#times) {
      for (let row = 0; row < count; row++) {
        const time = timestamps[row]!;
        if (time >= from && time < to) bits[row * words + word]! |= bit;
      }
    }
  }

  /** From clauses to filters. */
  #decide(count: number): Uint32Array {
    const bits = this.#bits;
    const masks = this.#masks;
    const words = this.#words;
    masks.fill(0, 0, count);
    this.#needs.forEach((need, filter) => {
      for (let row = 0; row < count; row++) {
        let holds = true;
        for (let word = 0; word < words; word++) {
          const wanted = need[word]!;
          if ((bits[row * words + word]! & wanted) !== (wanted | 0)) {
            holds = false;
          }
        }
        if (holds) masks[row]! |= 1 << filter;
      }
    });
    return masks.subarray(0, count);
  }
}

/** A kernel: gives each row the clauses of its value. */
function setTable(
  clauses: Uint32Array,
  ids: Uint32Array,
  count: number,
  bits: Uint32Array,
  table: FieldTable,
): void {
  for (let row = 0; row < count; row++) {
    const id = ids[row]!;
    let of = clauses[id]!;
    if (of === 0) of = table.decide(id);
    bits[row] = of;
  }
}

/** A kernel: adds to each row the clauses of its value. */
function orTable(
  clauses: Uint32Array,
  ids: Uint32Array,
  count: number,
  bits: Uint32Array,
  table: FieldTable,
): void {
  for (let row = 0; row < count; row++) {
    const id = ids[row]!;
    let of = clauses[id]!;
    if (of === 0) of = table.decide(id);
    bits[row]! |= of;
  }
}

/** For one field, the clauses that each value makes true. */
class FieldTable {
  readonly field: string;
  readonly #terms: readonly ClauseTerm[];
  readonly #words: number;
  #clauses = new Uint32Array(0);
  #lexicon: Lexicon | undefined;

  constructor(field: string, terms: readonly ClauseTerm[], words: number) {
    this.field = field;
    this.#terms = terms;
    this.#words = words;
  }

  /** Clauses by id and word; a first word of 0 is not known yet. */
  clauses(lexicon: Lexicon): Uint32Array {
    const wanted = lexicon.size * this.#words;
    if (lexicon !== this.#lexicon) {
      this.#clauses = new Uint32Array(wanted);
      this.#lexicon = lexicon;
    } else if (this.#clauses.length < wanted) {
      const grown = new Uint32Array(2 * wanted);
      grown.set(this.#clauses);
      this.#clauses = grown;
    }
    return this.#clauses;
  }

  /** Finds out about an id; gives its first word. */
  decide(id: number): number {
    const value = id === 0 ? null : this.#lexicon!.value(id);
    const at = id * this.#words;
    this.#clauses[at] = KNOWN;
    for (const { term, word, bit } of this.#terms) {
      if (holdsTerm(term, value)) this.#clauses[at + word]! |= bit;
    }
    return this.#clauses[at]!;
  }
}

function holdsTerm(
  term: ClauseTerm["term"],
  value: Uint8Array | null,
): boolean {
  if (term.kind === "test") return term.test(value);
  const isSame = equalBytes(term.value ?? EMPTY_BYTES, value ?? EMPTY_BYTES);
  return isSame !== term.negated;
}
