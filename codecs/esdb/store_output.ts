/**
 * Writing a store from sorted events.
 *
 * @module
 */
import {
  type AbortOptions,
  ByteWriter,
  type Sink,
  type StoreStats,
  throwIfAborted,
  type WriteSummary,
} from "@cairn/core";
import type { SortedEvents } from "@cairn/core/sort";
import { TableEncoder } from "@cairn/sstable";
import { KernelPack } from "./_kernel_pack.ts";
import { SPACE_VALUE_BYTES, TABLE_LENGTH_BYTES } from "./layout.ts";
import {
  BLOCKS_NAME,
  encodeBlockCounts,
  encodeManifest,
  MANIFEST_NAME,
  type ManifestSchema,
  SpaceFactsWriter,
  SPACES_NAME,
} from "./manifest.ts";
import type { Output } from "./_output.ts";
import {
  type SortedSpace,
  type SortedSpaces,
  sortedSpaces,
  spaceAt,
} from "./sorted_spaces.ts";
import { TieRanker } from "./tie_ranks.ts";
import {
  SpaceEncoder,
  type SpaceEvents,
  type SpaceSummary,
  writeU64,
} from "./space_encoder.ts";

/** Bytes are handed to the sink in pieces of about this many. */
const PIECE_BYTES = 1_048_576;
/** Fewer spaces are not worth the kernel. */
const PACKED_SPACES_MIN = 16;

/** How a store is laid out. */
export interface StoreOutputOptions extends AbortOptions {
  /** True: the layout that Go's reader answers right. */
  readonly avoidGoFaults: boolean;
  /** Whether our additions are written. */
  readonly manifest: boolean;
  /** The fields, for the manifest. */
  readonly schema: ManifestSchema | undefined;
  /** Ids of spaces that come first, in this order, as latin-1 text. */
  readonly flushed: ReadonlyMap<string, number>;
}

interface WrittenSpace extends SpaceSummary {
  readonly offset: number;
  readonly length: number;
}

