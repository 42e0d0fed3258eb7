import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createTrailDecodeKernel,
  LANE,
  LANE_STATUS,
  RECORD,
  type TrailDecodeKernel,
} from "./mod.ts";

const ROW_BYTES = 32;
const ROWS = 64;
const FIELD_BITS = 2;
const VALUE_BITS = [9, 5, 12];

/** Addresses behind the heap that both kernels use alike. */
function places(kernel: TrailDecodeKernel) {
  const start = Math.ceil(kernel.regions.heap / 64) * 64;
  return {
    starts: start,
    ends: start + 64,
    rowEnds: start + 128,
    carry: start + 192,
    rows: start + 1024,
    out: start + 8192,
    end: start + 16_384,
  };
}

/** Makes a kernel whose codes are literals of three fields, the time first. */
function literalKernel(reference: boolean) {
  const kernel = createTrailDecodeKernel({ reference });
  const at = places(kernel);
  const memory = kernel.reserve(at.end);
  const view = new DataView(memory);
  const { first, second, records, lanes } = kernel.regions;
  for (let field = 0; field < 4; field++) {
    const record = records + field * RECORD.byteLength;
    const bits = VALUE_BITS[field];
    const mask = bits === undefined ? 0 : (2 ** bits - 1) * 8;
    view.setBigUint64(record + RECORD.literal, BigInt(mask), true);
    const upper = bits === undefined
      ? 2 ** 30
      : field === 0
      ? 2 ** 31
      : 4 + 4 * field;
    view.setUint32(record + RECORD.effect + 4, upper, true);
    const length = bits === undefined ? 1 : 1 + FIELD_BITS + bits;
    view.setUint32(second + 4 * field, record * 256 + length, true);
    for (let word = 0; word < 4096; word++) {
      if ((word >> 1 & 3) !== field) continue;
      view.setUint32(first + 4 * word, (second + 4 * field) * 256, true);
    }
  }
  kernel.functions.configure(
    ROW_BYTES,
    1 + FIELD_BITS + VALUE_BITS[0]!,
    3,
    0,
    at.starts,
    at.ends,
    at.rowEnds,
  );
  const bytes = new Uint8Array(memory);
  bytes.fill(0xff, at.rows, at.rows + ROWS * ROW_BYTES);
  bytes.fill(0xff, at.carry + ROW_BYTES, at.carry + 2 * ROW_BYTES);
  return { kernel, view, bytes, at, lane: lanes };
}

/** Walks and expands one trail; gives all that the host can see. */
function run(reference: boolean, trail: Uint8Array, rowLimit: number) {
  const { kernel, view, bytes, at, lane } = literalKernel(reference);
  bytes.set(trail, kernel.regions.data);
  view.setUint32(at.ends, trail.length, true);
  view.setUint32(lane + LANE.last, 1, true);
  view.setUint32(lane + LANE.row, at.rows - ROW_BYTES, true);
  view.setUint32(lane + LANE.rowsEnd, at.rows + rowLimit * ROW_BYTES, true);
  view.setUint32(lane + LANE.limit, 0xffff_ffff, true);
  kernel.functions.walkOne(lane);
  const status = view.getUint32(lane + LANE.status, true);
  const failed = view.getUint32(lane + LANE.failed, true);
  if (failed !== 0) return { failed };
  const row = view.getUint32(lane + LANE.row, true) - at.rows;
  const count = row / ROW_BYTES + (status === LANE_STATUS.inside ? 0 : 1);
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
    row,
    position: view.getUint32(lane + LANE.position, true),
    times: bytes.slice(at.out, at.out + 8 * count),
    columns: [0, 1, 2].map((i) =>
      bytes.slice(column(i), column(i) + 4 * count)
    ),
    rows: bytes.slice(at.rows, at.rows + ROWS * ROW_BYTES),
  };
}

Deno.test("the kernel that decodes trails equals its reference on any bits", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 1, maxLength: 200 }),
    fc.integer({ min: 2, max: ROWS }),
    fc.boolean(),
    (trail, rowLimit, isSound) => {
      // Bits 3 and 4 to 5: a literal of the time comes first in a sound trail.
      if (isSound) trail[0]! &= 0b1100_0111;
      assertEquals(run(false, trail, rowLimit), run(true, trail, rowLimit));
    },
  ));
});

Deno.test("the kernel that decodes trails adds times and fills columns", () => {
  // Residual 6; time 5, field 1 = 3, time 7: 3 + 12 + 8 + 12 bits.
  const bits = "011" + "000" + "101000000" + "010" + "11000" + "000" +
    "111000000";
  const trail = new Uint8Array(Math.ceil(bits.length / 8));
  [...bits].forEach((bit, i) => trail[i >> 3]! |= Number(bit) << (i & 7));
  trail[0] = (trail[0]! & 0xf8) | (8 * trail.length - bits.length);
  const result = run(false, trail, ROWS);
  assertEquals(result.status, LANE_STATUS.done);
  assertEquals([...new Float64Array(result.times!.buffer)], [1005, 1012]);
  assertEquals([...new Uint32Array(result.columns![0]!.buffer)], [3, 3]);
});
