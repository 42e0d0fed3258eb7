// Walks the codes of trails and writes rows of those events alone that may
// pass a filter: clauses are kept as bits of a state, which symbols change.
// What it does in TypeScript: the rows of trail_decode, filtered.
import {
  BAD_SHIFT,
  EFFECT,
  END,
  fail,
  INSIDE,
  keep,
  LITERAL,
  look,
  POSITION,
  ROW,
  rowBytes,
  SECOND_SLOT_SHIFT,
  SLOT_MASK,
  SLOT_SHIFT,
  STATE_EFFECT,
  STATUS,
  TIME,
  VALUE,
  wordAt,
} from "./_trail_rows";
import { accept, ACCEPT, advance, bitsOf, STATE } from "./_trail_states";

export {
  configure,
  expandFour,
  expandTimes,
  heapBase,
  region,
} from "./_trail_rows";
export { configureFilter, filterRegion } from "./_trail_states";

/** Walks one lane until it stops. */
export function walkOne(lane: usize): void {
  while (advance(lane)) {
    let bad: u64 = 0;
    let position = load<u32>(lane, POSITION);
    let end = load<u32>(lane, END);
    let row = load<u32>(lane, ROW);
    let time = load<u64>(lane, TIME);
    let state = load<u32>(lane, STATE);
    while (position < end) {
      const word = wordAt(position);
      const entry = look(word);
      position += entry & 0xff;
      const record = entry >> 8;
      const effect = load<u64>(record, EFFECT);
      const isTime = <u64> (<i64> effect >> 63);
      const value = load<u64>(record, VALUE) +
        (word & load<u64>(record, LITERAL));
      const change = load<u32>(record, STATE_EFFECT);
      bad |= effect;
      if (<u32> load<u8>(state, ACCEPT) & <u32> isTime) row = accept(row);
      time += value & isTime;
      state = (state & change) | ((change >> 9) & 0xff);
      if (change >> 17) {
        const bits = bitsOf(change >> 17, value);
        state |= bits & 0xff;
        bad |= <u64> (bits >> 9) << BAD_SHIFT;
      }
      store<u32>(
        row + <u32> ((effect >> SLOT_SHIFT) & SLOT_MASK),
        <u32> (value >> 3),
      );
      store<u32>(
        row + <u32> ((effect >> SECOND_SLOT_SHIFT) & SLOT_MASK),
        <u32> effect,
      );
      store<u64>(row, time);
    }
    if ((bad >> BAD_SHIFT) & 1) {
      fail(lane);
      return;
    }
    keep(lane, position, row, time);
    store<u32>(lane, state, STATE);
  }
}

