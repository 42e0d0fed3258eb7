/**
 * Questions about values, asked once for each distinct value.
 *
 * @module
 */
import { type Lexicon, parseInteger } from "@cairn/core";
import { NUMBER_MAX } from "./language/tree.ts";
import {
  holdsNumber,
  stringTest,
  type ValueCondition,
} from "./value_condition.ts";

const UNKNOWN = 0;
const NO = 1;

/** The answer for ids that the condition holds of. */
export const YES = 2;

/** Which ids meet a condition; found out when they are met. */
export class IdTest {
  readonly #test: (value: Uint8Array) => boolean;
  #answers: Uint8Array = new Uint8Array(0);
  #lexicon: Lexicon | undefined;
  /** Distinct values met that are no numbers though the condition wants some. */
  notNumbers = 0;

  /** Makes the question. @param condition What a value must meet. */
  constructor(condition: ValueCondition) {
    this.#test = condition.of === "string"
      ? stringTest(condition)
      : (value) => {
        const number = parseUint(value);
        if (number === undefined) this.notNumbers++;
        return number !== undefined &&
          holdsNumber(condition.intervals, number);
      };
  }

  /**
   * Gives answers by id, {@linkcode YES} or not; those that are 0 are not
   * known yet and are to be asked with {@linkcode IdTest.decide}.
   *
   * @param lexicon What ids stand for.
   */
  answers(lexicon: Lexicon): Uint8Array {
    if (lexicon !== this.#lexicon) {
      this.#answers = new Uint8Array(lexicon.size);
      this.#lexicon = lexicon;
    } else if (this.#answers.length < lexicon.size) {
      const grown = new Uint8Array(2 * lexicon.size);
      grown.set(this.#answers);
      this.#answers = grown;
    }
    // No value meets no condition.
    this.#answers[0] = NO;
    return this.#answers;
  }

  /** Finds out about an id. @param id One that is not known yet. */
  decide(id: number): number {
    if (this.#answers[id] === UNKNOWN) {
      this.#answers[id] = this.#test(this.#lexicon!.value(id)) ? YES : NO;
    }
    return this.#answers[id]!;
  }
}

/** Stands for the number of an id that has none; numbers are integers. */
export const NO_NUMBER = 0.5;

/** The numbers that ids stand for; found out when they are met. */
export class IdNumbers {
  #numbers: Float64Array = new Float64Array(0);
  #lexicon: Lexicon | undefined;
  readonly #large = new Map<number, bigint>();
  readonly #parse: (value: Uint8Array) => bigint | undefined;
  /** Distinct values met that are no numbers. */
  notNumbers = 0;

  /** Begins without numbers. @param parse Reads one; unsigned ones if left out. */
  constructor(parse: (value: Uint8Array) => bigint | undefined = parseUint) {
    this.#parse = parse;
  }

  /**
   * Gives numbers by id: {@linkcode NO_NUMBER} for what is none, `Infinity`
   * for one outside of 53 bits (see {@linkcode IdNumbers.large}), `NaN` for what is
   * to be asked with {@linkcode IdNumbers.decide}.
   *
   * @param lexicon What ids stand for.
   */
  numbers(lexicon: Lexicon): Float64Array {
    if (lexicon !== this.#lexicon) {
      this.#numbers = new Float64Array(lexicon.size).fill(NaN);
      this.#lexicon = lexicon;
      this.#large.clear();
    } else if (this.#numbers.length < lexicon.size) {
      const grown = new Float64Array(2 * lexicon.size).fill(NaN);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[0] = NO_NUMBER;
    return this.#numbers;
  }

  /** Finds out about an id. @param id One that is not known yet. */
  decide(id: number): number {
    const value = this.#parse(this.#lexicon!.value(id));
    let number = NO_NUMBER;
    if (value === undefined) {
      this.notNumbers++;
    } else if (!Number.isSafeInteger(Number(value))) {
      this.#large.set(id, value);
      number = Infinity;
    } else {
      number = Number(value);
    }
    this.#numbers[id] = number;
    return number;
  }

  /** Gives a number outside of 53 bits. @param id One whose number is `Infinity`. */
  large(id: number): bigint {
    return this.#large.get(id)!;
  }
}

/**
 * Reads an unsigned number of at most 128 bits.
 *
 * @param value Decimal text, or anything else.
 */
export function parseUint(value: Uint8Array): bigint | undefined {
  const number = parseInteger(value);
  return number === undefined || number < 0n || number > NUMBER_MAX
    ? undefined
    : number;
}
