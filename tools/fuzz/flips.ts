/**
 * Flips every single bit of a store of about 64 KB of each codec and counts how
 * many flips are found: `deno task flips [--codec NAME] [--bits N]`.
 *
 * A trail package has a table of 1.3 MB whatever it holds. Its other parts are
 * 64 KB, and every bit of them is flipped; of the table as many as 64 KB have,
 * spread evenly.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { createSchema, encodeText } from "@cairn/core";
import { flipIsFound, makeKey, Workbench } from "@cairn/conformance";
import { CODECS } from "./codecs.ts";
import { type FilePart, partsOf } from "./parts.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    codec: { type: "string", multiple: true },
    bits: { type: "string" },
  },
});
const BITS = Number(values.bits ?? 65_536 * 8);
const BYTES = 65_536;

let missed = 0;
for (const [name, codec] of CODECS) {
  if (values.codec !== undefined && !values.codec.includes(name)) continue;
  const bench = new Workbench(codec);
  const bytes = await storeOfBytes(bench, BYTES);
  const began = performance.now();
  let [tries, misses] = [0, 0];
  for (const part of groupParts(partsOf(bytes))) {
    const { flips, missedAt } = await flipPart(bench, bytes, part);
    tries += flips;
    misses += missedAt.length;
    console.log(
      `${name}: ${part.name}: ${flips - missedAt.length} of ${flips} flips ` +
        `found in ${part.bytes} bytes` +
        (missedAt.length === 0
          ? ""
          : `; missed at bytes ${[...new Set(missedAt)].slice(0, 20)}`),
    );
  }
  missed += misses;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `${name}: ${tries - misses} of ${tries} flips found in a store of ` +
      `${bytes.length} bytes, ${seconds} s`,
  );
}
Deno.exit(missed === 0 ? 0 : 1);

/** Parts whose bits are flipped together. */
interface FlipPart {
  readonly name: string;
  readonly ranges: readonly FilePart[];
  readonly bytes: number;
}

/** A table that is larger than the store should be, and all the rest. */
function groupParts(parts: readonly FilePart[]): FlipPart[] {
  const isLarge = (part: FilePart) => part.end - part.start > 4 * BYTES;
  const rest = parts.filter((part) => !isLarge(part));
  const groups = parts.filter(isLarge).map((part) => ({
    name: part.name,
    ranges: [part],
    bytes: part.end - part.start,
  }));
  return [{
    name: groups.length === 0 ? "all" : "all but the table",
    ranges: rest,
    bytes: rest.reduce((sum, part) => sum + part.end - part.start, 0),
  }, ...groups];
}

/** Flips the bits of a part, every one or as many as are asked for. */
async function flipPart(
  bench: Workbench,
  bytes: Uint8Array,
  part: FlipPart,
): Promise<{ flips: number; missedAt: number[] }> {
  const total = part.bytes * 8;
  const flips = part.bytes > 4 * BYTES || values.bits !== undefined
    ? Math.min(total, BITS)
    : total;
  const missedAt: number[] = [];
  let [range, before] = [0, 0];
  for (let i = 0; i < flips; i++) {
    const bit = Math.floor(i * (total / flips));
    while (bit >= before + bitsOf(part.ranges[range]!)) {
      before += bitsOf(part.ranges[range++]!);
    }
    const at = 8 * part.ranges[range]!.start + bit - before;
    if (!await flipIsFound(bench, bytes, at)) missedAt.push(at >>> 3);
  }
  return { flips, missedAt };
}

function bitsOf(part: FilePart): number {
  return 8 * (part.end - part.start);
}

/** A store as close to a size as adding a quarter more events comes. */
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
    const [{ bytes: size }] = groupParts(partsOf(bytes)) as [FlipPart];
    if (best.length > 0 && size > wanted) break;
    best = bytes.slice();
  }
  return best;
}
