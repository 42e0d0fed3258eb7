// Walks the codes of trails, four trails side by side, and writes rows of
// changes.
// Reference: ../trail_decode_reference.ts
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

/**
 * Takes a lane on when it has come to its end: ends the trail, or finds that
 * there is room after all, and begins the next trail. False: the lane stops.
 */
function advance(lane: usize): bool {
  if (load<u32>(lane, STATUS) == DONE) return false;
  let position = load<u32>(lane, POSITION);
  const row = load<u32>(lane, ROW);
  let next = load<u32>(lane, NEXT);
  const last = load<u32>(lane, LAST);
  if (load<u32>(lane, STATUS) == INSIDE) {
    const end = endOf(next);
    if (position < end) return resume(lane, position, row, end);
    if (position > end) return fail(lane);
    store<u32>(rowEnds + (next << 2), row + rowBytes);
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
      // What follows writes to the row of an event, so there must be one.
      const record = look(wordAt(position)) >> 8;
      if (load<i32>(record, TIME_MASK) == 0) return fail(lane);
      for (let at: u32 = 0; at < rowBytes; at += 16) {
        v128.store(row + rowBytes + at, i64x2.splat(0));
      }
      store<u64>(lane, 0, TIME);
      store<u32>(lane, INSIDE, STATUS);
      return resume(lane, position, row, end);
    }
    store<u32>(rowEnds + (next << 2), row + rowBytes);
    next++;
    store<u32>(lane, next, NEXT);
  }
  store<u32>(lane, DONE, STATUS);
  return false;
}

