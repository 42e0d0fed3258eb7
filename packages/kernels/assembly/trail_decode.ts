// Walks the codes of trails, four trails side by side, and writes rows of
// changes.
// Reference: ../trail_decode_reference.ts
import {
  BAD_SHIFT,
  DONE,
  EFFECT,
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
  SECOND_SLOT_SHIFT,
  SLOT_MASK,
  SLOT_SHIFT,
  starts,
  STATUS,
  TIME,
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
      if (load<i64>(record, EFFECT) >= 0) return fail(lane);
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
    let bad: u64 = 0;
    while (position < end) {
      const word = wordAt(position);
      const entry = look(word);
      position += entry & 0xff;
      const record = entry >> 8;
      const value = load<u64>(record, VALUE) +
        (word & load<u64>(record, LITERAL));
      const effect = load<u64>(record, EFFECT);
      const isTime = <u64> (<i64> effect >> 63);
      bad |= effect;
      row += <u32> isTime & rowBytes;
      time += value & isTime;
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
  }
}

/**
 * Walks four lanes, a symbol of each in turn, until one of them stops; the
 * host ends the others with `walkTwo` and `walkOne`. Their symbols do not wait
 * for each other.
 */
export function walkFour(a: usize, b: usize, c: usize, d: usize): void {
  if (!advance(a) || !advance(b) || !advance(c) || !advance(d)) return;
  let bad: u64 = 0;
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
    const effectA = load<u64>(recordA, EFFECT);
    const isTimeA = <u64> (<i64> effectA >> 63);
    const valueA = load<u64>(recordA, VALUE) +
      (wordA & load<u64>(recordA, LITERAL));
    bad |= effectA;
    rowA += <u32> isTimeA & rowBytes;
    timeA += valueA & isTimeA;
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
    bad |= effectB;
    rowB += <u32> isTimeB & rowBytes;
    timeB += valueB & isTimeB;
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
    bad |= effectC;
    rowC += <u32> isTimeC & rowBytes;
    timeC += valueC & isTimeC;
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
    bad |= effectD;
    rowD += <u32> isTimeD & rowBytes;
    timeD += valueD & isTimeD;
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
  let positionB = load<u32>(b, POSITION);
  let endB = load<u32>(b, END);
  let rowB = load<u32>(b, ROW);
  let timeB = load<u64>(b, TIME);
  while (true) {
    const wordA = wordAt(positionA);
    const entryA = look(wordA);
    positionA += entryA & 0xff;
    const recordA = entryA >> 8;
    const effectA = load<u64>(recordA, EFFECT);
    const isTimeA = <u64> (<i64> effectA >> 63);
    const valueA = load<u64>(recordA, VALUE) +
      (wordA & load<u64>(recordA, LITERAL));
    bad |= effectA;
    rowA += <u32> isTimeA & rowBytes;
    timeA += valueA & isTimeA;
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
    bad |= effectB;
    rowB += <u32> isTimeB & rowBytes;
    timeB += valueB & isTimeB;
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
  if ((bad >> BAD_SHIFT) & 1) fail(a);
}
