// Encodes events: what changed, which grams cover it, their bits.
// Reference: ../trail_encode_reference.ts

const FIRST: u32 = 1;
const SECOND: u32 = 2;
const CODE_BITS: u32 = 0xffffff;
const CODE_LENGTH_SHIFT: u32 = 24;
const RESIDUAL_BITS: u32 = 3;
const NO_DELTA: u32 = 0xffffffff;
const SMALL_END: u32 = 65536;

// A number, plus one, for each small time difference; 0 for none.
const SMALL: usize = memory.data(262144, 16);
// Value id of each field in the event before, plus one; 0 for nothing.
const PREVIOUS: usize = memory.data(128, 16);
// Items of an event; fields it has are at most 32.
const ITEMS: usize = memory.data(128, 16);
// Candidates: slot, count, and the bits of what they cover. 32 + 31 * 30 / 2.
const CANDIDATES: usize = memory.data(8192, 16);
const CHOSEN: usize = memory.data(256, 16);

let fieldCount: u32 = 0;
let fieldBits: u32 = 0;
let bases: usize = 0;
let valueBits: usize = 0;
let codes: usize = 0;
let partners: usize = 0;
let pairs: usize = 0;
let pairMask: u32 = 0;
let deltaBase: u32 = 0;
let deltaSlots: usize = 0;
let deltaMask: u32 = 0;
// What is pending: fewer than 8 bits between two events.
let bits: u64 = 0;
let bitCount: u32 = 0;
let out: usize = 0;
let open: bool = false;
let ended: u32 = 0;
// Whether grams are counted in place of written: `codes` and the code words of
// pairs are then counts.
let counting: bool = false;

/** First byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}

/** Says where tables are. */
export function setTables(
  fields: u32,
  idBits: u32,
  basesAt: usize,
  valueBitsAt: usize,
  codesAt: usize,
  partnersAt: usize,
  pairsAt: usize,
  mask: u32,
  count: u32,
): void {
  counting = count != 0;
  fieldCount = fields;
  fieldBits = idBits;
  bases = basesAt;
  valueBits = valueBitsAt;
  codes = codesAt;
  partners = partnersAt;
  pairs = pairsAt;
  pairMask = mask;
  deltaBase = load<u32>(bases + (<usize> fields << 2));
}

/**
 * Builds the table of time differences: value and number of each in a slot.
 * One that has no code and is in no pair is written as a literal, as if it had
 * no number: without it the table fits the caches better.
 */
export function setDeltas(
  values: usize,
  count: u32,
  slots: usize,
  mask: u32,
): void {
  deltaSlots = slots;
  deltaMask = mask;
  for (let number: u32 = 0; number < count; number++) {
    const value = load<f64>(values + (<usize> number << 3));
    const item = deltaBase + number;
    if (
      !counting && !load<u8>(partners + item) &&
      !(load<u32>(codes + (<usize> item << 2)) & 1)
    ) continue;
    if (value < <f64> SMALL_END) {
      store<u32>(SMALL + (<usize> value << 2), number + 1);
      continue;
    }
    let slot = deltaHash(<u64> value) & mask;
    while (load<u32>(slots + (<usize> slot << 4), 8) != 0) {
      slot = (slot + 1) & mask;
    }
    store<u64>(slots + (<usize> slot << 4), <u64> value);
    store<u32>(slots + (<usize> slot << 4), number + 1, 8);
  }
}

// @ts-ignore: decorator
@inline
function deltaHash(delta: u64): u32 {
  const hash = (<u32> delta ^ <u32> (delta >> 32) * 0x85ebca77) * 0x9e3779b1;
  return hash ^ hash >> 15;
}

// @ts-ignore: decorator
@inline
function findDelta(delta: u64): u32 {
  if (delta < SMALL_END) {
    const number = load<u32>(SMALL + (<usize> delta << 2));
    return number == 0 ? NO_DELTA : deltaBase + number - 1;
  }
  let slot = deltaHash(delta) & deltaMask;
  while (true) {
    const at = deltaSlots + (<usize> slot << 4);
    const number = load<u32>(at, 8);
    if (number == 0) return NO_DELTA;
    if (load<u64>(at) == delta) return deltaBase + number - 1;
    slot = (slot + 1) & deltaMask;
  }
}

