/**
 * An open TrailDB: its members, checked, and loaded when they are needed.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  type Schema,
  throwIfAborted,
} from "@cairn/core";
import { IdleDecoder } from "./scan/_idle_decoder.ts";
import { Lazy } from "./_lazy.ts";
import {
  ADDITIONS_PREFIX,
  decodeBlocks,
  decodeSums,
  MEMBER_BLOCKS,
  MEMBER_SUMS,
  type SummedPart,
  type TrailBlocks,
} from "./additions.ts";
import { decodeCodebook } from "./codebook.ts";
import { type DecodeModel, makeDecodeModel } from "./event_decoder.ts";
import type { TrailInfo } from "./info.ts";
import {
  LEXICON_PREFIX,
  MEMBER_CODEBOOK,
  MEMBER_COOKIES,
  MEMBER_INFO,
  MEMBER_TRAILS_DATA,
  MEMBER_TRAILS_TOC,
  MEMBER_UUIDS,
  TRAILS_DATA_PADDING_BYTES,
  WIDE_LEXICON_BYTES_MIN,
} from "./layout.ts";
import { readHead, type TrailHead } from "./trail_head.ts";
import { TrailKeys } from "./trail_keys.ts";
import {
  decodeLexicon,
  decodeLexiconV0,
  type TrailLexicon,
} from "./trail_lexicon.ts";
import {
  corruptMember,
  getMember,
  placeOf,
  readMember,
  readWindow,
  type TrailMembers,
} from "./trail_members.ts";
import { TrailsToc } from "./trails_toc.ts";

/**
 * The parts of an open TrailDB. Fields are numbered from 1; 0 is the time.
 *
 * Opening reads `version`, `info`, `fields` and field types; everything else is
 * read when it is first needed, and held against `info` and the file's size.
 */
export class TrailFile implements AsyncDisposable {
  /** Path or name, for messages. */
  readonly name: string;
  /** The members. */
  readonly members: TrailMembers;
  /** Version of the format, 0 or 1. */
  readonly version: number;
  /** What `info` states. */
  readonly info: TrailInfo;
  /** Fields and their types. */
  readonly schema: Schema;
  /**
   * What the last scan decoded with.
   *
   * @internal
   */
  readonly idleDecoder: IdleDecoder = new IdleDecoder();
  readonly #lexicons: readonly Lazy<TrailLexicon>[];
  readonly #valueCounts: Lazy<Float64Array>;
  readonly #model: Lazy<DecodeModel>;
  readonly #blocks: Lazy<TrailBlocks | undefined>;
  #keys: TrailKeys | undefined;
  #toc: TrailsToc | undefined;
  #closed = false;

  private constructor(members: TrailMembers, opened: TrailHead) {
    this.name = members.name;
    this.members = members;
    this.version = opened.version;
    this.info = opened.info;
    this.schema = opened.schema;
    this.#lexicons = opened.schema.fields.map((_, i) =>
      new Lazy(() => this.#loadLexicon(i))
    );
    this.#valueCounts = new Lazy(() => this.#loadValueCounts());
    this.#model = new Lazy(() => this.#loadModel());
    this.#blocks = new Lazy(() => this.#loadBlocks());
  }

  /**
   * Opens a TrailDB over its members, which it owns.
   *
   * @throws {CairnError} `corrupt`, `unsupported`, `io`; the members are then
   * closed.
   */
  static async open(
    members: TrailMembers,
    options: AbortOptions = {},
  ): Promise<TrailFile> {
    try {
      const file = new TrailFile(members, await readHead(members, options));
      file.#assertMembers();
      return file;
    } catch (error) {
      // The first error wins; one of closing would say nothing new.
      await members.close().catch(() => {});
      throw error instanceof CairnError ? error.within(members.name) : error;
    }
  }