/** Walks one lane until it stops. */
export function walkOne(lane: usize): void {
  while (advance(lane)) {
    let position = load<u32>(lane, POSITION);
    const end = load<u32>(lane, END);
    let row = load<u32>(lane, ROW);
    let time = load<u64>(lane, TIME);
    let bad: u32 = 0;
    while (position < end) {
      const word = wordAt(position);
      const entry = look(word);
      position += entry & 0xff;
      const record = entry >> 8;
      const value = load<u64>(record, VALUE) +
        (word & load<u64>(record, LITERAL));
      const slot = <u32> load<u16>(record, SLOT);
      bad |= slot;
      row += load<u32>(record, STEP);
      time += value & <u64> (<i64> load<i32>(record, TIME_MASK));
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
  }
}

/**
 * Walks four lanes, a symbol of each in turn, until one of them stops; the
 * host ends the others with `walkTwo` and `walkOne`. Their symbols do not wait
 * for each other.
 */
export function walkFour(a: usize, b: usize, c: usize, d: usize): void {
  if (!advance(a) || !advance(b) || !advance(c) || !advance(d)) return;
  let bad: u32 = 0;
  let positionA = load<u32>(a, POSITION);
  let endA = load<u32>(a, END);
  let rowA = load<u32>(a, ROW);
  let timeA = load<u64>(a, TIME);
  let positionB = load<u32>(b, POSITION);
  let endB = load<u32>(b, END);
  let rowB = load<u32>(b, ROW);
  let timeB = load<u64>(b, TIME);
  let positionC = load<u32>(c, POSITION);
  let endC = load<u32>(c, END);
  let rowC = load<u32>(c, ROW);
  let timeC = load<u64>(c, TIME);
  let positionD = load<u32>(d, POSITION);
  let endD = load<u32>(d, END);
  let rowD = load<u32>(d, ROW);
  let timeD = load<u64>(d, TIME);
  while (true) {
    const wordA = wordAt(positionA);
    const entryA = look(wordA);
    positionA += entryA & 0xff;
    const recordA = entryA >> 8;
    const slotA = <u32> load<u16>(recordA, SLOT);
    const valueA = load<u64>(recordA, VALUE) +
      (wordA & load<u64>(recordA, LITERAL));
    bad |= slotA;
    rowA += load<u32>(recordA, STEP);
    timeA += valueA & <u64> (<i64> load<i32>(recordA, TIME_MASK));
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
    bad |= slotB;
    rowB += load<u32>(recordB, STEP);
    timeB += valueB & <u64> (<i64> load<i32>(recordB, TIME_MASK));
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
    bad |= slotC;
    rowC += load<u32>(recordC, STEP);
    timeC += valueC & <u64> (<i64> load<i32>(recordC, TIME_MASK));
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
    bad |= slotD;
    rowD += load<u32>(recordD, STEP);
    timeD += valueD & <u64> (<i64> load<i32>(recordD, TIME_MASK));
    store<u32>(rowD + slotD, <u32> (valueD >> 3));
    store<u32>(
      rowD + <u32> load<u16>(recordD, SECOND_SLOT),
      load<u32>(recordD, SECOND_VALUE),
    );
    store<u64>(rowD, timeD);

    if (positionA >= endA) {
      keep(a, positionA, rowA, timeA);
      if (!advance(a)) break;
      positionA = load<u32>(a, POSITION);
      endA = load<u32>(a, END);
      rowA = load<u32>(a, ROW);
      timeA = load<u64>(a, TIME);
    }
    if (positionB >= endB) {
      keep(b, positionB, rowB, timeB);
      if (!advance(b)) break;
      positionB = load<u32>(b, POSITION);
      endB = load<u32>(b, END);
      rowB = load<u32>(b, ROW);
      timeB = load<u64>(b, TIME);
    }
    if (positionC >= endC) {
      keep(c, positionC, rowC, timeC);
      if (!advance(c)) break;
      positionC = load<u32>(c, POSITION);
      endC = load<u32>(c, END);
      rowC = load<u32>(c, ROW);
      timeC = load<u64>(c, TIME);
    }
    if (positionD >= endD) {
      keep(d, positionD, rowD, timeD);
      if (!advance(d)) break;
      positionD = load<u32>(d, POSITION);
      endD = load<u32>(d, END);
      rowD = load<u32>(d, ROW);
      timeD = load<u64>(d, TIME);
    }
  }
  if (load<u32>(a, STATUS) == INSIDE) keep(a, positionA, rowA, timeA);
  if (load<u32>(b, STATUS) == INSIDE) keep(b, positionB, rowB, timeB);
  if (load<u32>(c, STATUS) == INSIDE) keep(c, positionC, rowC, timeC);
  if (load<u32>(d, STATUS) == INSIDE) keep(d, positionD, rowD, timeD);
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
  let positionB = load<u32>(b, POSITION);
  let endB = load<u32>(b, END);
  let rowB = load<u32>(b, ROW);
  let timeB = load<u64>(b, TIME);
  while (true) {
    const wordA = wordAt(positionA);
    const entryA = look(wordA);
    positionA += entryA & 0xff;
    const recordA = entryA >> 8;
    const slotA = <u32> load<u16>(recordA, SLOT);
    const valueA = load<u64>(recordA, VALUE) +
      (wordA & load<u64>(recordA, LITERAL));
    bad |= slotA;
    rowA += load<u32>(recordA, STEP);
    timeA += valueA & <u64> (<i64> load<i32>(recordA, TIME_MASK));
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
    bad |= slotB;
    rowB += load<u32>(recordB, STEP);
    timeB += valueB & <u64> (<i64> load<i32>(recordB, TIME_MASK));
    store<u32>(rowB + slotB, <u32> (valueB >> 3));
    store<u32>(
      rowB + <u32> load<u16>(recordB, SECOND_SLOT),
      load<u32>(recordB, SECOND_VALUE),
    );
    store<u64>(rowB, timeB);

    if (positionA >= endA) {
      keep(a, positionA, rowA, timeA);
      if (!advance(a)) break;
      positionA = load<u32>(a, POSITION);
      endA = load<u32>(a, END);
      rowA = load<u32>(a, ROW);
      timeA = load<u64>(a, TIME);
    }
    if (positionB >= endB) {
      keep(b, positionB, rowB, timeB);
      if (!advance(b)) break;
      positionB = load<u32>(b, POSITION);
      endB = load<u32>(b, END);
      rowB = load<u32>(b, ROW);
      timeB = load<u64>(b, TIME);
    }
  }
  if (load<u32>(a, STATUS) == INSIDE) keep(a, positionA, rowA, timeA);
  if (load<u32>(b, STATUS) == INSIDE) keep(b, positionB, rowB, timeB);
  if (bad & 1) fail(a);
}
