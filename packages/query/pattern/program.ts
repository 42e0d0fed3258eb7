/**
 * Patterns as programs of an automaton.
 *
 * @module
 */
import type { PatternNode } from "./pattern.ts";

/** Takes a character of a set. */
export const SET = 0;
/** Goes on in two places. */
export const SPLIT = 1;
/** Goes on elsewhere. */
export const JUMP = 2;
/** Goes on at the start of the value. */
export const START = 3;
/** Goes on at the end of the value. */
export const END = 4;
/** The pattern is matched. */
export const MATCH = 5;

/** Instructions; `x` and `y` are the places to go on, or the number of a set. */
export interface Program {
  /** What each does. */
  readonly ops: readonly number[];
  /** Where to go on, or the number of a set. */
  readonly x: readonly number[];
  /** Where else to go on. */
  readonly y: readonly number[];
  /** Ranges of code points. */
  readonly sets: readonly (readonly number[])[];
}

/**
 * Turns a pattern into instructions; repeated parts are written out.
 *
 * @param root The pattern's tree.
 */
export function compilePattern(root: PatternNode): Program {
  const writer = new ProgramWriter();
  writer.node(root);
  writer.emit(MATCH);
  const { ops, x, y, sets } = writer;
  return { ops, x, y, sets };
}

/** The lists of a program, as they grow. */
class ProgramWriter {
  readonly ops: number[] = [];
  readonly x: number[] = [];
  readonly y: number[] = [];
  readonly sets: (readonly number[])[] = [];
  readonly #setNumbers = new Map<readonly number[], number>();

  /** Adds an instruction. @returns Where it stands. */
  emit(op: number, to = 0, or = 0): number {
    this.ops.push(op);
    this.x.push(to);
    this.y.push(or);
    return this.#end - 1;
  }

  /** Adds the instructions of a part. */
  node(node: PatternNode): void {
    switch (node.kind) {
      case "set":
        this.emit(SET, this.#setNumber(node.ranges));
        return;
      case "seq":
        for (const part of node.parts) this.node(part);
        return;
      case "start":
        this.emit(START);
        return;
      case "end":
        this.emit(END);
        return;
      case "alt":
        this.#branches(node.branches);
        return;
      case "repeat":
        this.#repeat(node.part, node.min, node.max);
    }
  }

  get #end(): number {
    return this.ops.length;
  }

  #setNumber(ranges: readonly number[]): number {
    let number = this.#setNumbers.get(ranges);
    if (number === undefined) {
      number = this.sets.push(ranges) - 1;
      this.#setNumbers.set(ranges, number);
    }
    return number;
  }

  #branches(branches: readonly PatternNode[]): void {
    const jumps: number[] = [];
    for (const branch of branches.slice(0, -1)) {
      const split = this.emit(SPLIT, this.#end + 1);
      this.node(branch);
      jumps.push(this.emit(JUMP));
      this.y[split] = this.#end;
    }
    this.node(branches.at(-1)!);
    for (const jump of jumps) this.x[jump] = this.#end;
  }

  #repeat(part: PatternNode, min: number, max: number): void {
    const copies = max === Infinity ? min - 1 : min;
    for (let i = 0; i < copies; i++) this.node(part);
    if (max === Infinity) {
      const loop = min === 0 ? this.emit(SPLIT, this.#end + 1) : this.#end;
      this.node(part);
      if (min === 0) {
        this.emit(JUMP, loop);
        this.y[loop] = this.#end;
      } else this.emit(SPLIT, loop, this.#end + 1);
      return;
    }
    const splits: number[] = [];
    for (let i = min; i < max; i++) {
      splits.push(this.emit(SPLIT, this.#end + 1));
      this.node(part);
    }
    for (const split of splits) this.y[split] = this.#end;
  }
}
