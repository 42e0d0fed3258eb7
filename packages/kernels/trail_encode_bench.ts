/**
 * The encoder: compiled, and its reference, copies counted in.
 *
 * @module
 */
import { DeltaNumbers } from "./trail_deltas.ts";
import { itemBases } from "./trail_edges.ts";
import { createTrailEncodeCompiled } from "./trail_encode.ts";
import type {
  TrailEncodeKernel,
  TrailEncodeRun,
} from "./trail_encode_layout.ts";
import { createTrailEncoderReference } from "./trail_encode_reference.ts";
import { flagPartners } from "./trail_grams.ts";
import { PAIR_CODE, PairTable } from "./trail_pairs.ts";

const RUNS = Number(Deno.env.get("CAIRN_BENCH_RUNS") ?? 30);
const ROWS = 16_384;
const LEXICONS = [8, 5000, 300, 20];

let state = 12_345;
function random(limit: number): number {
  state = Math.imul(state, 1_664_525) + 1_013_904_223;
  return Math.floor((state >>> 0) / 2 ** 32 * limit);
}

const bases = itemBases(LEXICONS);
const base = bases.at(-1)!;
const deltas = new DeltaNumbers();
for (let delta = 0; delta < 1000; delta++) deltas.add(delta);
const codes = new Uint32Array(base + deltas.size).map(() =>
  (12 << 24) | (random(2048) << 1) | 1
);
const pairs = new PairTable();
for (let i = 0; i < 50_000; i++) pairs.add(base + random(1000), random(base));
for (let slot = PAIR_CODE; slot < pairs.words.length; slot += 4) {
  pairs.words[slot] = (14 << 24) | 1;
}
const partners = new Uint8Array(codes.length);
flagPartners(pairs, partners);
const tables = {
  bases,
  fieldBits: 3,
  valueBits: Uint8Array.of(10, 4, 13, 9, 5),
  deltas,
  pairs,
  partners,
  codes,
};
const runs: TrailEncodeRun[] = Array.from({ length: RUNS }, () => ({
  count: ROWS,
  continued: false,
  trailOffsets: Uint32Array.from({ length: ROWS / 32 + 1 }, (_, t) => 32 * t),
  deltas: Float64Array.from({ length: ROWS }, () => random(1500)),
  columns: LEXICONS.map((lexicon, field) =>
    Uint32Array.from(
      { length: ROWS },
      () => field < 2 ? random(lexicon + 1) : random(1.02),
    )
  ),
}));

function encodeAll(encoder: TrailEncodeKernel): void {
  for (const run of runs) encoder.encode(run);
  encoder.finish();
}

Deno.bench(
  "trail_encode reference",
  { group: "trail_encode", baseline: true },
  () => {
    encodeAll(createTrailEncoderReference(tables));
  },
);

const compiled = createTrailEncodeCompiled(tables);
if (compiled !== undefined) {
  Deno.bench("trail_encode compiled", { group: "trail_encode" }, () => {
    encodeAll(createTrailEncodeCompiled(tables)!);
  });
}
