// What the kernels that walk over trails share: where things are in memory,
// looking up codes, lanes, and expanding rows to columns.
// What the memory holds: ../trail_decode_layout.ts

// Tables and data have constant addresses, which spares the loop an addition
// for each load; the host asks for them with `region`.
export const FIRST: usize = memory.data(16384, 64); // 4 bytes for each 12 bits
export const ENTRIES: usize = memory.data(2162688, 64); // 16 bytes for each longer code
export const DATA: usize = memory.data(1048704, 64); // bytes of trails, and 64 behind
export const LANES: usize = memory.data(256, 64);

// Each access is compared with the end of memory less its own last byte. Those
// of the loop end at the same byte, but for one, so that two numbers are enough
// for all comparisons: pointers are shorter by what the offsets are longer.
const END_OFFSET: usize = FIRST + 4;
const WORD_OFFSET: usize = END_OFFSET - 8;
export const EFFECT: usize = END_OFFSET - 8;
export const VALUE: usize = END_OFFSET - 16;
export const SLOT: usize = END_OFFSET - 4;
const BIT_BIAS: u32 = <u32> (DATA - WORD_OFFSET) << 3;
/** What an entry's address is more than its pointer. */
export const ENTRY_BIAS: usize = EFFECT - 8;
const ADVANCE_MASK: u64 = 0x3fff_4000_003f;
export const IS_LITERAL: u64 = 0x40;
export const SECOND_SLOT_SHIFT: u32 = 8;
export const SLOT_SHIFT: u64 = 50;
export const SLOT_MASK: u32 = 0x3fff;
export const BEGINS: u32 = 4; // in a row's time: the first of its trail

// A lane: 64 bytes.
export const NEXT: usize = 0;
export const LAST: usize = 4;
export const POSITION: usize = 8; // less 2
export const ROW: usize = 12;
export const STATUS: usize = 16;
export const ROWS_END: usize = 20;
export const FAILED: usize = 24;
export const END: usize = 28;
export const LIMIT: usize = 32; // bits of data that are there

export const IDLE: u32 = 0; // between trails
export const INSIDE: u32 = 1; // inside a trail, out of room
export const DONE: u32 = 2;

export let rowBytes: u32 = 0;
export let minEventBits: u32 = 1;
export let starts: usize = 0;
export let ends: usize = 0;
export let rowEnds: usize = 0;
export let scale: u32 = 0;
// Not a constant: that would be loaded anew for each code.
export let advanceMask: u64 = 0;

/** First byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}

/**
 * Says where a region is: first table, entries, data, lanes; and what an entry's
 * address is more than its pointer.
 */
export function region(which: u32): usize {
  if (which == 0) return FIRST;
  if (which == 1) return ENTRIES;
  if (which == 2) return DATA;
  if (which == 3) return LANES;
  return ENTRY_BIAS;
}

/** Says what the host has put in place. */
export function configure(
  bytes: u32,
  eventBits: u32,
  scaleOfValues: u32,
  startList: usize,
  endList: usize,
  rowEndList: usize,
): void {
  rowBytes = bytes;
  minEventBits = eventBits;
  scale = scaleOfValues;
  advanceMask = ADVANCE_MASK;
  starts = startList;
  ends = endList;
  rowEnds = rowEndList;
}

/** Gives 64 bits of data; a code begins at bit 2 of them. */
// @ts-ignore: decorator
@inline
export function wordAt(place: u64): u64 {
  return load<u64>(<u32> place >> 3, WORD_OFFSET) >> <u64> (<u32> place & 7);
}

/** Gives the pointer to the entry of a code. */
// @ts-ignore: decorator
@inline
export function look(word: u64): u32 {
  const entry = load<u32>(<u32> word & 0x3ffc, FIRST);
  return (entry >> 9) + (<u32> word >> 10 & (entry & 0x1ff));
}

/** What a symbol writes: its values, or for a literal the input. */
// @ts-ignore: decorator
@inline
export function valueOf(word: u64, entry: u32, effect: u64): u64 {
  return select<u64>(
    word,
    load<u64>(entry, VALUE),
    <bool> (effect & IS_LITERAL),
  );
}

/** Writes both words of a value to the slots of an effect. */
// @ts-ignore: decorator
@inline
export function put(place: u64, effect: u64, value: u64): void {
  const row = <u32> (place >> 32);
  store<u32>(row + <u32> (effect >> SLOT_SHIFT), <u32> value, SLOT);
  store<u32>(
    row + ((<u32> effect >> SECOND_SLOT_SHIFT) & SLOT_MASK),
    <u32> (value >> 32),
    SLOT,
  );
}

/** Gives the place of a row and a bit of data. */
export function placeOf(row: u32, position: u32): u64 {
  return (<u64> (row - <u32> SLOT) << 32) | <u64> (position + BIT_BIAS);
}

/** Gives the place of a lane. */
export function placeIn(lane: usize): u64 {
  return placeOf(load<u32>(lane, ROW), load<u32>(lane, POSITION));
}

