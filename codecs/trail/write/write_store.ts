/**
 * Sorted events into the members of a TrailDB.
 *
 * @module
 */
import {
  CairnError,
  type Schema,
  type Scratch,
  type StoreStats,
} from "@cairn/core";
import type { SortedEvents } from "@cairn/core/sort";
import {
  BLOCK_TRAILS,
  encodeBlocks,
  encodeFieldTypes,
  MEMBER_BLOCKS,
  MEMBER_FIELD_TYPES,
} from "../additions.ts";
import { BlockFacts } from "../_block_facts.ts";
import type { CompleteOptions } from "../create_options.ts";
import { buildModel } from "./encode_model.ts";
import { TrailEncoder } from "./encode_trails.ts";
import { encodeCodebook } from "../huffman.ts";
import {
  MEMBER_CODEBOOK,
  MEMBER_FIELDS,
  MEMBER_INFO,
  MEMBER_TRAILS_DATA,
  MEMBER_TRAILS_TOC,
  MEMBER_UUIDS,
  MEMBER_VERSION,
  TIME_DELTA_MAX,
  TRAIL_FORMAT_VERSION,
  TRAILS_DATA_PADDING_BYTES,
} from "../layout.ts";
import { Spool } from "./spool.ts";
import { type TrailRun, TrailRuns } from "./trail_runs.ts";
import {
  bytesMember,
  dataMember,
  encodeFields,
  encodeInfo,
  lexiconMember,
  type Member,
  spoolMember,
  tocMember,
} from "./write_members.ts";

/** Bytes of encoded trails that are kept in memory until all are encoded. */
const DATA_MEMORY_BYTES = 2 ** 25;
/** The same for keys, and for offsets. */
const TABLE_MEMORY_BYTES = 2 ** 23;

/** How to encode. */
export interface EncodeStoreOptions extends CompleteOptions {
  /** Stops. */
  readonly signal: AbortSignal | undefined;
  /** Room for what does not fit in memory. */
  readonly scratch: Scratch;
  /** Rows of a last trail that is not to be written. */
  readonly hiddenRows: number;
}

/** An encoded store. */
export interface EncodedStore {
  /** Its members, `version` and `info` first; `tar.toc` and checksums are left to the container. */
  readonly members: readonly Member[];
  /** Whether it has our members, so that checksums belong to it. */
  readonly additions: boolean;
  /** Facts about it. */
  readonly stats: StoreStats;
}

/**
 * Encodes all events.
 *
 * @param sorted The events.
 * @param schema The fields.
 * @param options How.
 * @returns Members, to be read before `sorted` and `scratch` are disposed of.
 * @throws {CairnError} `limit` when a time is too large, or too far from the
 * one before.
 */
export async function encodeStore(
  sorted: SortedEvents,
  schema: Schema,
  options: EncodeStoreOptions,
): Promise<EncodedStore> {
  const runs = new TrailRuns(sorted, {
    hiddenTrails: options.hiddenRows > 0 ? 1 : 0,
    reversed: options.reversed,
    exactTimes: options.exactTimes,
    signal: options.signal,
  });
  const events = sorted.stats.events - options.hiddenRows;
  if (runs.minTime > TIME_DELTA_MAX) throw startsTooLate(runs.minTime);
  const lexicons = sorted.lexicons.slice(options.exactTimes ? 1 : 0)
    .map((lexicon) => lexicon!);
  const model = await buildModel(runs, {
    bigrams: options.bigrams,
    countAll: options.additions,
    lexiconCounts: lexicons.map(({ count }) => count),
    events,
  });
  const { maxTime, maxDelta } = model.totals;
  const additions = options.additions &&
    maxTime <= BigInt(Number.MAX_SAFE_INTEGER);
  const encoded = new Encoded(options.scratch);
  await encoded.encode(runs, new TrailEncoder(model.tables));
  const { trails, minTime } = runs;
  const members = [
    bytesMember(
      MEMBER_VERSION,
      new TextEncoder().encode(String(TRAIL_FORMAT_VERSION)),
    ),
    bytesMember(
      MEMBER_INFO,
      encodeInfo({ trails, events, minTime, maxTime, maxDelta }),
    ),
    ...lexicons.map((lexicon, i) =>
      lexiconMember(schema.fields[i]!.name, lexicon)
    ),
    bytesMember(MEMBER_FIELDS, encodeFields(schema)),
    bytesMember(MEMBER_CODEBOOK, encodeCodebook(model.symbols)),
    ...encoded.members(),
  ];
  if (additions) {
    const types = schema.fields.map(({ type }) => type);
    members.push(
      bytesMember(MEMBER_FIELD_TYPES, encodeFieldTypes(types)),
      bytesMember(MEMBER_BLOCKS, encodeBlocks(encoded.blocks.take(), minTime)),
    );
  }
  return {
    members,
    additions,
    stats: {
      trails,
      events,
      minTimestamp: events === 0 ? undefined : minTime,
      maxTimestamp: events === 0 ? undefined : Number(maxTime),
    },
  };
}

/** The members that grow with the events, while they are made. */
class Encoded {
  readonly blocks: BlockFacts = new BlockFacts(BLOCK_TRAILS);
  readonly #data: Spool;
  readonly #ends: Spool;
  readonly #uuids: Spool;
  #encoder: TrailEncoder | undefined;

  constructor(scratch: Scratch) {
    this.#data = new Spool(scratch, DATA_MEMORY_BYTES);
    this.#ends = new Spool(scratch, TABLE_MEMORY_BYTES);
    this.#uuids = new Spool(scratch, TABLE_MEMORY_BYTES);
  }

  async encode(runs: TrailRuns, encoder: TrailEncoder): Promise<void> {
    this.#encoder = encoder;
    for await (const run of runs.scan()) {
      encoder.encode(run);
      this.blocks.add(run);
      await this.#uuids.write(newKeys(run));
      await this.#take();
    }
    encoder.finish();
    await this.#take();
  }

  members(): Member[] {
    const dataBytes = this.#data.byteLength + TRAILS_DATA_PADDING_BYTES;
    return [
      tocMember(MEMBER_TRAILS_TOC, this.#ends, dataBytes),
      dataMember(MEMBER_TRAILS_DATA, this.#data, this.#encoder!.heads),
      spoolMember(MEMBER_UUIDS, this.#uuids),
    ];
  }

  async #take(): Promise<void> {
    const ends = Float64Array.from(this.#encoder!.ends);
    await this.#ends.write(new Uint8Array(ends.buffer));
    await this.#data.write(this.#encoder!.take());
  }
}

/** Keys of the trails that begin in a run. */
function newKeys(run: TrailRun): Uint8Array {
  const { bytes, starts, ends } = run.trailKeys;
  const first = run.continued ? 1 : 0;
  const keys = new Uint8Array(16 * (starts.length - first));
  for (let trail = first; trail < starts.length; trail++) {
    keys.set(
      bytes.subarray(starts[trail], ends[trail]),
      16 * (trail - first),
    );
  }
  return keys;
}

function startsTooLate(minTime: number): CairnError {
  return new CairnError(
    "limit",
    `Cannot write store: smallest time ${minTime}, at most ${TIME_DELTA_MAX} wanted`,
    { reason: "timestamp" },
  );
}
