/**
 * Matching in linear time: a pattern as an automaton, made while it runs.
 *
 * @module
 */
import { contains, decodePoint, findBounds, findClass } from "./code_points.ts";
import { parsePattern } from "./pattern.ts";
import {
  compilePattern,
  END,
  JUMP,
  MATCH,
  type Program,
  SET,
  SPLIT,
  START,
} from "./program.ts";

/** Most words that states and their transitions may take before all are forgotten. */
const CACHE_WORDS_MAX = 1 << 20;
/** Above so many classes of characters nothing is kept. */
const CLASSES_MAX = 4096;

/**
 * Tells of byte strings whether a pattern matches the whole of them.
 *
 * States of the automaton are sets of places in the pattern, found when first
 * met and kept while there is room. Time is linear in the value's length; at
 * worst each character costs the pattern's length.
 *
 * @example Whole values
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeText } from "@cairn/core";
 * import { PatternMatcher } from "@cairn/query";
 *
 * const matcher = new PatternMatcher("mopub-\\d{2}");
 * assertEquals(matcher.matches(encodeText("mopub-07")), true);
 * assertEquals(matcher.matches(encodeText("x-mopub-07")), false);
 * ```
 */
export class PatternMatcher {
  readonly #program: Program;
  /** Where classes of characters begin, ascending; characters of one class are alike. */
  readonly #bounds: Int32Array;
  readonly #asciiClasses = new Int32Array(128);
  readonly #isCached: boolean;

  /** Places that the step under way has reached, and in which order. */
  readonly #marks: Uint32Array;
  readonly #stack: Int32Array;
  readonly #reached: Int32Array;
  #reachedCount = 0;
  #isMatch = false;
  #mark = 0;

  #states: DfaState[] = [];
  #table = new Int32Array(0);
  #statesByHash = new Map<number, number[]>();
  #cachedWords = 0;
  #epoch = 0;

  /**
   * Compiles a pattern.
   *
   * @param pattern In the dialect of the query language.
   * @throws {CairnError} `invalid-input` with reason `bad-regex`.
   */
  constructor(pattern: string) {
    this.#program = compilePattern(parsePattern(pattern).root);
    const size = this.#program.ops.length;
    this.#marks = new Uint32Array(size);
    this.#stack = new Int32Array(2 * size + 2);
    this.#reached = new Int32Array(size);
    this.#bounds = findBounds(this.#program.sets);
    this.#isCached = this.#bounds.length <= CLASSES_MAX;
    for (let point = 0; point < 128; point++) {
      this.#asciiClasses[point] = findClass(this.#bounds, point);
    }
    this.#forget();
  }

