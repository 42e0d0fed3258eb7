// Walks the codes of trails, four trails side by side, and writes rows of
// changes; then expands rows to columns.
// Reference, and what the memory holds: ../trail_decode.ts

// Tables and data have constant addresses, which spares the loop an addition
// for each load; the host asks for them with `region`.
const FIRST: usize = memory.data(16384, 64); // 4 bytes for each 12 bits
const SECOND: usize = memory.data(524288, 64); // 4 bytes for each longer code
const RECORDS: usize = memory.data(2621440, 64); // 32 bytes for each symbol
const DATA: usize = memory.data(1048704, 64); // bytes of trails, and 64 behind
const LANES: usize = memory.data(256, 64);

// A record: what a symbol does to a row.
const VALUE: usize = 0; // u64: value of the first item, times 2^scale
const LITERAL: usize = 8; // u64: bits of the code that are added to the value
const SECOND_VALUE: usize = 16; // u32: value of the second item, scaled for columns
const SLOT: usize = 20; // u16: where in the row the first item goes; 1 if bad
const SECOND_SLOT: usize = 22; // u16: the same for the second
const STEP: usize = 24; // u32: bytes of a row if an event begins, else 0
const TIME_MASK: usize = 28; // i32: -1 if an event begins, else 0

// A lane: 64 bytes.
const NEXT: usize = 0;
const LAST: usize = 4;
const POSITION: usize = 8;
const STATUS: usize = 12;
const ROW: usize = 16;
const ROWS_END: usize = 20;
const TIME: usize = 24;
const FAILED: usize = 32;
const END: usize = 40;
const LIMIT: usize = 44; // bits of data that are there

const IDLE: u32 = 0; // between trails
const INSIDE: u32 = 1; // inside a trail, out of room
const DONE: u32 = 2;

let rowBytes: u32 = 0;
let minEventBits: u32 = 1;
let starts: usize = 0;
let ends: usize = 0;
let rowEnds: usize = 0;
let timeScale: u32 = 0;
let idScale: u32 = 0;

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
function wordAt(position: u32): u64 {
  return load<u64>(position >> 3, DATA) >> <u64> (position & 7);
}

/** Gives the record's address and, in the low byte, the bits of the code. */
// @ts-ignore: decorator
@inline
function look(word: u64): u32 {
  const entry = load<u32>((<u32> word & 0xfff) << 2, FIRST);
  return load<u32>((entry >> 8) + (<u32> (word >> 10) & (entry & 0xff)));
}

/**
 * Takes a lane on when it has come to its end: ends the trail, or finds that
 * there is room after all, and begins the next trail. False: the lane stops.
 */
function advance(lane: usize): bool {
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

/** Gives the bit where a trail ends. */
// @ts-ignore: decorator
@inline
function endOf(trail: u32): u32 {
  const residual = <u32> load<u8>(load<u32>(starts + (trail << 2)), DATA) & 7;
  return (load<u32>(ends + (trail << 2)) << 3) - residual;
}

/** Sets how far a lane may walk before its rows could run out. */
function resume(lane: usize, position: u32, row: u32, end: u32): bool {
  const room = (load<u32>(lane, ROWS_END) - row) / rowBytes - 1;
  const limit = min(end, load<u32>(lane, LIMIT));
  store<u32>(lane, position, POSITION);
  if (room == 0 || position >= limit) return false;
  const reach = <u64> position + <u64> room * <u64> minEventBits;
  store<u32>(lane, <u64> limit < reach ? limit : <u32> reach, END);
  return true;
}

function fail(lane: usize): bool {
  store<u32>(lane, 1, FAILED);
  store<u32>(lane, DONE, STATUS);
  return false;
}

function keep(lane: usize, position: u32, row: u32, time: u64): void {
  store<u32>(lane, position, POSITION);
  store<u32>(lane, row, ROW);
  store<u64>(lane, time, TIME);
}

/** Walks one lane until it stops. */
export function walkOne(lane: usize): void {
  if (load<u32>(lane, STATUS) == DONE) return;
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
 * host ends the others with `walkOne`. Their symbols do not wait for each other.
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
    const valueA = load<u64>(recordA, VALUE) +
      (wordA & load<u64>(recordA, LITERAL));
    const slotA = <u32> load<u16>(recordA, SLOT);
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
    const valueB = load<u64>(recordB, VALUE) +
      (wordB & load<u64>(recordB, LITERAL));
    const slotB = <u32> load<u16>(recordB, SLOT);
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
    const valueC = load<u64>(recordC, VALUE) +
      (wordC & load<u64>(recordC, LITERAL));
    const slotC = <u32> load<u16>(recordC, SLOT);
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
    const valueD = load<u64>(recordD, VALUE) +
      (wordD & load<u64>(recordD, LITERAL));
    const slotD = <u32> load<u16>(recordD, SLOT);
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
