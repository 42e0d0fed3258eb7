/**
 * One space of a store.
 *
 * @module
 */
import { encodeText } from "@cairn/core";
import type { EsdbEvents } from "./esdb_events.ts";
import { NAME_COLON, NAME_EVENTS, NAME_POSTINGS } from "./layout.ts";
import { arrange, arrangeWhole, type EsdbScanOptions } from "./scan_order.ts";
import type { SpaceReader } from "./space_reader.ts";

/** A key of a secondary index, as it is stored. */
export interface EsdbIndexKey {
  /** Name, colon and value. */
  readonly key: Uint8Array;
  /** What stands before the first colon. */
  readonly name: Uint8Array;
  /** What stands behind the first colon. */
  readonly value: Uint8Array;
}

/** Name of the section of events without a grouping. */
const NO_GROUPING = Uint8Array.of(NAME_EVENTS);

/** Text is taken as UTF-8. */
export type EsdbName = string | Uint8Array;

/**
 * A space: the events of one id, in groupings, with posting lists.
 *
 * Scans read on their own: any number may run at once, also one within
 * another. What they give stays valid.
 */
export class EsdbSpace {
  /** The id; a copy. */
  readonly id: Uint8Array;
  /** Bytes of the space in the file. */
  readonly byteLength: number;
  readonly #reader: SpaceReader;
  readonly #isSorted: boolean;

  /** Not for callers: see `EsdbStore.find`. */
  constructor(id: Uint8Array, reader: SpaceReader, isSorted: boolean) {
    this.id = id;
    this.byteLength = reader.byteLength;
    this.#reader = reader;
    this.#isSorted = isSorted;
  }

  /** Lists the groupings, in bytewise order; copies. */
  groupings(): Uint8Array[] {
    const { sections } = this.#reader;
    const names: Uint8Array[] = [];
    for (let row = 0; row < sections.count; row++) {
      if (sections.isEvents(row)) names.push(sections.nameOf(row));
    }
    return names;
  }

  /** Lists the index keys, in bytewise order; copies. */
  indexKeys(): EsdbIndexKey[] {
    const { sections } = this.#reader;
    const keys: EsdbIndexKey[] = [];
    for (let row = 0; row < sections.count; row++) {
      if (!sections.isPostings(row)) continue;
      const key = sections.nameOf(row);
      const colon = key.indexOf(NAME_COLON);
      keys.push({
        key,
        name: key.subarray(0, colon < 0 ? key.length : colon),
        value: key.subarray(colon < 0 ? key.length : colon + 1),
      });
    }
    return keys;
  }

  /**
   * Scans a grouping; newest first, ties as added, unless told otherwise. The
   * empty name is the grouping of events without one. An unknown grouping has
   * no events.
   *
   * Newest first with ties as added is read piece by piece; other orders hold
   * the whole grouping.
   */
  scan(
    grouping: EsdbName,
    options: EsdbScanOptions = {},
  ): AsyncIterableIterator<EsdbEvents> {
    const reader = this.#reader;
    const row = reader.sections.find(
      grouping === ""
        ? NO_GROUPING
        : sectionName(NAME_EVENTS, toBytes(grouping)),
    );
    if (row < 0) return nothing();
    const isSorted = this.#isSorted;
    return reader.isWhole
      ? arrangeWhole(() => reader.wholeEvents(row, options), options, isSorted)
      : arrange(reader.events(row, options), options, isSorted);
  }

  /**
   * Scans all groupings, merged by time; events of the same time come by
   * grouping, then as added. Holds the whole space.
   */
  scanAll(
    options: EsdbScanOptions = {},
  ): AsyncIterableIterator<EsdbEvents> {
    return arrange(this.#reader.allEvents(options), options, true);
  }

  /**
   * Scans the events that were indexed under a name and a value, over all
   * groupings; newest first, ties as added, unless told otherwise. An unknown
   * key has no events.
   */
  scanIndex(
    name: EsdbName,
    value: EsdbName,
    options: EsdbScanOptions = {},
  ): AsyncIterableIterator<EsdbEvents> {
    const reader = this.#reader;
    const row = reader.sections.find(indexSectionName(name, value));
    if (row < 0) return nothing();
    const isSorted = this.#isSorted;
    return reader.isWhole
      ? arrangeWhole(() => reader.wholeIndexed(row, options), options, isSorted)
      : arrange(reader.indexed(row, options), options, isSorted);
  }

  /**
   * Scans an index newest first with ties reversed: the exact reverse of
   * `scanIndex` with order `oldest`, as in the first ESDB.
   */
  revScanIndex(
    name: EsdbName,
    value: EsdbName,
    options: Omit<EsdbScanOptions, "order" | "ties"> = {},
  ): AsyncIterableIterator<EsdbEvents> {
    return this.scanIndex(name, value, {
      ...options,
      order: "newest",
      ties: "reversed",
    });
  }
}

/** Name of the posting section of a key. @param name Index. @param value Value. */
export function indexSectionName(name: EsdbName, value: EsdbName): Uint8Array {
  const left = toBytes(name);
  const right = toBytes(value);
  const joined = new Uint8Array(left.length + right.length + 2);
  joined[0] = NAME_POSTINGS;
  joined.set(left, 1);
  joined[1 + left.length] = NAME_COLON;
  joined.set(right, 2 + left.length);
  return joined;
}

/** A section's name from its letter and the rest. */
function sectionName(letter: number, rest: Uint8Array): Uint8Array {
  const name = new Uint8Array(rest.length + 1);
  name[0] = letter;
  name.set(rest, 1);
  return name;
}

/** Text as UTF-8, bytes as they are. */
export function toBytes(name: EsdbName): Uint8Array {
  return typeof name === "string" ? encodeText(name) : name;
}

async function* nothing(): AsyncGenerator<EsdbEvents, void, undefined> {}
