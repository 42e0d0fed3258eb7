// What the kernels that walk over trails share: where things are in memory,
// looking up codes, lanes, and expanding rows to columns.
// What the memory holds: ../trail_decode_layout.ts

// Tables and data have constant addresses, which spares the loop an addition
// for each load; the host asks for them with `region`.
export const FIRST: usize = memory.data(16384, 64); // 4 bytes for each 12 bits
export const SECOND: usize = memory.data(524288, 64); // 4 bytes for each longer code
export const RECORDS: usize = memory.data(2621440, 64); // 32 bytes for each symbol
export const DATA: usize = memory.data(1048704, 64); // bytes of trails, and 64 behind
export const LANES: usize = memory.data(256, 64);

// A record: what a symbol does to a row. Few and wide loads: each is checked
// against the end of memory.
export const VALUE: usize = 0; // u64: value of the first item, times 2^scale
export const LITERAL: usize = 8; // u64: bits of the code that are added to it
export const EFFECT: usize = 16; // u64: see below
export const STATE_EFFECT: usize = 24; // u32: what it does to a filter's state

// Bits of an effect: 0 to 31 value of the second item, scaled for columns; 32
// to 45 where in the row the first item goes; 46 to 59 the same for the second;
// 62 a symbol that must not occur; 63 an event begins.
export const SLOT_SHIFT: u64 = 32;
export const SECOND_SLOT_SHIFT: u64 = 46;
export const SLOT_MASK: u64 = 0x3fff;
export const BAD_SHIFT: u64 = 62;

// A lane: 64 bytes.
export const NEXT: usize = 0;
export const LAST: usize = 4;
export const POSITION: usize = 8;
export const STATUS: usize = 12;
export const ROW: usize = 16;
export const ROWS_END: usize = 20;
export const TIME: usize = 24;
export const FAILED: usize = 32;
export const END: usize = 40;
export const LIMIT: usize = 44; // bits of data that are there

export const IDLE: u32 = 0; // between trails
export const INSIDE: u32 = 1; // inside a trail, out of room
export const DONE: u32 = 2;

export let rowBytes: u32 = 0;
export let minEventBits: u32 = 1;
export let starts: usize = 0;
export let ends: usize = 0;
export let rowEnds: usize = 0;
export let timeScale: u32 = 0;
export let idScale: u32 = 0;

/** First byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}

/** Says where a region is: first table, second, records, data, lanes. */
export function region(which: u32): usize {
  if (which == 0) return FIRST;
  if (which == 1) return SECOND;
  if (which == 2) return RECORDS;
  if (which == 3) return DATA;
  return LANES;
}

/** Says what the host has put in place. */
export function configure(
  bytes: u32,
  eventBits: u32,
  scaleOfTimes: u32,
  scaleOfIds: u32,
  startList: usize,
  endList: usize,
  rowEndList: usize,
): void {
  rowBytes = bytes;
  minEventBits = eventBits;
  timeScale = scaleOfTimes;
  idScale = scaleOfIds;
  starts = startList;
  ends = endList;
  rowEnds = rowEndList;
}

// @ts-ignore: decorator
@inline
export function wordAt(position: u32): u64 {
  return load<u64>(position >> 3, DATA) >> <u64> (position & 7);
}

/** Gives the record's address and, in the low byte, the bits of the code. */
// @ts-ignore: decorator
@inline
export function look(word: u64): u32 {
  const entry = load<u32>((<u32> word & 0xfff) << 2, FIRST);
  return load<u32>((entry >> 8) + ((<u32> word >> 10) & (entry & 0xff)));
}

/** Gives the bit where a trail ends. */
// @ts-ignore: decorator
@inline
export function endOf(trail: u32): u32 {
  const residual = <u32> load<u8>(load<u32>(starts + (trail << 2)), DATA) & 7;
  return (load<u32>(ends + (trail << 2)) << 3) - residual;
}