/** Writes the spaces of a store and its end. */
class StoreOutput {
  readonly #sink: Sink;
  readonly #options: StoreOutputOptions;
  readonly #encoder: SpaceEncoder;
  readonly #ranker: TieRanker | undefined;
  readonly #table = new TableEncoder();
  readonly #facts = new SpaceFactsWriter();
  readonly #value = new Uint8Array(SPACE_VALUE_BYTES);
  readonly #out: Output = {
    bytes: new Uint8Array(2 * PIECE_BYTES),
    byteLength: 0,
  };

  constructor(sink: Sink, options: StoreOutputOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#encoder = new SpaceEncoder(options.avoidGoFaults);
    const { schema } = options;
    this.#ranker = schema?.grouping === undefined
      ? undefined
      : new TieRanker(schema.fields.length - 1);
  }

  async write(events: SortedEvents): Promise<WriteSummary> {
    const { flushed } = this.#options;
    const first = flushed.size === 0
      ? new Map<string, WrittenSpace>()
      : await this.#writeFlushed(events);
    // Ranks and spaces that are written already are for the plain way.
    const isPlain = first.size > 0 || this.#ranker !== undefined;
    let packer: KernelPack | undefined;
    try {
      for await (const spaces of sortedSpaces(events, this.#options)) {
        if (!isPlain && spaces.count >= PACKED_SPACES_MIN) {
          packer ??= KernelPack.create(this.#options.avoidGoFaults);
        }
        for (let i = 0; i < spaces.count;) {
          const next = packer === undefined
            ? i
            : await this.#pack(packer, spaces, i);
          if (next > i) i = next;
          else await this.#writeSpace(spaceAt(spaces, i++), first);
        }
      }
    } finally {
      packer?.release();
    }
    await this.#handOn();
    await this.#finish(events.stats);
    return { ...events.stats, byteLength: this.#sink.byteLength };
  }

  /** Writes a space, unless it is written already. */
  async #writeSpace(
    { id, events }: SortedSpace,
    first: ReadonlyMap<string, WrittenSpace>,
  ): Promise<void> {
    const written = first.size === 0 ? undefined : first.get(latin1(id));
    if (written === undefined) {
      const start = this.#out.byteLength;
      const summary = this.#encode(events);
      const length = this.#out.byteLength - start;
      this.#list(id, this.#sink.byteLength + start, length, summary);
    } else this.#list(id, written.offset, written.length, written);
    if (this.#out.byteLength >= PIECE_BYTES) await this.#handOn();
  }

  /** Writes spaces by the kernel. @returns The first that it left. */
  async #pack(
    packer: KernelPack,
    spaces: SortedSpaces,
    from: number,
  ): Promise<number> {
    const next = packer.encode(spaces, from);
    if (next === from) return from;
    await this.#handOn();
    let offset = this.#sink.byteLength;
    const { first, ids, offsets, timestamps } = spaces;
    const { lengths, checksums } = packer;
    for (let i = from; i < next; i++) {
      const at = first + i;
      const start = offsets[at]!;
      const end = offsets[at + 1]!;
      const length = lengths[i - from]!;
      this.#list(
        ids.bytes.subarray(ids.starts[at]!, ids.ends[at]!),
        offset,
        length,
        {
          count: end - start,
          oldest: timestamps[start]!,
          newest: timestamps[end - 1]!,
          checksum: checksums[i - from]!,
        },
      );
      offset += length;
    }
    await this.#sink.write(packer.bytes);
    return next;
  }

  /** Adds a space to the table and its facts to our additions. */
  #list(
    id: Uint8Array,
    offset: number,
    length: number,
    summary: SpaceSummary,
  ): void {
    this.#facts.add(summary);
    writeU64(this.#value, 0, offset);
    writeU64(this.#value, 8, length);
    this.#table.add(id, this.#value);
  }

  /** Spaces that were flushed lie in the order of the flushes, before the rest. */
  async #writeFlushed(
    events: SortedEvents,
  ): Promise<Map<string, WrittenSpace>> {
    const { flushed } = this.#options;
    const encoded: (Uint8Array | undefined)[] = new Array(flushed.size);
    const summaries = new Map<string, SpaceSummary>();
    for await (const spaces of sortedSpaces(events, this.#options)) {
      for (let i = 0; i < spaces.count; i++) {
        const space = spaceAt(spaces, i);
        const id = latin1(space.id);
        const turn = flushed.get(id);
        if (turn === undefined) continue;
        this.#out.byteLength = 0;
        summaries.set(id, this.#encode(space.events));
        encoded[turn] = this.#out.bytes.slice(0, this.#out.byteLength);
      }
    }
    this.#out.byteLength = 0;
    const written = new Map<string, WrittenSpace>();
    for (const [id, turn] of flushed) {
      const bytes = encoded[turn]!;
      const offset = this.#sink.byteLength;
      written.set(id, { ...summaries.get(id)!, offset, length: bytes.length });
      await this.#sink.write(bytes);
      encoded[turn] = undefined;
    }
    return written;
  }

  #encode(events: SpaceEvents): SpaceSummary {
    const ranked = this.#ranker?.rank(events) ?? events;
    return this.#encoder.encode(ranked, this.#out);
  }

  async #finish(stats: StoreStats): Promise<void> {
    const { manifest, schema } = this.#options;
    const table = this.#table;
    if (manifest) {
      // The last one lies in the bytes that opening reads.
      table.addMetaBlock(SPACES_NAME, this.#facts.finish());
      table.addMetaBlock(BLOCKS_NAME, encodeBlockCounts);
      table.addMetaBlock(MANIFEST_NAME, encodeManifest({ stats, schema }));
    }
    table.finish();
    const bytes = table.take();
    await this.#sink.write(bytes);
    const length = new ByteWriter(TABLE_LENGTH_BYTES);
    length.u64(bytes.length);
    await this.#sink.write(length.take());
  }

  async #handOn(): Promise<void> {
    throwIfAborted(this.#options.signal);
    if (this.#out.byteLength === 0) return;
    await this.#sink.write(this.#out.bytes.subarray(0, this.#out.byteLength));
    this.#out.byteLength = 0;
  }
}

/**
 * Writes a store; the sink is then ready to be finished.
 *
 * @param sink Where it goes.
 * @param events Records, by space id, time and input order.
 * @param options The layout.
 */
export function writeStore(
  sink: Sink,
  events: SortedEvents,
  options: StoreOutputOptions,
): Promise<WriteSummary> {
  return new StoreOutput(sink, options).write(events);
}

/** Bytes as text of as many characters, for keys of maps. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  }
  return text;
}
