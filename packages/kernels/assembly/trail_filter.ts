// Walks the codes of trails and writes rows of those events alone that may
// pass a filter: clauses are kept as bits of a state, which symbols change.
// Reference: ../trail_filter_reference.ts
import {
  EFFECT,
  END,
  INSIDE,
  keep,
  look,
  placeIn,
  put,
  STATUS,
  valueOf,
  wordAt,
} from "./_trail_rows";
import {
  accept,
  ACCEPT,
  advance,
  BAD,
  bitsOf,
  codeMask,
  NUMBER_MASK,
  NUMBER_SHIFT,
  STATE,
  stateAfter,
  TIME,
  TIME_SHIFT,
  timeMask,
} from "./_trail_states";

export {
  configure,
  expandFour,
  expandTimes,
  heapBase,
  region,
} from "./_trail_rows";
export { configureFilter, filterRegion } from "./_trail_states";

function hold(lane: usize, place: u64, time: u64, state: u32): void {
  keep(lane, place);
  store<u64>(lane, time, TIME);
  store<u32>(lane, state, STATE);
}

/** Walks one lane until it stops. */
export function walkOne(lane: usize): void {
  const mask = codeMask;
  const times = timeMask;
  while (advance(lane)) {
    let place = placeIn(lane);
    const end = load<u32>(lane, END);
    let time = load<u64>(lane, TIME);
    let state = load<u32>(lane, STATE);
    while (<u32> place < end) {
      const word = wordAt(place);
      const entry = look(word);
      const effect = load<u64>(entry, EFFECT);
      const value = valueOf(word, entry, effect);
      const isTime = <u32> (<i32> effect >> TIME_SHIFT);
      if (<u32> load<u8>(state, ACCEPT) & isTime) {
        place = accept(place, time);
      }
      place += effect & mask;
      time += <u64> (<u32> value & isTime & times);
      state = stateAfter(state, effect);
      const number = <u32> effect >> NUMBER_SHIFT & NUMBER_MASK;
      if (number) {
        const bits = bitsOf(number, word);
        state |= <u32> bits & 0xff;
        place += bits & BAD;
      }
      put(place, effect, value);
    }
    hold(lane, place, time, state);
  }
}

/** Walks four lanes in turn until one of them stops. */
export function walkFour(a: usize, b: usize, c: usize, d: usize): void {
  if (!advance(a) || !advance(b) || !advance(c) || !advance(d)) return;
  let placeA = placeIn(a);
  let endA = load<u32>(a, END);
  let timeA = load<u64>(a, TIME);
  let stateA = load<u32>(a, STATE);
  let placeB = placeIn(b);
  let endB = load<u32>(b, END);
  let timeB = load<u64>(b, TIME);
  let stateB = load<u32>(b, STATE);
  let placeC = placeIn(c);
  let endC = load<u32>(c, END);
  let timeC = load<u64>(c, TIME);
  let stateC = load<u32>(c, STATE);
  let placeD = placeIn(d);
  let endD = load<u32>(d, END);
  let timeD = load<u64>(d, TIME);
  let stateD = load<u32>(d, STATE);
  const mask = codeMask;
  const times = timeMask;
  while (true) {
    const wordA = wordAt(placeA);
    const entryA = look(wordA);
    const effectA = load<u64>(entryA, EFFECT);
    const valueA = valueOf(wordA, entryA, effectA);
    const isTimeA = <u32> (<i32> effectA >> TIME_SHIFT);
    if (<u32> load<u8>(stateA, ACCEPT) & isTimeA) {
      placeA = accept(placeA, timeA);
    }
    placeA += effectA & mask;
    timeA += <u64> (<u32> valueA & isTimeA & times);
    stateA = stateAfter(stateA, effectA);
    const numberA = <u32> effectA >> NUMBER_SHIFT & NUMBER_MASK;
    if (numberA) {
      const bits = bitsOf(numberA, wordA);
      stateA |= <u32> bits & 0xff;
      placeA += bits & BAD;
    }
    put(placeA, effectA, valueA);

    const wordB = wordAt(placeB);
    const entryB = look(wordB);
    const effectB = load<u64>(entryB, EFFECT);
    const valueB = valueOf(wordB, entryB, effectB);
    const isTimeB = <u32> (<i32> effectB >> TIME_SHIFT);
    if (<u32> load<u8>(stateB, ACCEPT) & isTimeB) {
      placeB = accept(placeB, timeB);
    }
    placeB += effectB & mask;
    timeB += <u64> (<u32> valueB & isTimeB & times);
    stateB = stateAfter(stateB, effectB);
    const numberB = <u32> effectB >> NUMBER_SHIFT & NUMBER_MASK;
    if (numberB) {
      const bits = bitsOf(numberB, wordB);
      stateB |= <u32> bits & 0xff;
      placeB += bits & BAD;
    }
    put(placeB, effectB, valueB);

    const wordC = wordAt(placeC);
    const entryC = look(wordC);
    const effectC = load<u64>(entryC, EFFECT);
    const valueC = valueOf(wordC, entryC, effectC);
    const isTimeC = <u32> (<i32> effectC >> TIME_SHIFT);
    if (<u32> load<u8>(stateC, ACCEPT) & isTimeC) {
      placeC = accept(placeC, timeC);
    }
    placeC += effectC & mask;
    timeC += <u64> (<u32> valueC & isTimeC & times);
    stateC = stateAfter(stateC, effectC);
    const numberC = <u32> effectC >> NUMBER_SHIFT & NUMBER_MASK;
    if (numberC) {
      const bits = bitsOf(numberC, wordC);
      stateC |= <u32> bits & 0xff;
      placeC += bits & BAD;
    }
    put(placeC, effectC, valueC);

    const wordD = wordAt(placeD);
    const entryD = look(wordD);
    const effectD = load<u64>(entryD, EFFECT);
    const valueD = valueOf(wordD, entryD, effectD);
    const isTimeD = <u32> (<i32> effectD >> TIME_SHIFT);
    if (<u32> load<u8>(stateD, ACCEPT) & isTimeD) {
      placeD = accept(placeD, timeD);
    }
    placeD += effectD & mask;
    timeD += <u64> (<u32> valueD & isTimeD & times);
    stateD = stateAfter(stateD, effectD);
    const numberD = <u32> effectD >> NUMBER_SHIFT & NUMBER_MASK;
    if (numberD) {
      const bits = bitsOf(numberD, wordD);
      stateD |= <u32> bits & 0xff;
      placeD += bits & BAD;
    }
    put(placeD, effectD, valueD);

    if (<u32> placeA >= endA) {
      hold(a, placeA, timeA, stateA);
      const walks = advance(a);
      placeA = placeIn(a);
      timeA = load<u64>(a, TIME);
      stateA = load<u32>(a, STATE);
      if (!walks) break;
      endA = load<u32>(a, END);
    }
    if (<u32> placeB >= endB) {
      hold(b, placeB, timeB, stateB);
      const walks = advance(b);
      placeB = placeIn(b);
      timeB = load<u64>(b, TIME);
      stateB = load<u32>(b, STATE);
      if (!walks) break;
      endB = load<u32>(b, END);
    }
    if (<u32> placeC >= endC) {
      hold(c, placeC, timeC, stateC);
      const walks = advance(c);
      placeC = placeIn(c);
      timeC = load<u64>(c, TIME);
      stateC = load<u32>(c, STATE);
      if (!walks) break;
      endC = load<u32>(c, END);
    }
    if (<u32> placeD >= endD) {
      hold(d, placeD, timeD, stateD);
      const walks = advance(d);
      placeD = placeIn(d);
      timeD = load<u64>(d, TIME);
      stateD = load<u32>(d, STATE);
      if (!walks) break;
      endD = load<u32>(d, END);
    }
  }
  if (load<u32>(a, STATUS) == INSIDE) {
    hold(a, placeA, timeA, stateA);
  }
  if (load<u32>(b, STATUS) == INSIDE) {
    hold(b, placeB, timeB, stateB);
  }
  if (load<u32>(c, STATUS) == INSIDE) {
    hold(c, placeC, timeC, stateC);
  }
  if (load<u32>(d, STATUS) == INSIDE) {
    hold(d, placeD, timeD, stateD);
  }
}

