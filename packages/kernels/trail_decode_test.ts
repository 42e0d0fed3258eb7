import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createTrailDecodeKernel,
  createTrailFilterKernel,
  ENTRY,
  FILTER_STATE,
  LANE,
  LANE_STATUS,
  NO_LIMIT,
  type TrailDecodeKernel,
  type TrailFilterKernel,
} from "./mod.ts";

const ROW_BYTES = 32;
const ROWS = 64;
const FIELD_BITS = 2;
const SCALE = 3 + FIELD_BITS;
/** Bits of a literal; field 3 does not exist. */
const VALUE_BITS = [40, 5, 12];
/** Where each field goes: the time, two columns, and the next row. */
const SLOTS = [0, 8, 20, ROW_BYTES];

/** Addresses behind the heap that both kernels use alike. */
function places(kernel: TrailDecodeKernel) {
  const start = Math.ceil(kernel.regions.heap / 64) * 64;
  return {
    starts: start,
    ends: start + 64,
    rowEnds: start + 128,
    carry: start + 192,
    table: start + 512,
    seen: start + 1024,
    rows: start + 2048,
    out: start + 8192,
    end: start + 16_384,
  };
}

/** What an entry of the test's codebook says. */
interface Code {
  readonly bits: number;
  readonly field: number;
  readonly low: number;
  readonly high: number;
  readonly second: number;
  readonly isLiteral?: boolean;
  readonly isBad?: boolean;
}

/**
 * Codes of the test: literals, and behind a set flag by two bits: a time with an
 * item, a long time, an item, and those that need the second table.
 */
function codesOf(word: number): readonly Code[] {
  const field = word >> 1 & 3;
  if ((word & 1) === 0) {
    const bits = VALUE_BITS[field];
    return bits === undefined
      ? [{ bits: 0, field: 3, low: 0, high: 0, second: ROW_BYTES, isBad: true }]
      : [{
        bits: 1 + FIELD_BITS + bits,
        field,
        low: 0,
        high: 0,
        second: field === 0 ? 4 : ROW_BYTES,
        isLiteral: true,
      }];
  }
  const item = (value: number): number => value * 2 ** SCALE;
  if (field === 0) {
    return [{ bits: 3, field: 0, low: item(7), high: item(3), second: 8 }];
  }
  if (field === 1) {
    return [{ bits: 3, field: 0, low: item(9), high: 5, second: 4 }];
  }
  if (field === 2) {
    return [{ bits: 3, field: 2, low: item(77), high: 0, second: ROW_BYTES }];
  }
  return [1, 2, 3, 4].map((value) => ({
    bits: 14,
    field: 1,
    low: item(value),
    high: item(4090 + value),
    second: 20,
  }));
}

/** Bits of the filter's state: which values of field 1 and 2 it accepts. */
function stateBits(field: number, value: number): number {
  if (field === 1) return value % 3 === 0 ? 1 : 0;
  return field === 2 && value % 2 === 1 ? 2 : 0;
}

/** Writes the codes into a kernel's memory. */
function writeTables(
  kernel: TrailDecodeKernel,
  write: (view: DataView, entry: number, code: Code, word: number) => void,
): void {
  const { regions } = kernel;
  const view = new DataView(kernel.reserve(regions.heap));
  let entry = regions.entries;
  for (let word = 0; word < 4096; word++) {
    const codes = codesOf(word);
    const pointer = entry - regions.entryBias;
    const mask = (codes.length - 1) * ENTRY.byteLength;
    view.setUint32(regions.first + 4 * word, pointer * 512 + mask, true);
    for (const code of codes) {
      write(view, entry, code, word);
      entry += ENTRY.byteLength;
    }
  }
}

/** Writes an entry of the kernel that decodes. */
function writeDecodeEntry(view: DataView, entry: number, code: Code): void {
  let low = code.bits + code.second * 2 ** 8;
  let high = SLOTS[code.field]! * 2 ** 18;
  if (code.isLiteral) low += 2 ** 6;
  if (code.isBad) low += 2 ** 30;
  if (code.field === 0) high += ROW_BYTES;
  view.setUint32(entry, code.low, true);
  view.setUint32(entry + 4, code.high, true);
  view.setUint32(entry + ENTRY.effect, low, true);
  view.setUint32(entry + ENTRY.effect + 4, high, true);
}

/** Slots of each kind of codes of the kernel that filters. */
const KINDS = [[32, 32], [8, 32], [20, 32], [32, 8], [8, 20]] as const;

