// Walks the codes of trails and writes rows of those events alone that may
// pass a filter: clauses are kept as bits of a state, which symbols change.
// Reference: the rows of trail_decode, filtered; see ../trail_filter.ts
import {
  DONE,
  END,
  endOf,
  fail,
  IDLE,
  INSIDE,
  keep,
  LAST,
  LITERAL,
  look,
  NEXT,
  POSITION,
  resume,
  ROW,
  rowBytes,
  rowEnds,
  ROWS_END,
  SECOND_SLOT,
  SECOND_VALUE,
  SLOT,
  starts,
  STATUS,
  STEP,
  TIME,
  TIME_MASK,
  timeScale,
  VALUE,
  wordAt,
} from "./_trail_rows";

export {
  configure,
  expandFour,
  expandTimes,
  heapBase,
  region,
} from "./_trail_rows";

const STATE: usize = 48; // in a lane
const ACCEPT: usize = memory.data(512, 64); // 1 for each state that passes
const VALUES: usize = memory.data(128, 64); // for each field: address, count
const STATES: u32 = 256; // no event yet

let firstState: u32 = 0;

/** Says where a region is: states that pass, fields with values. */
export function filterRegion(which: u32): usize {
  return which == 0 ? ACCEPT : VALUES;
}

/** Sets the state of an event without any value. */
export function configureFilter(state: u32): void {
  firstState = state;
}

/** Keeps a row: what follows changes a copy of it. */
function accept(row: u32): u32 {
  const next = row + rowBytes;
  for (let at: u32 = 0; at < rowBytes; at += 16) {
    v128.store(next + at, v128.load(row + at));
  }
  return next;
}

/** Gives the bits of a literal value of a field with values; 512 if it is bad. */
function bitsOf(field: u32, scaled: u64): u32 {
  const entry = VALUES + ((field - 1) << 3);
  const value = scaled >> <u64> timeScale;
  if (value >= <u64> load<u32>(entry, 4)) return 512;
  return load<u8>(load<u32>(entry) + <u32> value);
}

/** As in trail_decode, but that rows are only those that passed. */
function advance(lane: usize): bool {
  if (load<u32>(lane, STATUS) == DONE) return false;
  let position = load<u32>(lane, POSITION);
  let row = load<u32>(lane, ROW);
  let next = load<u32>(lane, NEXT);
  const last = load<u32>(lane, LAST);
  if (load<u32>(lane, STATUS) == INSIDE) {
    const end = endOf(next);
    if (position < end) return resume(lane, position, row, end);
    if (position > end) return fail(lane);
    if (load<u8>(load<u32>(lane, STATE), ACCEPT)) {
      row += rowBytes;
      store<u32>(lane, row, ROW);
    }
    store<u32>(rowEnds + (next << 2), row);
    next++;
    store<u32>(lane, next, NEXT);
  }
  store<u32>(lane, IDLE, STATUS);
  while (next < last) {
    const end = endOf(next);
    position = (load<u32>(starts + (next << 2)) << 3) + 3;
    if (position > end) return fail(lane);
    if (position < end) {
      if (load<u32>(lane, ROWS_END) - row < 2 * rowBytes) return false;
      const record = look(wordAt(position)) >> 8;
      if (load<i32>(record, TIME_MASK) == 0) return fail(lane);
      for (let at: u32 = 0; at < rowBytes; at += 16) {
        v128.store(row + at, i64x2.splat(0));
      }
      store<u64>(lane, 0, TIME);
      store<u32>(lane, firstState | STATES, STATE);
      store<u32>(lane, INSIDE, STATUS);
      return resume(lane, position, row, end);
    }
    store<u32>(rowEnds + (next << 2), row);
    next++;
    store<u32>(lane, next, NEXT);
  }
  store<u32>(lane, DONE, STATUS);
  return false;
}