/** Notes the place of a lane. */
export function keep(lane: usize, place: u64): void {
  keepBit(lane, <u32> place);
  store<u32>(lane, rowOf(place), ROW);
}

/** Gives the bit of data where a lane is, as the loop has it. */
export function bitIn(lane: usize): u32 {
  return load<u32>(lane, POSITION) + BIT_BIAS;
}

/** Notes the bit of data where a lane is. */
export function keepBit(lane: usize, bit: u32): void {
  store<u32>(lane, bit - BIT_BIAS, POSITION);
}

/** Gives the bit of data where the first code of a trail begins. */
export function startOf(trail: u32): u32 {
  return (load<u32>(starts + (trail << 2)) << 3) + 1 + BIT_BIAS;
}

/** Gives the row of a place. */
export function rowOf(place: u64): u32 {
  return <u32> (place >> 32) + <u32> SLOT;
}

/** Gives where a trail ends, as the loop has it. */
// @ts-ignore: decorator
@inline
export function endOf(trail: u32): u32 {
  const residual = <u32> load<u8>(load<u32>(starts + (trail << 2)), DATA) & 7;
  return (load<u32>(ends + (trail << 2)) << 3) - residual - 2 + BIT_BIAS;
}

/** Sets how far a lane may walk before its rows could run out. */
export function resume(lane: usize, end: u32): bool {
  const position = bitIn(lane);
  const bytes = load<u32>(lane, ROWS_END) - load<u32>(lane, ROW);
  const limit = min(end, load<u32>(lane, LIMIT) + BIT_BIAS);
  if (bytes < 2 * rowBytes || position >= limit) return false;
  // There is mostly room for all that is left, which needs no division to see.
  const spare = <u64> (bytes - 2 * rowBytes) * <u64> minEventBits;
  if (spare >= <u64> (limit - position) * <u64> rowBytes) {
    store<u32>(lane, limit, END);
    return true;
  }
  const room = bytes / rowBytes - 1;
  const reach = <u64> position + <u64> room * <u64> minEventBits;
  store<u32>(lane, <u64> limit < reach ? limit : <u32> reach, END);
  return true;
}

export function fail(lane: usize): bool {
  store<u32>(lane, 1, FAILED);
  store<u32>(lane, DONE, STATUS);
  return false;
}

// Constants of the expansion, in memory: the compiler makes those in the code
// anew for each use.
const ABSENT: usize = memory.data<u64>([u64.MAX_VALUE, u64.MAX_VALUE], 16);
const CLEARED: usize = memory.data<u64>([0xffff_ffff, u64.MAX_VALUE], 16);
const FIRSTS: usize = memory.data<u64>([4, 4], 16);
const MAGIC: usize = memory.data<u64>([0x4330_0000_0000_0000, 0x4330_0000_0000_0000], 16);

/**
 * Expands the first 16 bytes of rows: times and two columns. Rows are put back
 * to "no change". Returns 0 when a time is too large to be held, or a value is
 * above its limit.
 */
export function expandTimes(
  rows: usize,
  count: u32,
  carry: usize,
  timeBase: f64,
  times: usize,
  columnA: usize,
  columnB: usize,
): u32 {
  const absent = v128.load(ABSENT);
  const cleared = v128.load(CLEARED);
  const begins = v128.load(FIRSTS);
  const magic = v128.load(MAGIC);
  const zero = i64x2.splat(0);
  // The upper bits of a double whose lower bits are the number: 2^52 too much.
  const base = f64x2.splat(timeBase - 4503599627370496.0);
  const masks = v128.load(carry + rowBytes);
  const timeMask = v128.shuffle<i64>(masks, masks, 0, 0);
  const idMask = v128.shuffle<i32>(masks, masks, 2, 2, 3, 3);
  const shift = scale;
  let all = zero;
  let most = zero;
  let last = v128.load(carry);
  let sum = v128.shuffle<i64>(last, last, 0, 0);
  let i: u32 = 0;
  let row = rows;
  for (; i + 2 <= count; i += 2) {
    const next = row + rowBytes;
    const x0 = v128.load(row);
    const x1 = v128.load(next);
    v128.store(row, cleared);
    v128.store(next, cleared);
    row = next + rowBytes;
    const y0 = v128.bitselect(last, x0, i32x4.eq(x0, absent));
    last = v128.bitselect(y0, x1, i32x4.eq(x1, absent));
    // Differences are added up from where the trail begins.
    const pair = v128.shuffle<i64>(x0, x1, 0, 2);
    const first = i64x2.eq(v128.and(pair, begins), begins);
    const deltas = v128.and(i64x2.shr_u(pair, shift), timeMask);
    const own = i64x2.add(
      deltas,
      v128.andnot(v128.shuffle<i64>(zero, deltas, 0, 2), first),
    );
    const apart = v128.or(first, v128.shuffle<i64>(zero, first, 0, 2));
    const totals = i64x2.add(own, v128.andnot(sum, apart));
    sum = v128.shuffle<i64>(totals, totals, 1, 1);
    all = v128.or(all, totals);
    v128.store(times, f64x2.add(v128.or(totals, magic), base));
    const values = v128.and(
      i32x4.shr_u(v128.shuffle<i32>(y0, last, 2, 6, 3, 7), shift),
      idMask,
    );
    most = i32x4.max_u(most, values);
    v128.store64_lane(columnA, values, 0);
    v128.store64_lane(columnB, values, 1);
    times += 16;
    columnA += 8;
    columnB += 8;
  }
  if (i < count) {
    const x0 = v128.load(row);
    v128.store(row, cleared);
    last = v128.bitselect(last, x0, i32x4.eq(x0, absent));
    const pair = v128.shuffle<i64>(x0, x0, 0, 0);
    const first = i64x2.eq(v128.and(pair, begins), begins);
    const deltas = v128.and(i64x2.shr_u(pair, shift), timeMask);
    sum = i64x2.add(deltas, v128.andnot(sum, first));
    all = v128.or(all, sum);
    v128.store64_lane(times, f64x2.add(v128.or(sum, magic), base), 0);
    const values = v128.and(
      i32x4.shr_u(v128.shuffle<i32>(last, last, 2, 2, 3, 3), shift),
      idMask,
    );
    most = i32x4.max_u(most, values);
    v128.store32_lane(columnA, values, 0);
    v128.store32_lane(columnB, values, 2);
  }
  v128.store(carry, v128.shuffle<i64>(sum, last, 0, 3));
  const largest = i64x2.extract_lane(all, 0) | i64x2.extract_lane(all, 1);
  const limits = v128.load(carry + 2 * rowBytes);
  const over = i32x4.gt_u(most, v128.shuffle<i32>(limits, limits, 2, 2, 3, 3));
  return u32(<u64> largest >> 52 == 0) & u32(!v128.any_true(over));
}

