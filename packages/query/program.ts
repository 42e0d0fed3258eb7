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
  const ops: number[] = [];
  const x: number[] = [];
  const y: number[] = [];
  const sets: (readonly number[])[] = [];
  const setNumbers = new Map<readonly number[], number>();
  const emit = (op: number, to = 0, or = 0): number => {
    ops.push(op);
    x.push(to);
    y.push(or);
    return ops.length - 1;
  };
  const emitNode = (node: PatternNode): void => {
    switch (node.kind) {
      case "set": {
        let number = setNumbers.get(node.ranges);
        if (number === undefined) {
          number = sets.push(node.ranges) - 1;
          setNumbers.set(node.ranges, number);
        }
        emit(SET, number);
        return;
      }
      case "seq":
        for (const part of node.parts) emitNode(part);
        return;
      case "start":
        emit(START);
        return;
      case "end":
        emit(END);
        return;
      case "alt": {
        const jumps: number[] = [];
        node.branches.forEach((branch, i) => {
          const isLast = i === node.branches.length - 1;
          const split = isLast ? -1 : emit(SPLIT, ops.length + 1);
          emitNode(branch);
          if (isLast) return;
          jumps.push(emit(JUMP));
          y[split] = ops.length;
        });
        for (const jump of jumps) x[jump] = ops.length;
        return;
      }
      case "repeat":
        emitRepeat(node.part, node.min, node.max);
    }
  };
  const emitRepeat = (part: PatternNode, min: number, max: number): void => {
    const copies = max === Infinity ? min - 1 : min;
    for (let i = 0; i < copies; i++) emitNode(part);
    if (max === Infinity) {
      const loop = min === 0 ? emit(SPLIT, ops.length + 1) : ops.length;
      emitNode(part);
      if (min === 0) {
        emit(JUMP, loop);
        y[loop] = ops.length;
      } else {
        emit(SPLIT, loop, ops.length + 1);
      }
      return;
    }
    const splits: number[] = [];
    for (let i = min; i < max; i++) {
      splits.push(emit(SPLIT, ops.length + 1));
      emitNode(part);
    }
    for (const split of splits) y[split] = ops.length;
  };
  emitNode(root);
  emit(MATCH);
  return { ops, x, y, sets };
}
