// Walks the codes of trails and writes rows of those events alone that may
// pass a filter. A code changes the state of the event, which says whether it
// passes, and notes where it was; what it writes is looked up only for events
// that pass.
// Reference: ../trail_filter_reference.ts
import {
  bitIn,
  EFFECT,
  INSIDE,
  look,
  STATUS,
  wordAt,
} from "./_trail_rows";
import {
  advance,
  advanceMask,
  attend,
  CLASS_SHIFT,
  deltaOf,
  hold,
  MARK_MASK,
  MARK_SHIFT,
  MARKS,
  MARKS_BYTES,
  marksOf,
  STATE,
  stopOf,
  SUCCESSOR,
  TIME,
} from "./_trail_states";

export {
  configure,
  expandFour,
  expandTimes,
  heapBase,
  region,
} from "./_trail_rows";
export { configureFilter, filterRegion, settle } from "./_trail_states";

/** Walks one lane until it stops. */
export function walkOne(lane: usize): void {
  const mask = advanceMask;
  const marks = marksOf(lane);
  while (advance(lane)) {
    let bit = bitIn(lane);
    const end = stopOf(lane);
    let time = load<u64>(lane, TIME);
    let state = load<u32>(lane, STATE);
    while (bit < end) {
      const word = wordAt(bit);
      const entry = look(word);
      const effect = load<u64>(entry, EFFECT);
      if (<i32> state < 0) state = attend(lane, state, time, effect);
      store<u32>(marks + (<u32> effect >> MARK_SHIFT & MARK_MASK), bit);
      bit += <u32> effect & mask;
      time += deltaOf(word, entry, effect);
      state = load<u32>(state + <u32> (effect >> CLASS_SHIFT), SUCCESSOR);
    }
    hold(lane, bit, time, state);
  }
}

/**
 * Walks the four lanes in turn until one of them stops. They are all there are,
 * in order: their marks have constant addresses.
 */
export function walkFour(a: usize, b: usize, c: usize, d: usize): void {
  if (!advance(a) || !advance(b) || !advance(c) || !advance(d)) return;
  let bitA = bitIn(a);
  let endA = stopOf(a);
  let timeA = load<u64>(a, TIME);
  let stateA = load<u32>(a, STATE);
  let bitB = bitIn(b);
  let endB = stopOf(b);
  let timeB = load<u64>(b, TIME);
  let stateB = load<u32>(b, STATE);
  let bitC = bitIn(c);
  let endC = stopOf(c);
  let timeC = load<u64>(c, TIME);
  let stateC = load<u32>(c, STATE);
  let bitD = bitIn(d);
  let endD = stopOf(d);
  let timeD = load<u64>(d, TIME);
  let stateD = load<u32>(d, STATE);
  const mask = advanceMask;
  while (true) {
    const wordA = wordAt(bitA);
    const entryA = look(wordA);
    const effectA = load<u64>(entryA, EFFECT);
    if (<i32> stateA < 0) {
      stateA = attend(a, stateA, timeA, effectA);
    }
    store<u32>(<u32> effectA >> MARK_SHIFT & MARK_MASK, bitA, MARKS);
    bitA += <u32> effectA & mask;
    timeA += deltaOf(wordA, entryA, effectA);
    stateA = load<u32>(stateA + <u32> (effectA >> CLASS_SHIFT), SUCCESSOR);

    const wordB = wordAt(bitB);
    const entryB = look(wordB);
    const effectB = load<u64>(entryB, EFFECT);
    if (<i32> stateB < 0) {
      stateB = attend(b, stateB, timeB, effectB);
    }
    store<u32>(<u32> effectB >> MARK_SHIFT & MARK_MASK, bitB, MARKS + MARKS_BYTES);
    bitB += <u32> effectB & mask;
    timeB += deltaOf(wordB, entryB, effectB);
    stateB = load<u32>(stateB + <u32> (effectB >> CLASS_SHIFT), SUCCESSOR);

    const wordC = wordAt(bitC);
    const entryC = look(wordC);
    const effectC = load<u64>(entryC, EFFECT);
    if (<i32> stateC < 0) {
      stateC = attend(c, stateC, timeC, effectC);
    }
    store<u32>(<u32> effectC >> MARK_SHIFT & MARK_MASK, bitC, MARKS + 2 * MARKS_BYTES);
    bitC += <u32> effectC & mask;
    timeC += deltaOf(wordC, entryC, effectC);
    stateC = load<u32>(stateC + <u32> (effectC >> CLASS_SHIFT), SUCCESSOR);

    const wordD = wordAt(bitD);
    const entryD = look(wordD);
    const effectD = load<u64>(entryD, EFFECT);
    if (<i32> stateD < 0) {
      stateD = attend(d, stateD, timeD, effectD);
    }
    store<u32>(<u32> effectD >> MARK_SHIFT & MARK_MASK, bitD, MARKS + 3 * MARKS_BYTES);
    bitD += <u32> effectD & mask;
    timeD += deltaOf(wordD, entryD, effectD);
    stateD = load<u32>(stateD + <u32> (effectD >> CLASS_SHIFT), SUCCESSOR);

    if (bitA >= endA) {
      hold(a, bitA, timeA, stateA);
      const walks = advance(a);
      bitA = bitIn(a);
      timeA = load<u64>(a, TIME);
      stateA = load<u32>(a, STATE);
      if (!walks) break;
      endA = stopOf(a);
    }
    if (bitB >= endB) {
      hold(b, bitB, timeB, stateB);
      const walks = advance(b);
      bitB = bitIn(b);
      timeB = load<u64>(b, TIME);
      stateB = load<u32>(b, STATE);
      if (!walks) break;
      endB = stopOf(b);
    }
    if (bitC >= endC) {
      hold(c, bitC, timeC, stateC);
      const walks = advance(c);
      bitC = bitIn(c);
      timeC = load<u64>(c, TIME);
      stateC = load<u32>(c, STATE);
      if (!walks) break;
      endC = stopOf(c);
    }
    if (bitD >= endD) {
      hold(d, bitD, timeD, stateD);
      const walks = advance(d);
      bitD = bitIn(d);
      timeD = load<u64>(d, TIME);
      stateD = load<u32>(d, STATE);
      if (!walks) break;
      endD = stopOf(d);
    }
  }
  if (load<u32>(a, STATUS) == INSIDE) hold(a, bitA, timeA, stateA);
  if (load<u32>(b, STATUS) == INSIDE) hold(b, bitB, timeB, stateB);
  if (load<u32>(c, STATUS) == INSIDE) hold(c, bitC, timeC, stateC);
  if (load<u32>(d, STATUS) == INSIDE) hold(d, bitD, timeD, stateD);
}

