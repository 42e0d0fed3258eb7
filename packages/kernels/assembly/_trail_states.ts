// Lanes of the kernel that filters: the state of an event, where fields last
// changed, and rows of the events that passed.
import {
  BEGINS,
  bitIn,
  DONE,
  EFFECT,
  END,
  endOf,
  ENTRIES,
  ENTRY_BIAS,
  fail,
  FAILED,
  IDLE,
  INSIDE,
  IS_LITERAL,
  keepBit,
  LANES,
  LAST,
  look,
  NEXT,
  resume,
  ROW,
  rowBytes,
  rowEnds,
  ROWS_END,
  scale,
  SLOT,
  startOf,
  STATUS,
  VALUE,
  wordAt,
} from "./_trail_rows";

export const TIME: usize = 40; // in a lane, u64
export const STATE: usize = 48; // in a lane
/** Bits of the marks of a lane. */
const MARKS_SHIFT: usize = 10;
export const MARKS_BYTES: usize = 1 << MARKS_SHIFT;
// For each lane where codes of each kind were met last.
export const MARKS: usize = memory.data(4096, 64);
// For each class of codes and each state the state behind.
const TRANSITIONS: usize = memory.data(65536, 64);
const ITEMS: usize = memory.data(1081344, 64); // 8 bytes for each entry
const SLOTS: usize = memory.data(1024, 64); // two slots for each kind
const VALUES: usize = memory.data(128, 64); // address, count, mask, kind

// Of an effect.
const IS_TIME: u32 = 1 << 31;
const IS_INPUT: u32 = 1 << 7;
export const MARK_SHIFT: u32 = 8;
export const MARK_MASK: u32 = 0x3fc;
export const CLASS_SHIFT: u64 = 32;
// Of a state.
const STATE_MASK: u32 = 0x3fc;
const PENDING: u32 = 1 << 30;
const NUMBER_SHIFT: u32 = 24;
const NUMBER_MASK: u32 = 15;
/** Offset of a state's successor from what an effect has of its class. */
export const SUCCESSOR: usize = SLOT;

let firstState: u32 = 0;
let kindBytes: u32 = 0;
let seen: usize = 0;
let seenBytes: u32 = 0;
let overflowShift: u64 = 0;
// No constants: those would be loaded anew for each code.
export let advanceMask: u32 = 0;
export let timeMask: u64 = 0;

/** Says where a region is: transitions, values of entries, slots, fields. */
export function filterRegion(which: u32): usize {
  if (which == 0) return TRANSITIONS;
  if (which == 1) return ITEMS;
  if (which == 2) return SLOTS;
  if (which == 3) return VALUES;
  return SUCCESSOR;
}

/** Says what the host has put in place. */
export function configureFilter(
  state: u32,
  timeBits: u32,
  kinds: u32,
  seenList: usize,
): void {
  firstState = state;
  timeMask = ((<u64> 1 << <u64> timeBits) - 1) << <u64> scale;
  overflowShift = 52 + <u64> scale;
  kindBytes = (kinds + 3 & ~3) << 2;
  seen = seenList;
  seenBytes = rowBytes + 16;
  advanceMask = 0x4000_003f;
}

/** Gives where a lane's marks are. */
export function marksOf(lane: usize): usize {
  return MARKS + (lane - LANES << MARKS_SHIFT - 6);
}

function seenOf(lane: usize): usize {
  return seen + (lane - LANES >> 6) * seenBytes;
}

/** What a code adds to the time: nothing, if it is none. */
// @ts-ignore: decorator
@inline
export function deltaOf(word: u64, entry: u32, effect: u64): u64 {
  const value = load<u64>(entry, VALUE);
  return select<u64>(word, value, <bool> (effect & IS_LITERAL)) & timeMask;
}

/**
 * Does what a state asks for before the next code: looks up a literal, and when
 * an event ends that passes, writes its row. Gives the state itself.
 */
export function attend(
  lane: usize,
  state: u32,
  time: u64,
  effect: u64,
): u32 {
  if (state & PENDING) state = lookUp(lane, state);
  if (<i32> state < 0 && <u32> effect & IS_TIME) accept(lane, time);
  return state & STATE_MASK;
}

/** Gives the state behind a literal, the last code of the lane. */
function lookUp(lane: usize, state: u32): u32 {
  const field = VALUES + (((state >> NUMBER_SHIFT & NUMBER_MASK) - 1) << 4);
  const word = wordAt(load<u32>(marksOf(lane) + load<u32>(field, 12)));
  const value = <u32> word >> scale & load<u32>(field, 8);
  if (value >= load<u32>(field, 4)) {
    store<u32>(lane, 1, FAILED);
    return state & STATE_MASK;
  }
  const bits = <u32> load<u8>(load<u32>(field) + value);
  return load<u32>(TRANSITIONS + (state & STATE_MASK | bits << 2));
}

/** Keeps a row: what follows changes a copy of it. */
function accept(lane: usize, time: u64): void {
  applyMarks(lane);
  const row = load<u32>(lane, ROW);
  store<u64>(row, time | BEGINS);
  for (let at: u32 = 0; at < rowBytes; at += 16) {
    v128.store(row + rowBytes + at, v128.load(row + at));
  }
  store<u32>(lane, row + rowBytes, ROW);
}