  /**
   * Matches a value.
   *
   * @param value Any bytes; what is not UTF-8 matches nothing.
   * @returns Whether the pattern matches all of it.
   */
  matches(value: Uint8Array): boolean {
    if (!this.#isCached) return this.#matchesSlowly(value);
    const classCount = this.#bounds.length;
    const ascii = this.#asciiClasses;
    let state = 0;
    for (let i = 0; i < value.length;) {
      const byte = value[i]!;
      let point = byte;
      let klass: number;
      if (byte < 0x80) {
        klass = ascii[byte]!;
        i++;
      } else {
        point = decodePoint(value, i);
        if (point < 0) return false;
        i += point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        klass = findClass(this.#bounds, point);
      }
      let next = this.#table[state * classCount + klass]!;
      if (next < 0) next = this.#findNext(state, klass, point);
      if (next === DEAD) return false;
      state = next;
    }
    return this.#states[state]!.isMatch;
  }

  #matchesSlowly(value: Uint8Array): boolean {
    this.#begin();
    this.#follow(0, true, value.length === 0);
    this.#finish(true);
    for (let i = 0; i < value.length;) {
      const point = decodePoint(value, i);
      if (point < 0 || this.#reachedCount === 0) return false;
      i += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      this.#step(this.#reached.slice(0, this.#reachedCount), point);
    }
    return this.#isMatch;
  }

  /** Where a character leads, when the table does not know yet. */
  #findNext(state: number, klass: number, point: number): number {
    this.#step(this.#states[state]!.places, point);
    if (this.#reachedCount === 0 && !this.#isMatch) {
      this.#table[state * this.#bounds.length + klass] = DEAD;
      return DEAD;
    }
    const epoch = this.#epoch;
    const next = this.#intern();
    // After everything was forgotten the old state's number means another one.
    if (this.#epoch === epoch) {
      this.#table[state * this.#bounds.length + klass] = next;
    }
    return next;
  }

  /** Moves from some places over one character. */
  #step(places: Int32Array, point: number): void {
    const { ops, x, sets } = this.#program;
    this.#begin();
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      if (ops[place] === SET && contains(sets[x[place]!]!, point)) {
        this.#follow(place + 1, false, false);
      }
    }
    this.#finish(false);
  }

  #begin(): void {
    if (this.#mark === 0xffff_ffff) {
      this.#marks.fill(0);
      this.#mark = 0;
    }
    this.#mark++;
    this.#reachedCount = 0;
    this.#isMatch = false;
  }

  /**
   * Tells whether the value may end here, which may need `$` and what stands
   * behind it; the places reached stay those before the end.
   */
  #finish(isStart: boolean): void {
    const { ops } = this.#program;
    const count = this.#reachedCount;
    for (let i = 0; i < count && !this.#isMatch; i++) {
      const place = this.#reached[i]!;
      if (ops[place] === END) this.#follow(place + 1, isStart, true);
    }
    this.#reachedCount = count;
  }

  /** Reaches a place and all that need no character, with a stack of its own. */
  #follow(from: number, isStart: boolean, isEnd: boolean): void {
    const { ops, x, y } = this.#program;
    const stack = this.#stack;
    let top = 0;
    stack[top++] = from;
    while (top > 0) {
      const place = stack[--top]!;
      if (this.#marks[place] === this.#mark) continue;
      this.#marks[place] = this.#mark;
      switch (ops[place]) {
        case SPLIT:
          stack[top++] = y[place]!;
          stack[top++] = x[place]!;
          break;
        case JUMP:
          stack[top++] = x[place]!;
          break;
        case START:
          if (isStart) stack[top++] = place + 1;
          break;
        case END:
          if (isEnd) stack[top++] = place + 1;
          else this.#reached[this.#reachedCount++] = place;
          break;
        case MATCH:
          this.#isMatch = true;
          break;
        default:
          this.#reached[this.#reachedCount++] = place;
      }
    }
  }

  /** Gives the places reached a number, the same for the same places. */
  #intern(): number {
    const places = this.#reached.slice(0, this.#reachedCount).sort();
    let hash = this.#isMatch ? 1 : 0;
    for (let i = 0; i < places.length; i++) {
      hash = Math.imul(hash ^ places[i]!, 0x01000193);
    }
    for (const number of this.#statesByHash.get(hash) ?? []) {
      const state = this.#states[number]!;
      if (state.isMatch === this.#isMatch && isSame(state.places, places)) {
        return number;
      }
    }
    const words = places.length + this.#bounds.length;
    const isMatch = this.#isMatch;
    if (
      this.#cachedWords + words > CACHE_WORDS_MAX && this.#states.length > 1
    ) {
      this.#forget();
    }
    return this.#add({ places, isMatch }, hash);
  }

  #add(state: DfaState, hash: number): number {
    const number = this.#states.length;
    const classCount = this.#bounds.length;
    this.#states.push(state);
    this.#cachedWords += state.places.length + classCount;
    const wanted = this.#states.length * classCount;
    if (this.#table.length < wanted) {
      const grown = new Int32Array(Math.max(wanted, 2 * this.#table.length))
        .fill(UNKNOWN);
      grown.set(this.#table);
      this.#table = grown;
    }
    const same = this.#statesByHash.get(hash);
    if (same === undefined) this.#statesByHash.set(hash, [number]);
    else same.push(number);
    return number;
  }

  /** Forgets all states but the first, which nothing else leads to. */
  #forget(): void {
    this.#epoch++;
    this.#states = [];
    this.#statesByHash = new Map();
    this.#cachedWords = 0;
    this.#table = new Int32Array(0);
    if (!this.#isCached) return;
    this.#begin();
    this.#follow(0, true, false);
    this.#finish(true);
    const places = this.#reached.slice(0, this.#reachedCount);
    this.#add({ places, isMatch: this.#isMatch }, NaN);
  }
}

const UNKNOWN = -1;
const DEAD = 0x7fff_ffff;

interface DfaState {
  /** Places that wait for a character, or for the end. */
  readonly places: Int32Array;
  /** Whether the value may end here. */
  readonly isMatch: boolean;
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