/** Sets how far a lane may walk before its rows could run out. */
export function resume(lane: usize, position: u32, row: u32, end: u32): bool {
  const bytes = load<u32>(lane, ROWS_END) - row;
  const limit = min(end, load<u32>(lane, LIMIT));
  store<u32>(lane, position, POSITION);
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

export function keep(lane: usize, position: u32, row: u32, time: u64): void {
  store<u32>(lane, position, POSITION);
  store<u32>(lane, row, ROW);
  store<u64>(lane, time, TIME);
}

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
  const absent = i32x4.splat(-1);
  const keepTimes = i64x2(-1, 0);
  const magic = i64x2.splat(0x4330000000000000);
  const magicValue = f64x2.splat(4503599627370496.0);
  const first = f64x2.splat(timeBase);
  let all = i64x2.splat(0);
  let most = i32x4.splat(0);
  let last = v128.load(carry);
  let i: u32 = 0;
  let row = rows;
  for (; i + 2 <= count; i += 2) {
    const x0 = v128.load(row);
    v128.store(row, absent);
    const x1 = v128.load(row + rowBytes);
    v128.store(row + rowBytes, absent);
    row += 2 * rowBytes;
    const y0 = v128.bitselect(last, x0, v128.andnot(i32x4.eq(x0, absent), keepTimes));
    const y1 = v128.bitselect(y0, x1, v128.andnot(i32x4.eq(x1, absent), keepTimes));
    last = y1;
    most = i32x4.max_u(most, i32x4.max_u(y0, y1));
    const pair = i64x2.shr_u(
      v128.shuffle<i64>(y0, y1, 0, 2),
      timeScale,
    );
    all = v128.or(all, pair);
    v128.store(
      times + (<usize> i << 3),
      f64x2.add(f64x2.sub(v128.or(pair, magic), magicValue), first),
    );
    const values = i32x4.shr_u(v128.shuffle<i32>(y0, y1, 2, 6, 3, 7), idScale);
    v128.store64_lane(columnA + (<usize> i << 2), values, 0);
    v128.store64_lane(columnB + (<usize> i << 2), values, 1);
  }
  if (i < count) {
    const x0 = v128.load(row);
    v128.store(row, absent);
    last = v128.bitselect(last, x0, v128.andnot(i32x4.eq(x0, absent), keepTimes));
    most = i32x4.max_u(most, last);
    const single = i64x2.shr_u(v128.shuffle<i64>(last, last, 0, 0), timeScale);
    all = v128.or(all, single);
    v128.store64_lane(
      times + (<usize> i << 3),
      f64x2.add(f64x2.sub(v128.or(single, magic), magicValue), first),
      0,
    );
    v128.store32_lane(columnA + (<usize> i << 2), i32x4.shr_u(last, idScale), 2);
    v128.store32_lane(columnB + (<usize> i << 2), i32x4.shr_u(last, idScale), 3);
  }
  v128.store(carry, last);
  const largest = i64x2.extract_lane(all, 0) | i64x2.extract_lane(all, 1);
  return u32(<u64> largest >> 52 == 0) & isWithin(most, carry);
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
  const absent = i32x4.splat(-1);
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
    most = i32x4.max_u(
      most,
      i32x4.max_u(i32x4.max_u(y0, y1), i32x4.max_u(y2, y3)),
    );
    const u0 = i32x4.shr_u(y0, idScale);
    const u1 = i32x4.shr_u(y1, idScale);
    const u2 = i32x4.shr_u(y2, idScale);
    const u3 = i32x4.shr_u(y3, idScale);
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
    most = i32x4.max_u(most, last);
    const value = i32x4.shr_u(last, idScale);
    const at = <usize> i << 2;
    v128.store32_lane(columnA + at, value, 0);
    v128.store32_lane(columnB + at, value, 1);
    v128.store32_lane(columnC + at, value, 2);
    v128.store32_lane(columnD + at, value, 3);
  }
  v128.store(carry, last);
  return isWithin(most, carry);
}

/** Tells whether all values are at most their limits, one row behind the carry. */
function isWithin(most: v128, carry: usize): u32 {
  const over = i32x4.gt_u(most, v128.load(carry + rowBytes));
  return u32(!v128.any_true(over));
}
