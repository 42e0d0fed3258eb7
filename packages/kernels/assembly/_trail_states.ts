// Lanes of the kernel that filters: the state of an event, and rows of those
// that passed.
import {
  BEGINS,
  DONE,
  EFFECT,
  endOf,
  fail,
  IDLE,
  INSIDE,
  keep,
  LAST,
  look,
  NEXT,
  placeIn,
  placeOf,
  put,
  resume,
  rowBytes,
  rowEnds,
  rowOf,
  ROWS_END,
  scale,
  starts,
  STATUS,
  valueOf,
  wordAt,
} from "./_trail_rows";

export const TIME: usize = 40; // in a lane, u64
export const STATE: usize = 48; // in a lane
export const ACCEPT: usize = memory.data(256, 64); // 1 for each state that passes
const VALUES: usize = memory.data(128, 64); // for each field: address, count, mask

// Of an effect, beside what trail_decode has; it has no rows to go on by.
export const TIME_SHIFT: i32 = 31;
export const NUMBER_SHIFT: u32 = 22;
export const NUMBER_MASK: u32 = 15;
const KEEP_SHIFT: u64 = 32;
const SET_SHIFT: u64 = 40;
export const BAD: u64 = 1 << 30;

let firstState: u32 = 0;
// No constants: those would be loaded anew for each code.
export let codeMask: u64 = 0;
export let timeMask: u32 = 0;

/** Says where a region is: states that pass, fields with values. */
export function filterRegion(which: u32): usize {
  return which == 0 ? ACCEPT : VALUES;
}

/** Sets the state of an event without any value, and the bits of a time. */
export function configureFilter(state: u32, mask: u32): void {
  firstState = state;
  timeMask = mask;
  codeMask = BAD | 0x3f;
}

/** Keeps a row: what follows changes a copy of it. */
export function accept(place: u64, time: u64): u64 {
  const row = rowOf(place);
  store<u64>(row, time | BEGINS);
  for (let at: u32 = 0; at < rowBytes; at += 16) {
    v128.store(row + rowBytes + at, v128.load(row + at));
  }
  return place + (<u64> rowBytes << 32);
}

/** Gives the state behind a symbol. */
// @ts-ignore: decorator
@inline
export function stateAfter(state: u32, effect: u64): u32 {
  return state & <u32> (effect >> KEEP_SHIFT) |
    <u32> (effect >> SET_SHIFT) & 0xff;
}

/** Gives the bits of a literal value of a field with values; `BAD` if it is. */
export function bitsOf(number: u32, word: u64): u64 {
  const entry = VALUES + ((number - 1) << 4);
  const value = <u32> word >> scale & load<u32>(entry, 8);
  if (value >= load<u32>(entry, 4)) return BAD;
  return load<u8>(load<u32>(entry) + value);
}

/** As in trail_decode, but that rows are only those that passed. */
export function advance(lane: usize): bool {
  if (load<u32>(lane, STATUS) == DONE) return false;
  let place = placeIn(lane);
  let next = load<u32>(lane, NEXT);
  const last = load<u32>(lane, LAST);
  if (load<u32>(lane, STATUS) == INSIDE) {
    const end = endOf(next);
    if (<u32> place < end) return resume(lane, place, end);
    if (<u32> place > end) return fail(lane);
    place = endTrail(lane, place);
    next++;
  }
  store<u32>(lane, IDLE, STATUS);
  for (; next < last; next++) {
    const end = endOf(next);
    const row = rowOf(place);
    const start = placeOf(row, (load<u32>(starts + (next << 2)) << 3) + 1);
    if (<u32> start > end) return fail(lane);
    if (<u32> start < end) {
      if (load<u32>(lane, ROWS_END) - row < 2 * rowBytes) {
        store<u32>(lane, next, NEXT);
        keep(lane, place);
        return false;
      }
      place = begin(lane, start);
      // Only damage goes past the end, or does not begin with a time.
      if (<u32> place > end) return fail(lane);
      if (<u32> place < end) {
        store<u32>(lane, next, NEXT);
        store<u32>(lane, INSIDE, STATUS);
        return resume(lane, place, end);
      }
      store<u32>(lane, next, NEXT);
      place = endTrail(lane, place);
    } else {
      store<u32>(rowEnds + (next << 2), row);
    }
  }
  store<u32>(lane, next, NEXT);
  keep(lane, place);
  store<u32>(lane, DONE, STATUS);
  return false;
}

/** Ends the trail that a lane is in: its last event may have passed. */
function endTrail(lane: usize, place: u64): u64 {
  const row = rowOf(place);
  if (load<u8>(load<u32>(lane, STATE), ACCEPT)) {
    store<u64>(row, load<u64>(lane, TIME) | BEGINS);
    place += <u64> rowBytes << 32;
  }
  store<u32>(rowEnds + (load<u32>(lane, NEXT) << 2), rowOf(place));
  return place;
}

/** Does the first code of a trail, which must be a time. */
function begin(lane: usize, place: u64): u64 {
  const word = wordAt(place);
  const entry = look(word);
  const effect = load<u64>(entry, EFFECT);
  if (<i32> effect >= 0) return u64.MAX_VALUE;
  const row = rowOf(place);
  for (let at: u32 = 0; at < rowBytes; at += 16) {
    v128.store(row + at, i64x2.splat(0));
  }
  const value = valueOf(word, entry, effect);
  put(place, effect, value);
  store<u64>(lane, <u64> (<u32> value & timeMask), TIME);
  store<u32>(lane, stateAfter(firstState, effect), STATE);
  return place + (effect & codeMask);
}