/** Classes of the kernel that filters: what each of four states leads to. */
const CLASSES: ((state: number) => number)[] = [(state) => reach(state)];
for (let set = 0; set < 4; set++) {
  CLASSES.push((state) => reach((state & 2) | (set & 1)));
  CLASSES.push((state) => reach((state & 1) | (set & 2)));
  CLASSES.push(() => reach(set));
}
const PENDING_CLASS = CLASSES.length - 1;
for (const field of [1, 2]) {
  CLASSES.push((state) =>
    4 * (state & ~field) + field * 2 ** FILTER_STATE.number +
    FILTER_STATE.pending + FILTER_STATE.passes
  );
}

/** A state as the kernel has it: both bits are needed to pass. */
function reach(state: number): number {
  return 4 * state + (state === 3 ? FILTER_STATE.passes : 0);
}

/** Class and kind of a code, and what it writes. */
function effectOf(code: Code, word: number) {
  const { field, isLiteral } = code;
  if (code.isBad) return { kind: 0, class: 0, items: [0, 0] };
  if (isLiteral) {
    // Every other value of field 1 is known from the first bits.
    const value = word >> 3 & 31;
    const isKnown = field === 1 && value % 2 === 0;
    const known = 1 + 3 * stateBits(1, value);
    return {
      kind: field,
      class: field === 0 ? 0 : isKnown ? known : PENDING_CLASS + field,
      items: [0, 0],
    };
  }
  const low = code.low / 2 ** SCALE;
  if (field === 0) {
    const isPair = code.second === 8;
    const set = isPair ? stateBits(1, code.high / 2 ** SCALE) : 0;
    return {
      kind: isPair ? 3 : 0,
      class: isPair ? 1 + 3 * set : 0,
      items: [0, isPair ? code.high : 0],
    };
  }
  if (field === 2) {
    return { kind: 2, class: 2 + 3 * stateBits(2, low), items: [code.low, 0] };
  }
  const set = stateBits(1, low) | stateBits(2, code.high / 2 ** SCALE);
  return { kind: 4, class: 3 + 3 * set, items: [code.low, code.high] };
}

/** Writes the tables of the kernel that filters. */
function writeFilterTables(kernel: TrailFilterKernel): void {
  const { regions, filterRegions } = kernel;
  const { transitions, transitionBias, items, slots } = filterRegions;
  writeTables(kernel, (view, entry, code, word) => {
    const effect = effectOf(code, word);
    const isTime = code.field === 0;
    let low = code.bits + effect.kind * 2 ** 10;
    if (isTime) low += 2 ** 31;
    if (code.isLiteral) low += isTime ? 2 ** 6 + 2 ** 7 : 2 ** 7;
    if (code.isBad) low += 2 ** 30;
    view.setUint32(entry, isTime ? code.low : 0, true);
    view.setUint32(entry + 4, code.second === 4 ? code.high : 0, true);
    view.setUint32(entry + ENTRY.effect, low, true);
    const pointer = transitions - transitionBias + 16 * effect.class;
    view.setUint32(entry + ENTRY.effect + 4, pointer, true);
    const written = items + (entry - regions.entries) / 2;
    view.setUint32(written, effect.items[0]!, true);
    view.setUint32(written + 4, effect.items[1]!, true);
  });
  const view = new DataView(kernel.reserve(regions.heap));
  KINDS.forEach(([first, second], kind) =>
    view.setUint32(slots + 4 * kind, first + second * 2 ** 16, true)
  );
  CLASSES.forEach((successor, number) => {
    for (let state = 0; state < 4; state++) {
      const at = transitions + 16 * number + 4 * state;
      view.setUint32(at, successor(state), true);
    }
  });
}

function makeKernel(reference: boolean, filters: boolean) {
  const kernel = filters
    ? createTrailFilterKernel({ reference })
    : createTrailDecodeKernel({ reference });
  const at = places(kernel);
  const memory = kernel.reserve(at.end);
  const view = new DataView(memory);
  const bytes = new Uint8Array(memory);
  if (filters) writeFilterTables(kernel as TrailFilterKernel);
  else writeTables(kernel, writeDecodeEntry);
  kernel.functions.configure(
    ROW_BYTES,
    3,
    SCALE,
    at.starts,
    at.ends,
    at.rowEnds,
  );
  bytes.fill(0xff, at.rows, at.rows + ROWS * ROW_BYTES);
  for (let row = 0; row < ROWS; row++) {
    view.setUint32(at.rows + row * ROW_BYTES + 4, 0, true);
  }
  // Bits that count, and then the largest values.
  bytes.fill(0xff, at.carry + ROW_BYTES, at.carry + 3 * ROW_BYTES);
  if (filters) configureFilter(kernel as TrailFilterKernel, view, at);
  else view.setUint32(at.carry + ROW_BYTES + 4, 2 ** 8 - 1, true);
  view.setUint32(at.carry + ROW_BYTES + 8, 31, true);
  view.setUint32(at.carry + ROW_BYTES + 20, 4095, true);
  view.setUint32(at.carry + 2 * ROW_BYTES + 20, 4000, true);
  return { kernel, view, bytes, at, lane: kernel.regions.lanes };
}