/** Walks one lane until it stops. */
export function walkOne(lane: usize): void {
  while (advance(lane)) {
    let bad: u32 = 0;
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
      const slot = <u32> load<u16>(record, SLOT);
      const value = load<u64>(record, VALUE) +
        (word & load<u64>(record, LITERAL));
      const effect = load<u32>(record, STEP);
      const isTime = load<i32>(record, TIME_MASK);
      bad |= slot;
      if (<u32> load<u8>(state, ACCEPT) & isTime) row = accept(row);
      time += value & <u64> (<i64> isTime);
      state = (state & effect) | ((effect >> 9) & 0xff);
      if (effect >> 17) {
        const bits = bitsOf(effect >> 17, value);
        state |= bits & 0xff;
        bad |= bits >> 9;
      }
      store<u32>(row + slot, <u32> (value >> 3));
      store<u32>(
        row + <u32> load<u16>(record, SECOND_SLOT),
        load<u32>(record, SECOND_VALUE),
      );
      store<u64>(row, time);
    }
    if (bad & 1) {
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
  let bad: u32 = 0;
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
    const slotA = <u32> load<u16>(recordA, SLOT);
    const valueA = load<u64>(recordA, VALUE) +
      (wordA & load<u64>(recordA, LITERAL));
    const effectA = load<u32>(recordA, STEP);
    const isTimeA = load<i32>(recordA, TIME_MASK);
    bad |= slotA;
    if (<u32> load<u8>(stateA, ACCEPT) & isTimeA) rowA = accept(rowA);
    timeA += valueA & <u64> (<i64> isTimeA);
    stateA = (stateA & effectA) | ((effectA >> 9) & 0xff);
    if (effectA >> 17) {
      const bitsA = bitsOf(effectA >> 17, valueA);
      stateA |= bitsA & 0xff;
      bad |= bitsA >> 9;
    }
    store<u32>(rowA + slotA, <u32> (valueA >> 3));
    store<u32>(
      rowA + <u32> load<u16>(recordA, SECOND_SLOT),
      load<u32>(recordA, SECOND_VALUE),
    );
    store<u64>(rowA, timeA);

    const wordB = wordAt(positionB);
    const entryB = look(wordB);
    positionB += entryB & 0xff;
    const recordB = entryB >> 8;
    const slotB = <u32> load<u16>(recordB, SLOT);
    const valueB = load<u64>(recordB, VALUE) +
      (wordB & load<u64>(recordB, LITERAL));
    const effectB = load<u32>(recordB, STEP);
    const isTimeB = load<i32>(recordB, TIME_MASK);
    bad |= slotB;
    if (<u32> load<u8>(stateB, ACCEPT) & isTimeB) rowB = accept(rowB);
    timeB += valueB & <u64> (<i64> isTimeB);
    stateB = (stateB & effectB) | ((effectB >> 9) & 0xff);
    if (effectB >> 17) {
      const bitsB = bitsOf(effectB >> 17, valueB);
      stateB |= bitsB & 0xff;
      bad |= bitsB >> 9;
    }
    store<u32>(rowB + slotB, <u32> (valueB >> 3));
    store<u32>(
      rowB + <u32> load<u16>(recordB, SECOND_SLOT),
      load<u32>(recordB, SECOND_VALUE),
    );
    store<u64>(rowB, timeB);

    const wordC = wordAt(positionC);
    const entryC = look(wordC);
    positionC += entryC & 0xff;
    const recordC = entryC >> 8;
    const slotC = <u32> load<u16>(recordC, SLOT);
    const valueC = load<u64>(recordC, VALUE) +
      (wordC & load<u64>(recordC, LITERAL));
    const effectC = load<u32>(recordC, STEP);
    const isTimeC = load<i32>(recordC, TIME_MASK);
    bad |= slotC;
    if (<u32> load<u8>(stateC, ACCEPT) & isTimeC) rowC = accept(rowC);
    timeC += valueC & <u64> (<i64> isTimeC);
    stateC = (stateC & effectC) | ((effectC >> 9) & 0xff);
    if (effectC >> 17) {
      const bitsC = bitsOf(effectC >> 17, valueC);
      stateC |= bitsC & 0xff;
      bad |= bitsC >> 9;
    }
    store<u32>(rowC + slotC, <u32> (valueC >> 3));
    store<u32>(
      rowC + <u32> load<u16>(recordC, SECOND_SLOT),
      load<u32>(recordC, SECOND_VALUE),
    );
    store<u64>(rowC, timeC);

    const wordD = wordAt(positionD);
    const entryD = look(wordD);
    positionD += entryD & 0xff;
    const recordD = entryD >> 8;
    const slotD = <u32> load<u16>(recordD, SLOT);
    const valueD = load<u64>(recordD, VALUE) +
      (wordD & load<u64>(recordD, LITERAL));
    const effectD = load<u32>(recordD, STEP);
    const isTimeD = load<i32>(recordD, TIME_MASK);
    bad |= slotD;
    if (<u32> load<u8>(stateD, ACCEPT) & isTimeD) rowD = accept(rowD);
    timeD += valueD & <u64> (<i64> isTimeD);
    stateD = (stateD & effectD) | ((effectD >> 9) & 0xff);
    if (effectD >> 17) {
      const bitsD = bitsOf(effectD >> 17, valueD);
      stateD |= bitsD & 0xff;
      bad |= bitsD >> 9;
    }
    store<u32>(rowD + slotD, <u32> (valueD >> 3));
    store<u32>(
      rowD + <u32> load<u16>(recordD, SECOND_SLOT),
      load<u32>(recordD, SECOND_VALUE),
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
  if (bad & 1) fail(a);
}

/** Walks two lanes in turn until one of them stops. */
export function walkTwo(a: usize, b: usize): void {
  if (!advance(a) || !advance(b)) return;
  let bad: u32 = 0;
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
    const slotA = <u32> load<u16>(recordA, SLOT);
    const valueA = load<u64>(recordA, VALUE) +
      (wordA & load<u64>(recordA, LITERAL));
    const effectA = load<u32>(recordA, STEP);
    const isTimeA = load<i32>(recordA, TIME_MASK);
    bad |= slotA;
    if (<u32> load<u8>(stateA, ACCEPT) & isTimeA) rowA = accept(rowA);
    timeA += valueA & <u64> (<i64> isTimeA);
    stateA = (stateA & effectA) | ((effectA >> 9) & 0xff);
    if (effectA >> 17) {
      const bitsA = bitsOf(effectA >> 17, valueA);
      stateA |= bitsA & 0xff;
      bad |= bitsA >> 9;
    }
    store<u32>(rowA + slotA, <u32> (valueA >> 3));
    store<u32>(
      rowA + <u32> load<u16>(recordA, SECOND_SLOT),
      load<u32>(recordA, SECOND_VALUE),
    );
    store<u64>(rowA, timeA);

    const wordB = wordAt(positionB);
    const entryB = look(wordB);
    positionB += entryB & 0xff;
    const recordB = entryB >> 8;
    const slotB = <u32> load<u16>(recordB, SLOT);
    const valueB = load<u64>(recordB, VALUE) +
      (wordB & load<u64>(recordB, LITERAL));
    const effectB = load<u32>(recordB, STEP);
    const isTimeB = load<i32>(recordB, TIME_MASK);
    bad |= slotB;
    if (<u32> load<u8>(stateB, ACCEPT) & isTimeB) rowB = accept(rowB);
    timeB += valueB & <u64> (<i64> isTimeB);
    stateB = (stateB & effectB) | ((effectB >> 9) & 0xff);
    if (effectB >> 17) {
      const bitsB = bitsOf(effectB >> 17, valueB);
      stateB |= bitsB & 0xff;
      bad |= bitsB >> 9;
    }
    store<u32>(rowB + slotB, <u32> (valueB >> 3));
    store<u32>(
      rowB + <u32> load<u16>(recordB, SECOND_SLOT),
      load<u32>(recordB, SECOND_VALUE),
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
  if (bad & 1) fail(a);
}