/** Walks two lanes in turn until one of them stops. */
export function walkTwo(a: usize, b: usize): void {
  if (!advance(a) || !advance(b)) return;
  let placeA = placeIn(a);
  let endA = load<u32>(a, END);
  let timeA = load<u64>(a, TIME);
  let stateA = load<u32>(a, STATE);
  let placeB = placeIn(b);
  let endB = load<u32>(b, END);
  let timeB = load<u64>(b, TIME);
  let stateB = load<u32>(b, STATE);
  const mask = codeMask;
  const times = timeMask;
  while (true) {
    const wordA = wordAt(placeA);
    const entryA = look(wordA);
    const effectA = load<u64>(entryA, EFFECT);
    const valueA = valueOf(wordA, entryA, effectA);
    const isTimeA = <u32> (<i32> effectA >> TIME_SHIFT);
    if (<u32> load<u8>(stateA, ACCEPT) & isTimeA) {
      placeA = accept(placeA, timeA);
    }
    placeA += effectA & mask;
    timeA += <u64> (<u32> valueA & isTimeA & times);
    stateA = stateAfter(stateA, effectA);
    const numberA = <u32> effectA >> NUMBER_SHIFT & NUMBER_MASK;
    if (numberA) {
      const bits = bitsOf(numberA, wordA);
      stateA |= <u32> bits & 0xff;
      placeA += bits & BAD;
    }
    put(placeA, effectA, valueA);

    const wordB = wordAt(placeB);
    const entryB = look(wordB);
    const effectB = load<u64>(entryB, EFFECT);
    const valueB = valueOf(wordB, entryB, effectB);
    const isTimeB = <u32> (<i32> effectB >> TIME_SHIFT);
    if (<u32> load<u8>(stateB, ACCEPT) & isTimeB) {
      placeB = accept(placeB, timeB);
    }
    placeB += effectB & mask;
    timeB += <u64> (<u32> valueB & isTimeB & times);
    stateB = stateAfter(stateB, effectB);
    const numberB = <u32> effectB >> NUMBER_SHIFT & NUMBER_MASK;
    if (numberB) {
      const bits = bitsOf(numberB, wordB);
      stateB |= <u32> bits & 0xff;
      placeB += bits & BAD;
    }
    put(placeB, effectB, valueB);

    if (<u32> placeA >= endA) {
      hold(a, placeA, timeA, stateA);
      const walks = advance(a);
      placeA = placeIn(a);
      timeA = load<u64>(a, TIME);
      stateA = load<u32>(a, STATE);
      if (!walks) break;
      endA = load<u32>(a, END);
    }
    if (<u32> placeB >= endB) {
      hold(b, placeB, timeB, stateB);
      const walks = advance(b);
      placeB = placeIn(b);
      timeB = load<u64>(b, TIME);
      stateB = load<u32>(b, STATE);
      if (!walks) break;
      endB = load<u32>(b, END);
    }
  }
  if (load<u32>(a, STATUS) == INSIDE) {
    hold(a, placeA, timeA, stateA);
  }
  if (load<u32>(b, STATUS) == INSIDE) {
    hold(b, placeB, timeB, stateB);
  }
}