function configureFilter(
  kernel: TrailFilterKernel,
  view: DataView,
  at: { readonly table: number; readonly seen: number },
): void {
  for (const [field, count] of [[1, 30], [2, 300]] as const) {
    const address = at.table + 64 * (field - 1);
    const entry = kernel.filterRegions.values + 16 * (field - 1);
    view.setUint32(entry, address, true);
    view.setUint32(entry + 4, count, true);
    view.setUint32(entry + 8, 2 ** VALUE_BITS[field]! - 1, true);
    view.setUint32(entry + 12, 4 * field, true);
    for (let value = 0; value < count; value++) {
      view.setUint8(address + value, stateBits(field, value));
    }
  }
  kernel.functions.configureFilter(0, VALUE_BITS[0]!, KINDS.length, at.seen);
}

/** What both kernels are asked for. */
interface Run {
  /** Ends of the trails in the data. */
  readonly ends: readonly number[];
  readonly data: Uint8Array;
  readonly rowLimit: number;
  readonly filters: boolean;
}

/** Walks and expands trails; gives all that the host can see. */
function run(reference: boolean, { ends, data, rowLimit, filters }: Run) {
  const { kernel, view, bytes, at, lane } = makeKernel(reference, filters);
  bytes.set(data, kernel.regions.data);
  ends.forEach((end, i) => {
    view.setUint32(at.starts + 4 * i, ends[i - 1] ?? 0, true);
    view.setUint32(at.ends + 4 * i, end, true);
  });
  view.setUint32(lane + LANE.last, ends.length, true);
  const row = filters ? at.rows : at.rows - ROW_BYTES;
  view.setUint32(lane + LANE.row, row, true);
  view.setUint32(lane + LANE.rowsEnd, at.rows + rowLimit * ROW_BYTES, true);
  view.setUint32(lane + LANE.limit, NO_LIMIT, true);
  kernel.functions.walkOne(lane);
  const status = view.getUint32(lane + LANE.status, true);
  const failed = view.getUint32(lane + LANE.failed, true);
  if (failed !== 0) return { failed };
  const behind = view.getUint32(lane + LANE.row, true) - at.rows;
  const isOpen = filters || status === LANE_STATUS.inside;
  const count = behind / ROW_BYTES + (isOpen ? 0 : 1);
  const column = (index: number): number => at.out + 1024 * (index + 1);
  const { functions } = kernel;
  const fits = functions.expandTimes(
    at.rows,
    count,
    at.carry,
    1000,
    at.out,
    column(0),
    column(1),
  );
  const within = functions.expandFour(
    at.rows + 16,
    count,
    at.carry + 16,
    column(2),
    column(3),
    column(4),
    column(5),
  );
  return {
    failed,
    fits,
    within,
    status,
    row: behind,
    next: view.getUint32(lane + LANE.next, true),
    position: view.getUint32(lane + LANE.position, true),
    rowEnds: ends.map((_, i) =>
      view.getUint32(at.rowEnds + 4 * i, true) - at.rows
    ).slice(0, view.getUint32(lane + LANE.next, true)),
    times: fits === 1 ? bytes.slice(at.out, at.out + 8 * count) : [],
    columns: [0, 3].map((i) => bytes.slice(column(i), column(i) + 4 * count)),
    rows: bytes.slice(at.rows, at.rows + count * ROW_BYTES),
  };
}