  /** The keys of trails; there must be trails. */
  get keys(): TrailKeys {
    this.assertOpen();
    this.#keys ??= new TrailKeys(
      getMember(
        this.members,
        this.version === 0 ? MEMBER_COOKIES : MEMBER_UUIDS,
      ),
      this.info.trails,
      this.version > 0,
    );
    return this.#keys;
  }

  /** The offsets of trails; there must be trails. */
  get toc(): TrailsToc {
    this.assertOpen();
    this.#toc ??= new TrailsToc(
      getMember(this.members, MEMBER_TRAILS_TOC),
      getMember(this.members, MEMBER_TRAILS_DATA),
      this.info.trails,
    );
    return this.#toc;
  }

  /** Loads a field's lexicon. @param field Ordinal in the schema, from 0. */
  async lexicon(
    field: number,
    options: AbortOptions = {},
  ): Promise<TrailLexicon> {
    this.assertOpen();
    throwIfAborted(options.signal);
    const lexicon = await this.#lexicons[field]!.get();
    throwIfAborted(options.signal);
    return lexicon;
  }

  /** Counts the distinct values of each field, by field id; entry 0 is 0. */
  async valueCounts(options: AbortOptions = {}): Promise<Float64Array> {
    this.assertOpen();
    throwIfAborted(options.signal);
    return await this.#valueCounts.get();
  }

  /** Loads what it takes to decode; there must be trails. */
  async model(options: AbortOptions = {}): Promise<DecodeModel> {
    this.assertOpen();
    throwIfAborted(options.signal);
    const model = await this.#model.get();
    throwIfAborted(options.signal);
    return model;
  }

  /** Loads facts about blocks of trails; `undefined` where there are none. */
  async blocks(options: AbortOptions = {}): Promise<TrailBlocks | undefined> {
    this.assertOpen();
    throwIfAborted(options.signal);
    return await this.#blocks.get();
  }

  /** Loads the checksums; `undefined` where there are none. */
  async sums(options: AbortOptions = {}): Promise<SummedPart[] | undefined> {
    this.assertOpen();
    const window = this.members.find(MEMBER_SUMS);
    if (window === undefined) {
      // A flipped bit in the name must not hide the checksums.
      const other = this.members.windows
        .find(({ name }) => name.startsWith(ADDITIONS_PREFIX));
      if (other === undefined) return undefined;
      throw corruptMember(
        other,
        `Cannot find checksums: there is "${other.name}", but no "${MEMBER_SUMS}"`,
      );
    }
    return decodeSums(await readMember(window, options), placeOf(window));
  }

  /**
   * Reads the bytes of one trail and 8 behind it.
   *
   * @param trail Its ordinal; must be inside the file.
   */
  async trailBytes(
    trail: number,
    options: AbortOptions = {},
  ): Promise<{ bytes: Uint8Array; byteLength: number; offset: number }> {
    const [start = 0, end = 0] = await this.toc.read(trail, trail + 1, options);
    const bytes = await readWindow(
      getMember(this.members, MEMBER_TRAILS_DATA),
      start,
      end - start + TRAILS_DATA_PADDING_BYTES,
      options,
    );
    return { bytes, byteLength: end - start, offset: start };
  }

  /** Fails after `close`. @throws {TypeError} */
  assertOpen(): void {
    if (this.#closed) {
      throw new TypeError(`Cannot read "${this.name}": the store is closed`);
    }
  }

  /** Closes the sources. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    this.idleDecoder.clear();
    await this.members.close();
  }

  /** Closes the sources. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Everything that must be there is there, and sizes agree with `info`. */
  #assertMembers(): void {
    for (const field of this.schema.fields) {
      getMember(this.members, LEXICON_PREFIX + field.name);
    }
    const { trails, events } = this.info;
    if (trails === 0) {
      if (events === 0) return;
      throw corruptMember(
        getMember(this.members, MEMBER_INFO),
        `Cannot read info: ${events} events in no trail`,
      );
    }
    getMember(this.members, MEMBER_CODEBOOK);
    void this.keys;
    void this.toc;
    // An event takes two bits at least.
    const { byteLength } = getMember(this.members, MEMBER_TRAILS_DATA);
    if (events > 4 * byteLength) {
      throw corruptMember(
        getMember(this.members, MEMBER_INFO),
        `Cannot read info: ${events} events in ${byteLength} bytes`,
      );
    }
  }

  async #loadLexicon(field: number): Promise<TrailLexicon> {
    const { name } = this.schema.fields[field]!;
    const window = getMember(this.members, LEXICON_PREFIX + name);
    const bytes = await readMember(window);
    return this.version === 0
      ? decodeLexiconV0(bytes, window)
      : decodeLexicon(bytes, window);
  }

  /** Reads the first words of all lexicons: what literals need to know. */
  async #loadValueCounts(): Promise<Float64Array> {
    const counts = await Promise.all(
      this.schema.fields.map(({ name }) => this.#readCount(name)),
    );
    return Float64Array.from([0, ...counts]);
  }

  async #readCount(name: string): Promise<number> {
    const window = getMember(this.members, LEXICON_PREFIX + name);
    const width = window.byteLength < WIDE_LEXICON_BYTES_MIN ? 4 : 8;
    if (window.byteLength < width) {
      throw corruptMember(
        window,
        `Cannot read lexicon: ${window.byteLength} bytes`,
      );
    }
    const bytes = await readWindow(window, 0, width);
    const view = new DataView(bytes.buffer, bytes.byteOffset, width);
    const count = view.getUint32(0, true) +
      (width === 8 ? view.getUint32(4, true) * 2 ** 32 : 0);
    const words = this.version === 0 ? 1 : 2;
    if (count > window.byteLength / width - words) {
      throw corruptMember(
        window,
        `Cannot read lexicon: ${count} values, but ${window.byteLength} bytes`,
      );
    }
    return count;
  }

  async #loadModel(): Promise<DecodeModel> {
    const window = getMember(this.members, MEMBER_CODEBOOK);
    const entryBytes = this.version === 0 ? 12 : 20;
    if (window.byteLength !== 65_536 * entryBytes) {
      throw corruptMember(
        window,
        `Cannot read codebook: ${window.byteLength} bytes, ${
          65_536 * entryBytes
        } wanted`,
      );
    }
    const [valueCounts, bytes] = await Promise.all([
      this.#valueCounts.get(),
      readMember(window),
    ]);
    const codebook = decodeCodebook(bytes, this.version, valueCounts, window);
    return makeDecodeModel({
      valueCounts,
      codebook,
      minTime: this.info.minTime,
      data: getMember(this.members, MEMBER_TRAILS_DATA),
    }, this.info.maxDelta);
  }

  async #loadBlocks(): Promise<TrailBlocks | undefined> {
    const window = this.members.find(MEMBER_BLOCKS);
    if (window === undefined) return undefined;
    const { trails, events, minTime, maxTime } = this.info;
    return decodeBlocks(await readMember(window), {
      trails,
      events,
      minTime: Number(minTime),
      maxTime: Number(maxTime),
    }, placeOf(window));
  }
}
