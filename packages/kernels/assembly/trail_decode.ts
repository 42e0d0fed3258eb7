// Walks the codes of trails, four trails side by side, and writes rows of
// changes.
// Reference: ../trail_decode_reference.ts
import {
  advanceMask,
  BEGINS,
  DONE,
  EFFECT,
  END,
  endOf,
  fail,
  IDLE,
  INSIDE,
  keep,
  LAST,
  look,
  NEXT,
  placeIn,
  put,
  resume,
  rowBytes,
  rowEnds,
  rowOf,
  ROWS_END,
  SLOT_MASK,
  startOf,
  STATUS,
  valueOf,
  wordAt,
} from "./_trail_rows";

export {
  configure,
  expandFour,
  expandTimes,
  heapBase,
  region,
} from "./_trail_rows";

/** Does what one code says; gives the place of the next. */
// @ts-ignore: decorator
@inline
function step(place: u64, mask: u64): u64 {
  const word = wordAt(place);
  const entry = look(word);
  const effect = load<u64>(entry, EFFECT);
  const next = place + (effect & mask);
  put(next, effect, valueOf(word, entry, effect));
  return next;
}

/**
 * Takes a lane on when it has come to its end: ends the trail, or finds that
 * there is room after all, and begins the next trail. False: the lane stops.
 */
function advance(lane: usize): bool {
  if (load<u32>(lane, STATUS) == DONE) return false;
  let place = placeIn(lane);
  let next = load<u32>(lane, NEXT);
  const last = load<u32>(lane, LAST);
  if (load<u32>(lane, STATUS) == INSIDE) {
    const end = endOf(next);
    if (<u32> place < end) return resume(lane, end);
    if (<u32> place > end) return fail(lane);
    store<u32>(rowEnds + (next << 2), rowOf(place) + rowBytes);
    next++;
  }
  store<u32>(lane, IDLE, STATUS);
  for (; next < last; next++) {
    const end = endOf(next);
    const start = place >> 32 << 32 | <u64> startOf(next);
    if (<u32> start > end) return fail(lane);
    if (<u32> start < end) {
      const row = rowOf(place);
      if (load<u32>(lane, ROWS_END) - row < 2 * rowBytes) {
        store<u32>(lane, next, NEXT);
        return false;
      }
      place = begin(start);
      keep(lane, place);
      // Only damage goes past the end, or does not begin with a time.
      if (<u32> place > end) return fail(lane);
      if (<u32> place < end) {
        store<u32>(lane, next, NEXT);
        store<u32>(lane, INSIDE, STATUS);
        return resume(lane, end);
      }
    }
    store<u32>(rowEnds + (next << 2), rowOf(place) + rowBytes);
  }
  store<u32>(lane, next, NEXT);
  store<u32>(lane, DONE, STATUS);
  return false;
}

/** Does the first code of a trail, which must be a time. */
function begin(place: u64): u64 {
  const effect = load<u64>(look(wordAt(place)), EFFECT);
  if ((<u32> (effect >> 32) & SLOT_MASK) != rowBytes) return u64.MAX_VALUE;
  const row = rowOf(place) + rowBytes;
  for (let at: u32 = 0; at < rowBytes; at += 16) {
    v128.store(row + at, i64x2.splat(0));
  }
  place = step(place, advanceMask);
  store<u32>(row, load<u32>(row) | BEGINS);
  return place;
}

/** Walks one lane until it stops. */
export function walkOne(lane: usize): void {
  while (advance(lane)) {
    let place = placeIn(lane);
    const end = load<u32>(lane, END);
    const mask = advanceMask;
    while (<u32> place < end) place = step(place, mask);
    keep(lane, place);
  }
}

/**
 * Walks four lanes, a symbol of each in turn, until one of them stops. Their
 * symbols do not wait for each other.
 */
export function walkFour(a: usize, b: usize, c: usize, d: usize): void {
  if (!advance(a) || !advance(b) || !advance(c) || !advance(d)) return;
  let placeA = placeIn(a);
  let placeB = placeIn(b);
  let placeC = placeIn(c);
  let placeD = placeIn(d);
  let endA = load<u32>(a, END);
  let endB = load<u32>(b, END);
  let endC = load<u32>(c, END);
  let endD = load<u32>(d, END);
  const mask = advanceMask;
  while (true) {
    placeA = step(placeA, mask);
    placeB = step(placeB, mask);
    placeC = step(placeC, mask);
    placeD = step(placeD, mask);
    if (<u32> placeA >= endA) {
      keep(a, placeA);
      const walks = advance(a);
      placeA = placeIn(a);
      if (!walks) break;
      endA = load<u32>(a, END);
    }
    if (<u32> placeB >= endB) {
      keep(b, placeB);
      const walks = advance(b);
      placeB = placeIn(b);
      if (!walks) break;
      endB = load<u32>(b, END);
    }
    if (<u32> placeC >= endC) {
      keep(c, placeC);
      const walks = advance(c);
      placeC = placeIn(c);
      if (!walks) break;
      endC = load<u32>(c, END);
    }
    if (<u32> placeD >= endD) {
      keep(d, placeD);
      const walks = advance(d);
      placeD = placeIn(d);
      if (!walks) break;
      endD = load<u32>(d, END);
    }
  }
  if (load<u32>(a, STATUS) == INSIDE) keep(a, placeA);
  if (load<u32>(b, STATUS) == INSIDE) keep(b, placeB);
  if (load<u32>(c, STATUS) == INSIDE) keep(c, placeC);
  if (load<u32>(d, STATUS) == INSIDE) keep(d, placeD);
}

/** Walks two lanes in turn until one of them stops. */
export function walkTwo(a: usize, b: usize): void {
  if (!advance(a) || !advance(b)) return;
  let placeA = placeIn(a);
  let placeB = placeIn(b);
  let endA = load<u32>(a, END);
  let endB = load<u32>(b, END);
  const mask = advanceMask;
  while (true) {
    placeA = step(placeA, mask);
    placeB = step(placeB, mask);
    if (<u32> placeA >= endA) {
      keep(a, placeA);
      const walks = advance(a);
      placeA = placeIn(a);
      if (!walks) break;
      endA = load<u32>(a, END);
    }
    if (<u32> placeB >= endB) {
      keep(b, placeB);
      const walks = advance(b);
      placeB = placeIn(b);
      if (!walks) break;
      endB = load<u32>(b, END);
    }
  }
  if (load<u32>(a, STATUS) == INSIDE) keep(a, placeA);
  if (load<u32>(b, STATUS) == INSIDE) keep(b, placeB);
}
