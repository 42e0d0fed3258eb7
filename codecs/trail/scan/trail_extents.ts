/**
 * Reading the bytes of many trails in large pieces.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  type OrdinalRange,
  throwIfAborted,
} from "@cairn/core";
import type { TrailExtent } from "./trail_scanner.ts";
import { MEMBER_TRAILS_DATA, TRAILS_DATA_PADDING_BYTES } from "../layout.ts";
import type { TrailFile } from "../trail_file.ts";
import { getMember, readWindow } from "../trail_members.ts";

/** Most bytes read at a time, unless told otherwise. */
const EXTENT_BYTES_MAX = 2 * 2 ** 20;
/** Bytes that nobody wants and that are read all the same, to save a read. */
const GAP_BYTES_MAX = 32_768;
/** Most trails looked up at a time. */
const LOOKUP_TRAILS = 16_384;

/** Where an extent is, before it is read. */
type PlannedExtent = Omit<TrailExtent, "bytes"> & {
  readonly byteLength: number;
};

/** How to read trails. */
export interface ReadExtentsOptions extends AbortOptions {
  /**
   * Most bytes read at a time, but for a single trail, where so many are left
   * up to the end of the file; 2 MiB if left out.
   */
  readonly extentBytes?: (bytesLeft: number) => number;
}

/**
 * Reads trails in ordinal order; while one extent is decoded, the next one is
 * read.
 *
 * @param file The store; it must have trails.
 * @param trails Which trails; those that do not exist are passed over.
 */
export async function* readExtents(
  file: TrailFile,
  trails: OrdinalRange | Bitmap,
  options: ReadExtentsOptions = {},
): AsyncGenerator<TrailExtent> {
  const window = getMember(file.members, MEMBER_TRAILS_DATA);
  let ahead: Promise<TrailExtent> | undefined;
  for await (const plan of planExtents(file, trails, options)) {
    throwIfAborted(options.signal);
    file.assertOpen();
    const read = readWindow(window, plan.offset, plan.byteLength, options)
      .then((bytes) => ({ ...plan, bytes }));
    // Whoever leaves early never awaits it; that is no failure then.
    read.catch(() => {});
    if (ahead !== undefined) yield await ahead;
    ahead = read;
  }
  if (ahead !== undefined) yield await ahead;
}

async function* planExtents(
  file: TrailFile,
  trails: OrdinalRange | Bitmap,
  options: ReadExtentsOptions,
): AsyncGenerator<PlannedExtent> {
  const { extentBytes = () => EXTENT_BYTES_MAX } = options;
  const { byteLength } = getMember(file.members, MEMBER_TRAILS_DATA);
  for (const ordinals of lookups(trails, file.info.trails)) {
    const first = ordinals[0]!;
    const last = ordinals[ordinals.length - 1]!;
    const offsets = await file.toc.read(first, last + 1, options);
    let from = 0;
    while (from < ordinals.length) {
      const start = offsets[ordinals[from]! - first]!;
      const limit = start + extentBytes(byteLength - start);
      const to = endOfExtent({ ordinals, offsets, limit }, from);
      yield planExtent(ordinals.subarray(from, to), offsets, first);
      from = to;
    }
  }
}

/** Finds how many trails are read together: the first that is not. */
function endOfExtent(
  { ordinals, offsets, limit }: {
    readonly ordinals: Float64Array;
    readonly offsets: Float64Array;
    readonly limit: number;
  },
  from: number,
): number {
  const first = ordinals[0]!;
  let behind = offsets[ordinals[from]! - first + 1]!;
  for (let i = from + 1; i < ordinals.length; i++) {
    const at = ordinals[i]! - first;
    const end = offsets[at + 1]!;
    if (end > limit || offsets[at]! - behind > GAP_BYTES_MAX) return i;
    behind = end;
  }
  return ordinals.length;
}

function planExtent(
  ordinals: Float64Array,
  offsets: Float64Array,
  first: number,
): PlannedExtent {
  const offset = offsets[ordinals[0]! - first]!;
  const starts = new Float64Array(ordinals.length);
  const ends = new Float64Array(ordinals.length);
  for (let i = 0; i < ordinals.length; i++) {
    starts[i] = offsets[ordinals[i]! - first]! - offset;
    ends[i] = offsets[ordinals[i]! - first + 1]! - offset;
  }
  return {
    ordinals,
    starts,
    ends,
    offset,
    byteLength: ends[ends.length - 1]! + TRAILS_DATA_PADDING_BYTES,
  };
}

/** Cuts a selection so that each part spans few enough trails. */
function* lookups(
  trails: OrdinalRange | Bitmap,
  count: number,
): Generator<Float64Array> {
  if (!(trails instanceof Bitmap)) {
    const end = Math.min(count, Math.floor(trails.end));
    let start = Math.max(0, Math.ceil(trails.start));
    while (start < end) {
      const to = Math.min(end, start + LOOKUP_TRAILS);
      const from = start;
      const ordinals = new Float64Array(to - from);
      for (let i = 0; i < ordinals.length; i++) ordinals[i] = from + i;
      yield ordinals;
      start = to;
    }
    return;
  }
  let ordinals: number[] = [];
  for (const ordinal of trails) {
    if (ordinal >= count) break;
    if (ordinals.length > 0 && ordinal - ordinals[0]! >= LOOKUP_TRAILS) {
      yield Float64Array.from(ordinals);
      ordinals = [];
    }
    ordinals.push(ordinal);
  }
  if (ordinals.length > 0) yield Float64Array.from(ordinals);
}