/** Writes what has changed since the last time to the row. */
function applyMarks(lane: usize): void {
  const marks = marksOf(lane);
  const row = load<u32>(lane, ROW);
  const times = seenOf(lane);
  const zero = i64x2.splat(0);
  // Kind 0 writes nothing.
  store<u32>(marks, 0);
  for (let at: u32 = 0; at < kindBytes; at += 16) {
    let met = i32x4.bitmask(i32x4.ne(v128.load(marks + at), zero));
    if (met == 0) continue;
    do {
      const kind = at + (ctz(met) << 2);
      applyMark(row, times, load<u32>(SLOTS + kind), load<u32>(marks + kind));
      met &= met - 1;
    } while (met);
    v128.store(marks + at, zero);
  }
}

/** Writes the items of a code to its slots, but where later ones have been. */
// @ts-ignore: decorator
@inline
function applyMark(row: usize, times: usize, slots: u32, bit: u32): void {
  const word = wordAt(bit);
  const entry = look(word);
  const items = ITEMS + (<usize> entry + ENTRY_BIAS - ENTRIES >> 1);
  const isInput = load<u32>(entry, EFFECT) & IS_INPUT;
  const low = select<u32>(<u32> word, load<u32>(items), <bool> isInput);
  write(row, times, slots & 0xffff, bit, low);
  write(row, times, slots >> 16, bit, load<u32>(items, 4));
}

/** Without a branch: what was met later cannot be foreseen. */
// @ts-ignore: decorator
@inline
function write(
  row: usize,
  times: usize,
  slot: u32,
  bit: u32,
  value: u32,
): void {
  const before = load<u32>(times + slot);
  const old = load<u32>(row + slot);
  store<u32>(times + slot, max(before, bit));
  store<u32>(row + slot, select<u32>(value, old, before < bit));
}

/** Makes a lane's row true to all codes so far: their bits may move. */
export function settle(lane: usize): void {
  const state = load<u32>(lane, STATE);
  if (state & PENDING) store<u32>(lane, lookUp(lane, state), STATE);
  applyMarks(lane);
  memory.fill(seenOf(lane), 0, seenBytes);
}

/** As in trail_decode, but that rows are only those that passed. */
export function advance(lane: usize): bool {
  if (load<u32>(lane, STATUS) == DONE) return false;
  let next = load<u32>(lane, NEXT);
  const last = load<u32>(lane, LAST);
  if (load<u32>(lane, STATUS) == INSIDE) {
    const end = endOf(next);
    const bit = bitIn(lane);
    // Differences are small enough not to pass 64 bits between two looks.
    if (load<u64>(lane, TIME) >> overflowShift) return fail(lane);
    if (bit < end) return resume(lane, end);
    if (bit > end) return fail(lane);
    endTrail(lane, next++);
  }
  store<u32>(lane, IDLE, STATUS);
  for (; next < last; next++) {
    const end = endOf(next);
    const start = startOf(next);
    if (start > end) return fail(lane);
    if (start < end) {
      if (load<u32>(lane, ROWS_END) - load<u32>(lane, ROW) < 2 * rowBytes) {
        store<u32>(lane, next, NEXT);
        return false;
      }
      // Only damage goes past the end, or does not begin with a time.
      if (!begin(lane, start) || bitIn(lane) > end) return fail(lane);
      if (bitIn(lane) < end) {
        store<u32>(lane, next, NEXT);
        store<u32>(lane, INSIDE, STATUS);
        return resume(lane, end);
      }
      endTrail(lane, next);
    } else {
      store<u32>(rowEnds + (next << 2), load<u32>(lane, ROW));
    }
  }
  store<u32>(lane, next, NEXT);
  store<u32>(lane, DONE, STATUS);
  return false;
}

/** Ends a trail that a lane is in: its last event may have passed. */
function endTrail(lane: usize, trail: u32): void {
  const state = load<u32>(lane, STATE);
  if (<i32> state < 0) attend(lane, state, load<u64>(lane, TIME), IS_TIME);
  store<u32>(rowEnds + (trail << 2), load<u32>(lane, ROW));
}

/** Does the first code of a trail, which must be a time. */
function begin(lane: usize, start: u32): bool {
  const word = wordAt(start);
  const entry = look(word);
  const effect = load<u64>(entry, EFFECT);
  if (!(<u32> effect & IS_TIME)) return false;
  const row = load<u32>(lane, ROW);
  for (let at: u32 = 0; at < rowBytes; at += 16) {
    v128.store(row + at, i64x2.splat(0));
  }
  const marks = marksOf(lane);
  for (let at: u32 = 0; at < kindBytes; at += 16) {
    v128.store(marks + at, i64x2.splat(0));
  }
  const times = seenOf(lane);
  for (let at: u32 = 0; at < seenBytes; at += 16) {
    v128.store(times + at, i64x2.splat(0));
  }
  store<u32>(marks + (<u32> effect >> MARK_SHIFT & MARK_MASK), start);
  store<u64>(lane, deltaOf(word, entry, effect), TIME);
  const successor = firstState + <u32> (effect >> CLASS_SHIFT);
  store<u32>(lane, load<u32>(successor, SUCCESSOR), STATE);
  keepBit(lane, start + (<u32> effect & advanceMask));
  return true;
}

/** Notes where a lane is. */
export function hold(lane: usize, bit: u32, time: u64, state: u32): void {
  keepBit(lane, bit);
  store<u64>(lane, time, TIME);
  store<u32>(lane, state, STATE);
}

/** Gives the bit where a lane must stop. */
export function stopOf(lane: usize): u32 {
  return load<u32>(lane, END);
}