for (const filters of [false, true]) {
  const name = filters ? "filters" : "decodes";
  Deno.test(`the kernel that ${name} trails equals its reference on any bits`, () => {
    let sound = 0;
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            { weight: 9, arbitrary: soundTrail() },
            fc.uint8Array({ minLength: 1, maxLength: 60 }),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        fc.integer({ min: 2, max: ROWS - 1 }),
        (trails, rowLimit) => {
          const data = new Uint8Array(trails.flatMap((trail) => [...trail]));
          let end = 0;
          const ends = trails.map((trail) => end += trail.length);
          const work = { ends, data, rowLimit, filters };
          const result = run(false, work);
          assertEquals(result, run(true, work));
          if (result.failed === 0 && result.rows!.length > 0) sound++;
        },
      ),
      { numRuns: 300 },
    );
    // Or nothing would have been compared but damage.
    assertEquals(sound > 20, true);
  });
}

/** Trails of sound codes, the first of which is a time. */
function soundTrail(): fc.Arbitrary<Uint8Array> {
  const bits = (length: number): fc.Arbitrary<string> =>
    fc.nat(2 ** length - 1).map((n) => n.toString(2).padStart(length, "0"));
  const time = fc.oneof(
    fc.constantFrom("100", "110"),
    fc.oneof(fc.nat(99), fc.nat(2 ** 40 - 1)).map((n) => literal(0, n)),
  );
  const item = fc.oneof(
    fc.constant("101"),
    bits(11).map((rest) => "111" + rest),
    fc.nat(31).map((n) => literal(1, n)),
    fc.nat(4095).map((n) => literal(2, n)),
  );
  const codes = fc.array(fc.oneof(time, item), { maxLength: 30 });
  return fc.tuple(time, codes)
    .map(([first, rest]) => pack("000" + first + rest.join("")));
}

/** Packs bits into a trail. */
function pack(bits: string): Uint8Array {
  const trail = new Uint8Array(Math.ceil(bits.length / 8));
  [...bits].forEach((bit, i) => trail[i >> 3]! |= Number(bit) << (i & 7));
  trail[0] = (trail[0]! & 0xf8) | (8 * trail.length - bits.length);
  return trail;
}

/** A literal, first bit first. */
function literal(field: number, value: number): string {
  const bits = (n: number, length: number): string =>
    [...n.toString(2).padStart(length, "0")].reverse().join("");
  return "0" + bits(field, FIELD_BITS) + bits(value, VALUE_BITS[field]!);
}

Deno.test("the kernel that decodes trails adds times and fills columns", () => {
  const wide = 2 ** 40 - 3;
  const data = pack(
    "000" + literal(0, 5) + literal(1, 3) + literal(0, wide) + "100" + "110" +
      literal(2, 4000),
  );
  for (const reference of [false, true]) {
    const result = run(reference, {
      ends: [data.length],
      data,
      rowLimit: 60,
      filters: false,
    });
    assertEquals(result.status, LANE_STATUS.done);
    const times = new Uint8Array(result.times!).buffer;
    // The third event is a codeword: the difference 7, and 3 in field 1. The
    // fourth has 9 and 5 in the upper word.
    const third = 1005 + wide + 7;
    assertEquals([...new Float64Array(times)], [
      1005,
      1005 + wide,
      third,
      third + 9 + 5 * 2 ** (32 - SCALE),
    ]);
    assertEquals([...new Uint32Array(result.columns![0]!.buffer)], [
      3,
      3,
      3,
      3,
    ]);
    assertEquals([...new Uint32Array(result.columns![1]!.buffer)], [
      0,
      0,
      0,
      4000,
    ]);
    assertEquals([result.fits, result.within], [1, 1]);
  }
});

Deno.test("the kernel that decodes trails says when a value is above its limit", () => {
  const data = pack("000" + literal(0, 5) + literal(2, 4001));
  for (const reference of [false, true]) {
    const work = { ends: [data.length], data, rowLimit: 60, filters: false };
    assertEquals(run(reference, work).within, 0);
  }
});

Deno.test("the kernel that filters trails keeps events that pass, with whole times", () => {
  const data = pack(
    "000" + literal(0, 5) + literal(1, 3) + literal(0, 6) + literal(2, 41) +
      literal(0, 2) + "100" + literal(2, 40) + literal(0, 1) + literal(2, 9),
  );
  for (const reference of [false, true]) {
    const result = run(reference, {
      ends: [data.length],
      data,
      rowLimit: 60,
      filters: true,
    });
    const times = new Uint8Array(result.times!).buffer;
    // Field 1 is 3 all along; field 2 is 41, 41, then 40, then 9.
    assertEquals([...new Float64Array(times)], [1011, 1013, 1021]);
    assertEquals([...new Uint32Array(result.columns![1]!.buffer)], [41, 41, 9]);
  }
});
