/**
 * Cutting a scan into runs of events that are read together.
 *
 * @module
 */
import { Bitmap, type ScanOptions } from "@cairn/core";
import type { EventExtents } from "./event_extents.ts";

/** A run of neighbouring events, and the trails of it that are wanted. */
export interface EventWindow {
  /** The first event. */
  readonly start: number;
  /** The first event behind. */
  readonly end: number;
  /** The wanted trails that have events in it, ascending. */
  readonly trails: Uint32Array;
}

/** Events of a window; a longer trail is cut. */
const WINDOW_EVENTS = 1 << 21;
/** Unwanted events that are read along rather than apart. */
const GAP_EVENTS = 1 << 14;

/**
 * Gives the windows of a scan, by trail. A trail that is longer than a window
 * is cut; its parts come in the order of time that is wanted.
 *
 * @param extents Where trails begin.
 * @param options Which trails, and the order.
 */
export function* windowsOf(
  extents: EventExtents,
  options: ScanOptions,
): Generator<EventWindow> {
  const { starts, trails } = extents;
  let open: number[] = [];
  const take = (): EventWindow => {
    const window = {
      start: starts[open[0]!]!,
      end: starts[open.at(-1)! + 1]!,
      trails: Uint32Array.from(open),
    };
    open = [];
    return window;
  };
  for (const trail of selected(options, trails)) {
    const start = starts[trail]!;
    const end = starts[trail + 1]!;
    if (open.length > 0) {
      const fits = end - starts[open[0]!]! <= WINDOW_EVENTS;
      if (!fits || start - starts[open.at(-1)! + 1]! > GAP_EVENTS) yield take();
    }
    if (end - start <= WINDOW_EVENTS) open.push(trail);
    else yield* cut(trail, start, end, options.order === "descending");
  }
  if (open.length > 0) yield take();
}

function* cut(
  trail: number,
  start: number,
  end: number,
  descending: boolean,
): Generator<EventWindow> {
  const parts: EventWindow[] = [];
  for (let at = start; at < end; at += WINDOW_EVENTS) {
    parts.push({
      start: at,
      end: Math.min(end, at + WINDOW_EVENTS),
      trails: Uint32Array.of(trail),
    });
  }
  yield* descending ? parts.reverse() : parts;
}

function* selected(options: ScanOptions, trails: number): Generator<number> {
  const wanted = options.trails;
  if (wanted instanceof Bitmap) {
    for (const trail of wanted) {
      if (trail >= trails) return;
      yield trail;
    }
    return;
  }
  const end = Math.min(trails, wanted?.end ?? trails);
  for (let t = Math.max(0, wanted?.start ?? 0); t < end; t++) yield t;
}