/** Walks two lanes in turn until one of them stops. */
export function walkTwo(a: usize, b: usize): void {
  if (!advance(a) || !advance(b)) return;
  let bitA = bitIn(a);
  let endA = stopOf(a);
  let timeA = load<u64>(a, TIME);
  let stateA = load<u32>(a, STATE);
  let bitB = bitIn(b);
  let endB = stopOf(b);
  let timeB = load<u64>(b, TIME);
  let stateB = load<u32>(b, STATE);
  const marksA = marksOf(a);
  const marksB = marksOf(b);
  const mask = advanceMask;
  while (true) {
    const wordA = wordAt(bitA);
    const entryA = look(wordA);
    const effectA = load<u64>(entryA, EFFECT);
    if (<i32> stateA < 0) {
      stateA = attend(a, stateA, timeA, effectA);
    }
    store<u32>(marksA + (<u32> effectA >> MARK_SHIFT & MARK_MASK), bitA);
    bitA += <u32> effectA & mask;
    timeA += deltaOf(wordA, entryA, effectA);
    stateA = load<u32>(stateA + <u32> (effectA >> CLASS_SHIFT), SUCCESSOR);

    const wordB = wordAt(bitB);
    const entryB = look(wordB);
    const effectB = load<u64>(entryB, EFFECT);
    if (<i32> stateB < 0) {
      stateB = attend(b, stateB, timeB, effectB);
    }
    store<u32>(marksB + (<u32> effectB >> MARK_SHIFT & MARK_MASK), bitB);
    bitB += <u32> effectB & mask;
    timeB += deltaOf(wordB, entryB, effectB);
    stateB = load<u32>(stateB + <u32> (effectB >> CLASS_SHIFT), SUCCESSOR);

    if (bitA >= endA) {
      hold(a, bitA, timeA, stateA);
      const walks = advance(a);
      bitA = bitIn(a);
      timeA = load<u64>(a, TIME);
      stateA = load<u32>(a, STATE);
      if (!walks) break;
      endA = stopOf(a);
    }
    if (bitB >= endB) {
      hold(b, bitB, timeB, stateB);
      const walks = advance(b);
      bitB = bitIn(b);
      timeB = load<u64>(b, TIME);
      stateB = load<u32>(b, STATE);
      if (!walks) break;
      endB = stopOf(b);
    }
  }
  if (load<u32>(a, STATUS) == INSIDE) hold(a, bitA, timeA, stateA);
  if (load<u32>(b, STATUS) == INSIDE) hold(b, bitB, timeB, stateB);
}