/** Walks four lanes in turn until one of them stops. */
export function walkFour(a: usize, b: usize, c: usize, d: usize): void {
  if (!advance(a) || !advance(b) || !advance(c) || !advance(d)) return;
  let bad: u64 = 0;
  let positionA = load<u32>(a, POSITION);
  let endA = load<u32>(a, END);
  let rowA = load<u32>(a, ROW);
  let timeA = load<u64>(a, TIME);
  let stateA = load<u32>(a, STATE);
  let positionB = load<u32>(b, POSITION);
  let endB = load<u32>(b, END);
  let rowB = load<u32>(b, ROW);
  let timeB = load<u64>(b, TIME);
  let stateB = load<u32>(b, STATE);
  let positionC = load<u32>(c, POSITION);
  let endC = load<u32>(c, END);
  let rowC = load<u32>(c, ROW);
  let timeC = load<u64>(c, TIME);
  let stateC = load<u32>(c, STATE);
  let positionD = load<u32>(d, POSITION);
  let endD = load<u32>(d, END);
  let rowD = load<u32>(d, ROW);
  let timeD = load<u64>(d, TIME);
  let stateD = load<u32>(d, STATE);
  while (true) {
    const wordA = wordAt(positionA);
    const entryA = look(wordA);
    positionA += entryA & 0xff;
    const recordA = entryA >> 8;
    const effectA = load<u64>(recordA, EFFECT);
    const isTimeA = <u64> (<i64> effectA >> 63);
    const valueA = load<u64>(recordA, VALUE) +
      (wordA & load<u64>(recordA, LITERAL));
    const changeA = load<u32>(recordA, STATE_EFFECT);
    bad |= effectA;
    if (<u32> load<u8>(stateA, ACCEPT) & <u32> isTimeA) rowA = accept(rowA);
    timeA += valueA & isTimeA;
    stateA = (stateA & changeA) | ((changeA >> 9) & 0xff);
    if (changeA >> 17) {
      const bitsA = bitsOf(changeA >> 17, valueA);
      stateA |= bitsA & 0xff;
      bad |= <u64> (bitsA >> 9) << BAD_SHIFT;
    }
    store<u32>(
      rowA + <u32> ((effectA >> SLOT_SHIFT) & SLOT_MASK),
      <u32> (valueA >> 3),
    );
    store<u32>(
      rowA + <u32> ((effectA >> SECOND_SLOT_SHIFT) & SLOT_MASK),
      <u32> effectA,
    );
    store<u64>(rowA, timeA);

    const wordB = wordAt(positionB);
    const entryB = look(wordB);
    positionB += entryB & 0xff;
    const recordB = entryB >> 8;
    const effectB = load<u64>(recordB, EFFECT);
    const isTimeB = <u64> (<i64> effectB >> 63);
    const valueB = load<u64>(recordB, VALUE) +
      (wordB & load<u64>(recordB, LITERAL));
    const changeB = load<u32>(recordB, STATE_EFFECT);
    bad |= effectB;
    if (<u32> load<u8>(stateB, ACCEPT) & <u32> isTimeB) rowB = accept(rowB);
    timeB += valueB & isTimeB;
    stateB = (stateB & changeB) | ((changeB >> 9) & 0xff);
    if (changeB >> 17) {
      const bitsB = bitsOf(changeB >> 17, valueB);
      stateB |= bitsB & 0xff;
      bad |= <u64> (bitsB >> 9) << BAD_SHIFT;
    }
    store<u32>(
      rowB + <u32> ((effectB >> SLOT_SHIFT) & SLOT_MASK),
      <u32> (valueB >> 3),
    );
    store<u32>(
      rowB + <u32> ((effectB >> SECOND_SLOT_SHIFT) & SLOT_MASK),
      <u32> effectB,
    );
    store<u64>(rowB, timeB);

    const wordC = wordAt(positionC);
    const entryC = look(wordC);
    positionC += entryC & 0xff;
    const recordC = entryC >> 8;
    const effectC = load<u64>(recordC, EFFECT);
    const isTimeC = <u64> (<i64> effectC >> 63);
    const valueC = load<u64>(recordC, VALUE) +
      (wordC & load<u64>(recordC, LITERAL));
    const changeC = load<u32>(recordC, STATE_EFFECT);
    bad |= effectC;
    if (<u32> load<u8>(stateC, ACCEPT) & <u32> isTimeC) rowC = accept(rowC);
    timeC += valueC & isTimeC;
    stateC = (stateC & changeC) | ((changeC >> 9) & 0xff);
    if (changeC >> 17) {
      const bitsC = bitsOf(changeC >> 17, valueC);
      stateC |= bitsC & 0xff;
      bad |= <u64> (bitsC >> 9) << BAD_SHIFT;
    }
    store<u32>(
      rowC + <u32> ((effectC >> SLOT_SHIFT) & SLOT_MASK),
      <u32> (valueC >> 3),
    );
    store<u32>(
      rowC + <u32> ((effectC >> SECOND_SLOT_SHIFT) & SLOT_MASK),
      <u32> effectC,
    );
    store<u64>(rowC, timeC);

    const wordD = wordAt(positionD);
    const entryD = look(wordD);
    positionD += entryD & 0xff;
    const recordD = entryD >> 8;
    const effectD = load<u64>(recordD, EFFECT);
    const isTimeD = <u64> (<i64> effectD >> 63);
    const valueD = load<u64>(recordD, VALUE) +
      (wordD & load<u64>(recordD, LITERAL));
    const changeD = load<u32>(recordD, STATE_EFFECT);
    bad |= effectD;
    if (<u32> load<u8>(stateD, ACCEPT) & <u32> isTimeD) rowD = accept(rowD);
    timeD += valueD & isTimeD;
    stateD = (stateD & changeD) | ((changeD >> 9) & 0xff);
    if (changeD >> 17) {
      const bitsD = bitsOf(changeD >> 17, valueD);
      stateD |= bitsD & 0xff;
      bad |= <u64> (bitsD >> 9) << BAD_SHIFT;
    }
    store<u32>(
      rowD + <u32> ((effectD >> SLOT_SHIFT) & SLOT_MASK),
      <u32> (valueD >> 3),
    );
    store<u32>(
      rowD + <u32> ((effectD >> SECOND_SLOT_SHIFT) & SLOT_MASK),
      <u32> effectD,
    );
    store<u64>(rowD, timeD);

    if (positionA >= endA) {
      keep(a, positionA, rowA, timeA);
      store<u32>(a, stateA, STATE);
      if (!advance(a)) break;
      positionA = load<u32>(a, POSITION);
      endA = load<u32>(a, END);
      rowA = load<u32>(a, ROW);
      timeA = load<u64>(a, TIME);
      stateA = load<u32>(a, STATE);
    }
    if (positionB >= endB) {
      keep(b, positionB, rowB, timeB);
      store<u32>(b, stateB, STATE);
      if (!advance(b)) break;
      positionB = load<u32>(b, POSITION);
      endB = load<u32>(b, END);
      rowB = load<u32>(b, ROW);
      timeB = load<u64>(b, TIME);
      stateB = load<u32>(b, STATE);
    }
    if (positionC >= endC) {
      keep(c, positionC, rowC, timeC);
      store<u32>(c, stateC, STATE);
      if (!advance(c)) break;
      positionC = load<u32>(c, POSITION);
      endC = load<u32>(c, END);
      rowC = load<u32>(c, ROW);
      timeC = load<u64>(c, TIME);
      stateC = load<u32>(c, STATE);
    }
    if (positionD >= endD) {
      keep(d, positionD, rowD, timeD);
      store<u32>(d, stateD, STATE);
      if (!advance(d)) break;
      positionD = load<u32>(d, POSITION);
      endD = load<u32>(d, END);
      rowD = load<u32>(d, ROW);
      timeD = load<u64>(d, TIME);
      stateD = load<u32>(d, STATE);
    }
  }
  if (load<u32>(a, STATUS) == INSIDE) {
    keep(a, positionA, rowA, timeA);
    store<u32>(a, stateA, STATE);
  }
  if (load<u32>(b, STATUS) == INSIDE) {
    keep(b, positionB, rowB, timeB);
    store<u32>(b, stateB, STATE);
  }
  if (load<u32>(c, STATUS) == INSIDE) {
    keep(c, positionC, rowC, timeC);
    store<u32>(c, stateC, STATE);
  }
  if (load<u32>(d, STATUS) == INSIDE) {
    keep(d, positionD, rowD, timeD);
    store<u32>(d, stateD, STATE);
  }
  if ((bad >> BAD_SHIFT) & 1) fail(a);
}