/** Where the slot of a pair is; 0 if there is none. */
// @ts-ignore: decorator
@inline
function findPair(first: u32, second: u32): usize {
  let hash = first * 0x9e3779b1 ^ second * 0x85ebca77;
  hash = (hash ^ hash >> 15) * 0x2c1b3c6d;
  let slot = (hash ^ hash >> 13) & pairMask;
  while (true) {
    const at = pairs + (<usize> slot << 4);
    if (load<u32>(at, 8) == 0) return 0;
    if (load<u32>(at) == first && load<u32>(at, 4) == second) return at;
    slot = (slot + 1) & pairMask;
  }
}

/** Adds at most 56 bits to what is pending, and stores whole bytes. */
// @ts-ignore: decorator
@inline
function put(value: u64, count: u32): void {
  const pending = bits | value << bitCount;
  const pendingCount = bitCount + count;
  store<u64>(out, pending);
  out += pendingCount >> 3;
  bits = pending >> (pendingCount & ~7);
  bitCount = pendingCount & 7;
}

function putLiteral(field: u32, value: u64): void {
  put(field << 1, 1 + fieldBits);
  put(value, load<u8>(valueBits + field));
}

// @ts-ignore: decorator
@inline
function increment(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/** A literal of an item that has no code word: rare. */
function putLong(item: u32, delta: u64): void {
  if (item >= deltaBase) {
    putLiteral(0, delta);
    return;
  }
  let field: u32 = 0;
  while (item >= load<u32>(bases + (<usize> field + 1 << 2))) field++;
  putLiteral(field + 1, item - load<u32>(bases + (<usize> field << 2)));
}

// @ts-ignore: decorator
@inline
function putItem(item: u32, delta: u64): void {
  if (counting) {
    if (item != NO_DELTA) increment(codes + (<usize> item << 2));
    return;
  }
  const word = item == NO_DELTA ? 0 : load<u32>(codes + (<usize> item << 2));
  if (word != 0) put(word & CODE_BITS, word >> CODE_LENGTH_SHIFT);
  else putLong(item, delta);
}

function putPair(slot: usize, delta: u64): void {
  if (counting) {
    increment(slot + 12);
    return;
  }
  const word = load<u32>(slot, 12);
  if (word != 0) {
    put(word & CODE_BITS, word >> CODE_LENGTH_SHIFT);
    return;
  }
  putItem(load<u32>(slot), delta);
  putItem(load<u32>(slot, 4), delta);
}

// @ts-ignore: decorator
@inline
function addCandidate(count: u32, slot: usize, covers: u64): u32 {
  const at = CANDIDATES + (<usize> count << 4);
  store<u32>(at, <u32> slot);
  store<u32>(at, load<u32>(slot, 8), 4);
  store<u64>(at, covers, 8);
  return count + 1;
}

/** Finds the pairs of an event: its time is bit 0, item `i` is bit `i + 1`. */
// @ts-ignore: decorator
@inline
function findCandidates(item: u32, length: u32): u32 {
  let count: u32 = 0;
  if (item != NO_DELTA && load<u8>(partners + item) & FIRST) {
    for (let j: u32 = 0; j < length; j++) {
      const second = load<u32>(ITEMS + (<usize> j << 2));
      if (!(load<u8>(partners + second) & SECOND)) continue;
      const slot = findPair(item, second);
      if (slot) count = addCandidate(count, slot, 1 | <u64> 2 << j);
    }
  }
  for (let i: u32 = 1; i + 1 < length; i++) {
    const first = load<u32>(ITEMS + (<usize> i << 2));
    if (!(load<u8>(partners + first) & FIRST)) continue;
    for (let j: u32 = i + 1; j < length; j++) {
      const second = load<u32>(ITEMS + (<usize> j << 2));
      if (!(load<u8>(partners + second) & SECOND)) continue;
      const slot = findPair(first, second);
      if (slot) {
        count = addCandidate(count, slot, <u64> 2 << i | <u64> 2 << j);
      }
    }
  }
  return count;
}

/** Covers an event with pairs, the most frequent first, and puts all of it. */
// @ts-ignore: decorator
@inline
function encodeEvent(delta: u64, length: u32): void {
  const item = findDelta(delta);
  const candidates = findCandidates(item, length);
  let covered: u64 = 0;
  let chosen: u32 = 0;
  let timeSlot: usize = 0;
  while (candidates) {
    let best: u32 = 0;
    let bestAt: usize = 0;
    for (let c: u32 = 0; c < candidates; c++) {
      const at = CANDIDATES + (<usize> c << 4);
      const count = load<u32>(at, 4);
      if (count > best && !(load<u64>(at, 8) & covered)) {
        best = count;
        bestAt = at;
      }
    }
    if (best == 0) break;
    const covers = load<u64>(bestAt, 8);
    covered |= covers;
    if (covers & 1) {
      timeSlot = load<u32>(bestAt);
    } else {
      store<u32>(CHOSEN + (<usize> chosen << 2), load<u32>(bestAt));
      chosen++;
    }
  }
  if (timeSlot) putPair(timeSlot, delta);
  else putItem(item, delta);
  for (let c: u32 = 0; c < chosen; c++) {
    putPair(load<u32>(CHOSEN + (<usize> c << 2)), delta);
  }
  for (let i: u32 = 0; i < length; i++) {
    if (covered >> (i + 1) & 1) continue;
    putItem(load<u32>(ITEMS + (<usize> i << 2)), delta);
  }
}

/** Ends the open trail: its last bits, and how many of that byte are unused. */
function endTrail(start: usize, ends: usize, residuals: usize): void {
  if (!open) return;
  if (bitCount > 0) store<u8>(out++, <u8> bits);
  store<u32>(ends + (<usize> ended << 2), <u32> (out - start));
  store<u8>(residuals + ended, <u8> (8 - bitCount & 7));
  ended++;
  bits = 0;
  bitCount = 0;
  open = false;
}

/** Encodes a run. Gives the number of whole bytes. */
export function encode(
  trails: u32,
  continued: u32,
  offsets: usize,
  deltas: usize,
  columns: usize,
  columnBytes: usize,
  start: usize,
  ends: usize,
  residuals: usize,
): u32 {
  out = start;
  ended = 0;
  const fields = fieldCount;
  for (let trail: u32 = 0; trail < trails; trail++) {
    if (trail > 0 || !continued) {
      endTrail(start, ends, residuals);
      memory.fill(PREVIOUS, 0, <usize> fields << 2);
      bits = 0;
      bitCount = RESIDUAL_BITS;
      open = true;
    }
    const end = load<u32>(offsets + (<usize> trail << 2), 4);
    for (
      let row = load<u32>(offsets + (<usize> trail << 2));
      row < end;
      row++
    ) {
      let length: u32 = 0;
      let column = columns + (<usize> row << 2);
      for (let field: u32 = 0; field < fields; field++) {
        const id = load<u32>(column);
        const before = PREVIOUS + (<usize> field << 2);
        if (load<u32>(before) != id + 1) {
          store<u32>(before, id + 1);
          store<u32>(
            ITEMS + (<usize> length << 2),
            load<u32>(bases + (<usize> field << 2)) + id,
          );
          length++;
        }
        column += columnBytes;
      }
      encodeEvent(<u64> load<f64>(deltas + (<usize> row << 3)), length);
    }
  }
  return <u32> (out - start);
}

/** Ends the last trail. Gives the number of whole bytes. */
export function finish(start: usize, ends: usize, residuals: usize): u32 {
  out = start;
  ended = 0;
  endTrail(start, ends, residuals);
  return <u32> (out - start);
}

/** How many trails the last call has ended. */
export function endedTrails(): u32 {
  return ended;
}
