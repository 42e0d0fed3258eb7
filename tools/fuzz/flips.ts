/**
 * Flips every single bit of a store of about 64 KB of each codec and counts how
 * many flips are found: `deno task flips [--codec NAME] [--bytes N]`.
 *
 * Where a layout cannot be so small (a trail package has a table of 1.3 MB),
 * the bits are spread evenly over the file, as many as 64 KB have.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { createSchema, encodeText } from "@cairn/core";
import { flipIsFound, makeKey, Workbench } from "@cairn/conformance";
import { CODECS } from "./codecs.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    codec: { type: "string", multiple: true },
    bits: { type: "string", default: String(65_536 * 8) },
  },
});
const BITS = Number(values.bits);

let missed = 0;
for (const [name, codec] of CODECS) {
  if (values.codec !== undefined && !values.codec.includes(name)) continue;
  const bench = new Workbench(codec);
  const bytes = await storeOfBytes(bench, 65_536);
  const total = bytes.length * 8;
  const tries = Math.min(total, BITS);
  const began = performance.now();
  const misses: number[] = [];
  for (let i = 0; i < tries; i++) {
    const bit = Math.floor(i * (total / tries));
    if (!await flipIsFound(bench, bytes, bit)) misses.push(bit);
  }
  missed += misses.length;
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${name}: ${tries - misses.length} of ${tries} flips found in a store of ` +
      `${bytes.length} bytes, ${seconds.toFixed(0)} s` +
      (misses.length === 0
        ? ""
        : `; missed at bytes ${
          [...new Set(misses.map((b) => b >>> 3))].slice(0, 20).join(", ")
        }`),
  );
}
Deno.exit(missed === 0 ? 0 : 1);

/** A store as close to a size as doubling the number of events comes. */
async function storeOfBytes(
  bench: Workbench,
  wanted: number,
): Promise<Uint8Array> {
  const schema = createSchema(["action", "page", "where"]);
  let best = new Uint8Array(0);
  for (let count = 64; count <= 1 << 16; count = Math.ceil(count * 1.25)) {
    const events = Array.from({ length: count }, (_, i) => ({
      key: makeKey(bench.capabilities, i % (1 + Math.floor(count / 12))),
      timestamp: bench.capabilities.timestamps.min + i * 3,
      values: [
        encodeText(`action${i % 7}`),
        encodeText(`/p/${i * 7919 % 997}`),
        i % 4 === 0 ? null : encodeText(`w${i % 13}`),
      ],
    }));
    const { bytes } = await bench.write(schema, events);
    if (best.length > 0 && bytes.length > wanted) break;
    best = bytes.slice();
  }
  return best;
}