/** Walks two lanes in turn until one of them stops. */
export function walkTwo(a: usize, b: usize): void {
  if (!advance(a) || !advance(b)) return;
  let bad: u64 = 0;
  let positionA = load<u32>(a, POSITION);
  let endA = load<u32>(a, END);
  let rowA = load<u32>(a, ROW);
  let timeA = load<u64>(a, TIME);
  let stateA = load<u32>(a, STATE);
  let positionB = load<u32>(b, POSITION);
  let endB = load<u32>(b, END);
  let rowB = load<u32>(b, ROW);
  let timeB = load<u64>(b, TIME);
  let stateB = load<u32>(b, STATE);
  while (true) {
    const wordA = wordAt(positionA);
    const entryA = look(wordA);
    positionA += entryA & 0xff;
    const recordA = entryA >> 8;
    const effectA = load<u64>(recordA, EFFECT);
    const isTimeA = <u64> (<i64> effectA >> 63);
    const valueA = load<u64>(recordA, VALUE) +
      (wordA & load<u64>(recordA, LITERAL));
    const changeA = load<u32>(recordA, STATE_EFFECT);
    bad |= effectA;
    if (<u32> load<u8>(stateA, ACCEPT) & <u32> isTimeA) rowA = accept(rowA);
    timeA += valueA & isTimeA;
    stateA = (stateA & changeA) | ((changeA >> 9) & 0xff);
    if (changeA >> 17) {
      const bitsA = bitsOf(changeA >> 17, valueA);
      stateA |= bitsA & 0xff;
      bad |= <u64> (bitsA >> 9) << BAD_SHIFT;
    }
    store<u32>(
      rowA + <u32> ((effectA >> SLOT_SHIFT) & SLOT_MASK),
      <u32> (valueA >> 3),
    );
    store<u32>(
      rowA + <u32> ((effectA >> SECOND_SLOT_SHIFT) & SLOT_MASK),
      <u32> effectA,
    );
    store<u64>(rowA, timeA);

    const wordB = wordAt(positionB);
    const entryB = look(wordB);
    positionB += entryB & 0xff;
    const recordB = entryB >> 8;
    const effectB = load<u64>(recordB, EFFECT);
    const isTimeB = <u64> (<i64> effectB >> 63);
    const valueB = load<u64>(recordB, VALUE) +
      (wordB & load<u64>(recordB, LITERAL));
    const changeB = load<u32>(recordB, STATE_EFFECT);
    bad |= effectB;
    if (<u32> load<u8>(stateB, ACCEPT) & <u32> isTimeB) rowB = accept(rowB);
    timeB += valueB & isTimeB;
    stateB = (stateB & changeB) | ((changeB >> 9) & 0xff);
    if (changeB >> 17) {
      const bitsB = bitsOf(changeB >> 17, valueB);
      stateB |= bitsB & 0xff;
      bad |= <u64> (bitsB >> 9) << BAD_SHIFT;
    }
    store<u32>(
      rowB + <u32> ((effectB >> SLOT_SHIFT) & SLOT_MASK),
      <u32> (valueB >> 3),
    );
    store<u32>(
      rowB + <u32> ((effectB >> SECOND_SLOT_SHIFT) & SLOT_MASK),
      <u32> effectB,
    );
    store<u64>(rowB, timeB);

    if (positionA >= endA) {
      keep(a, positionA, rowA, timeA);
      store<u32>(a, stateA, STATE);
      if (!advance(a)) break;
      positionA = load<u32>(a, POSITION);
      endA = load<u32>(a, END);
      rowA = load<u32>(a, ROW);
      timeA = load<u64>(a, TIME);
      stateA = load<u32>(a, STATE);
    }
    if (positionB >= endB) {
      keep(b, positionB, rowB, timeB);
      store<u32>(b, stateB, STATE);
      if (!advance(b)) break;
      positionB = load<u32>(b, POSITION);
      endB = load<u32>(b, END);
      rowB = load<u32>(b, ROW);
      timeB = load<u64>(b, TIME);
      stateB = load<u32>(b, STATE);
    }
  }
  if (load<u32>(a, STATUS) == INSIDE) {
    keep(a, positionA, rowA, timeA);
    store<u32>(a, stateA, STATE);
  }
  if (load<u32>(b, STATUS) == INSIDE) {
    keep(b, positionB, rowB, timeB);
    store<u32>(b, stateB, STATE);
  }
  if ((bad >> BAD_SHIFT) & 1) fail(a);
}
