/**
 * A funnel of three steps over batches in memory: ours beside the plain way,
 * with the same answer. `CAIRN_BENCH_EVENTS` sets how many events, 200,000 if
 * left out.
 *
 * @module
 */
import {
  createSchema,
  encodeText,
  equal,
  EventBatch,
  Filter,
  invariant,
} from "@cairn/core";
import { BatchIds } from "../batch_ids.ts";
import { EventMatcher } from "./event_matcher.ts";
import { Interner } from "../interner.ts";
import { SequenceWalker } from "./sequence.ts";

const EVENTS = Number(Deno.env.get("CAIRN_BENCH_EVENTS") ?? 200_000);
const BATCH_EVENTS = 65_536;
const TYPES = ["view", "click", "scroll", "search", "add", "buy", "out"];
const SCHEMA = createSchema(["type"]);
const STEPS = ["search", "add", "buy"];
const WITHIN = 5000;

function makeBatches(): EventBatch[] {
  let state = 12_345;
  const draw = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const lexicon = new Interner();
  const bytes = encodeText(TYPES.join(""));
  let end = 0;
  const ends = Uint32Array.from(TYPES, (type) => end += type.length);
  const starts = Uint32Array.from(TYPES, (type, i) => ends[i]! - type.length);
  const ids = new Uint32Array(TYPES.length);
  lexicon.intern({ kind: "bytes", bytes, starts, ends }, TYPES.length, ids);
  const batches: EventBatch[] = [];
  let trail = 0;
  for (let made = 0; made < EVENTS; made += BATCH_EVENTS) {
    const count = Math.min(BATCH_EVENTS, EVENTS - made);
    const ordinals: number[] = [];
    const offsets = [0];
    while (offsets.at(-1)! < count) {
      ordinals.push(trail++);
      offsets.push(Math.min(count, offsets.at(-1)! + 1 + draw(50)));
    }
    const times = Float64Array.from({ length: count }, (_, row) => row);
    batches.push(
      new EventBatch({
        trailOrdinals: Uint32Array.from(ordinals),
        trailOffsets: Uint32Array.from(offsets),
        timestamps: times,
        columns: [{
          kind: "ids",
          ids: Uint32Array.from(times, () => 1 + draw(TYPES.length)),
          lexicon,
        }],
      }),
    );
  }
  return batches;
}

const BATCHES = makeBatches();

function ours(): number[] {
  const filters = STEPS.map((step) => new Filter([[equal("type", step)]]));
  const matcher = new EventMatcher(filters, SCHEMA);
  const counts = [0, 0, 0];
  const walker = new SequenceWalker(3, WITHIN, (_, depth) => {
    for (let step = 0; step < depth; step++) counts[step]!++;
  });
  const ids = new BatchIds(["type"]);
  for (const batch of BATCHES) {
    ids.begin(batch);
    walker.visit(batch, matcher.match(batch, ids));
  }
  walker.finish();
  return counts;
}

/** An object for each event, the value compared for each step. */
function plain(): number[] {
  const counts = [0, 0, 0];
  const decoder = new TextDecoder();
  for (const batch of BATCHES) {
    let last = -1;
    let begins: number[] = [];
    const end = (): void => begins.forEach((_, step) => counts[step]!++);
    for (const { trail, timestamp, values } of batch.events()) {
      if (trail !== last) {
        end();
        begins = [];
        last = trail;
      }
      const type = decoder.decode(values[0]!);
      for (let step = 2; step > 0; step--) {
        const begin = begins[step - 1];
        if (type !== STEPS[step] || begin === undefined) continue;
        if (timestamp - begin <= WITHIN) begins[step] = begin;
      }
      if (type === STEPS[0]) begins[0] = timestamp;
    }
    end();
  }
  return counts;
}

invariant(`${ours()}` === `${plain()}`, "both ways give the same counts");

const group = `funnel of 3 steps over ${EVENTS} events`;

Deno.bench({
  name: "an object an event",
  group,
  baseline: true,
  fn: () => void plain(),
});
Deno.bench({ name: "masks and kernel", group, fn: () => void ours() });