/** Expands four columns; see `expandTimes`. */
export function expandFour(
  rows: usize,
  count: u32,
  carry: usize,
  columnA: usize,
  columnB: usize,
  columnC: usize,
  columnD: usize,
): u32 {
  const absent = v128.load(ABSENT);
  const mask = v128.load(carry + rowBytes);
  let most = i32x4.splat(0);
  let last = v128.load(carry);
  let i: u32 = 0;
  let row = rows;
  for (; i + 4 <= count; i += 4) {
    const x0 = v128.load(row);
    v128.store(row, absent);
    const x1 = v128.load(row + rowBytes);
    v128.store(row + rowBytes, absent);
    const x2 = v128.load(row + 2 * rowBytes);
    v128.store(row + 2 * rowBytes, absent);
    const x3 = v128.load(row + 3 * rowBytes);
    v128.store(row + 3 * rowBytes, absent);
    row += 4 * rowBytes;
    const y0 = v128.bitselect(last, x0, i32x4.eq(x0, absent));
    const y1 = v128.bitselect(y0, x1, i32x4.eq(x1, absent));
    const y2 = v128.bitselect(y1, x2, i32x4.eq(x2, absent));
    const y3 = v128.bitselect(y2, x3, i32x4.eq(x3, absent));
    last = y3;
    const u0 = v128.and(i32x4.shr_u(y0, scale), mask);
    const u1 = v128.and(i32x4.shr_u(y1, scale), mask);
    const u2 = v128.and(i32x4.shr_u(y2, scale), mask);
    const u3 = v128.and(i32x4.shr_u(y3, scale), mask);
    most = i32x4.max_u(
      most,
      i32x4.max_u(i32x4.max_u(u0, u1), i32x4.max_u(u2, u3)),
    );
    const z0 = v128.shuffle<i32>(u0, u1, 0, 4, 1, 5);
    const z1 = v128.shuffle<i32>(u0, u1, 2, 6, 3, 7);
    const z2 = v128.shuffle<i32>(u2, u3, 0, 4, 1, 5);
    const z3 = v128.shuffle<i32>(u2, u3, 2, 6, 3, 7);
    const at = <usize> i << 2;
    v128.store(columnA + at, v128.shuffle<i64>(z0, z2, 0, 2));
    v128.store(columnB + at, v128.shuffle<i64>(z0, z2, 1, 3));
    v128.store(columnC + at, v128.shuffle<i64>(z1, z3, 0, 2));
    v128.store(columnD + at, v128.shuffle<i64>(z1, z3, 1, 3));
  }
  for (; i < count; i++) {
    const x0 = v128.load(row);
    v128.store(row, absent);
    last = v128.bitselect(last, x0, i32x4.eq(x0, absent));
    row += rowBytes;
    const value = v128.and(i32x4.shr_u(last, scale), mask);
    most = i32x4.max_u(most, value);
    const at = <usize> i << 2;
    v128.store32_lane(columnA + at, value, 0);
    v128.store32_lane(columnB + at, value, 1);
    v128.store32_lane(columnC + at, value, 2);
    v128.store32_lane(columnD + at, value, 3);
  }
  v128.store(carry, last);
  const over = i32x4.gt_u(most, v128.load(carry + 2 * rowBytes));
  return u32(!v128.any_true(over));
}
