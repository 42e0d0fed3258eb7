// Lanes of the kernel that filters: the state of an event, and rows of those
// that passed.
import {
  DONE,
  EFFECT,
  endOf,
  fail,
  IDLE,
  INSIDE,
  LAST,
  look,
  NEXT,
  POSITION,
  resume,
  ROW,
  rowBytes,
  rowEnds,
  ROWS_END,
  starts,
  STATUS,
  TIME,
  timeScale,
  wordAt,
} from "./_trail_rows";

export const STATE: usize = 48; // in a lane
export const ACCEPT: usize = memory.data(512, 64); // 1 for each state that passes
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
export function accept(row: u32): u32 {
  const next = row + rowBytes;
  for (let at: u32 = 0; at < rowBytes; at += 16) {
    v128.store(next + at, v128.load(row + at));
  }
  return next;
}

/** Gives the bits of a literal value of a field with values; 512 if it is bad. */
export function bitsOf(field: u32, scaled: u64): u32 {
  const entry = VALUES + ((field - 1) << 3);
  const value = scaled >> <u64> timeScale;
  if (value >= <u64> load<u32>(entry, 4)) return 512;
  return load<u8>(load<u32>(entry) + <u32> value);
}

/** As in trail_decode, but that rows are only those that passed. */
export function advance(lane: usize): bool {
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
      if (load<i64>(record, EFFECT) >= 0) return fail(lane);
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
