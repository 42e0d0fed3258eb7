/**
 * Reading of streams, over what a file or a writer knows of the events.
 *
 * @module
 */
import {
  type AbortOptions,
  ByteWriter,
  CairnError,
  equalBytes,
  type ReadOptions,
  throwIfAborted,
} from "@cairn/core";
import { EventLists } from "./_event_lists.ts";
import { type EventLog, scanLog } from "./_event_log.ts";
import type { EventMarks } from "./_event_marks.ts";
import { EventWindow } from "./_event_window.ts";
import type {
  StreamExtent,
  StreamIndexOptions,
  StreamScanOptions,
} from "./event_stream.ts";
import type { StreamBatch, StreamEvent } from "./stream_batch.ts";
import { STREAM_START } from "./layout.ts";

/** What is known of a log. */
export interface LogState {
  /** Where the events lie; the end of a log that grows moves. */
  readonly extent: StreamExtent;
  /** Where events begin; absent where the log was not read through. */
  readonly marks: EventMarks | undefined;
  /** Where a key's last event begins; 0 for none. */
  tail(key: Uint8Array, options: ReadOptions): Promise<number> | number;
}

/** Events of a batch of one key's, and their bytes, at most. */
const KEY_BATCH_EVENTS = 4096;
const KEY_BATCH_BYTES: number = 2 ** 20;

/** Reads one event by its offset. */
export async function readEvent(
  log: EventLog,
  state: LogState,
  offset: number,
  options: AbortOptions,
): Promise<StreamEvent> {
  await assertBegins(log, state, offset, options);
  return await new EventWindow(log, state.extent.end).event(offset, options);
}

/**
 * Reads events in order, up to the end that is known.
 *
 * @throws {CairnError} `corrupt` when the events do not end there.
 */
export async function* scanKnown(
  log: EventLog,
  state: LogState,
  options: StreamScanOptions,
): AsyncGenerator<StreamBatch, void, undefined> {
  const { end } = state.extent;
  const from = options.from ?? STREAM_START;
  await assertBegins(log, state, from, options);
  if (!(options.limit === undefined || options.limit > 0)) return;
  const last = yield* scanLog(log, {
    from,
    limit: end,
    eventsMax: options.limit,
    batchEvents: options.batchEvents,
    ...signalOf(options),
  });
  if (last.error !== undefined) throw last.error;
  if (last.stop !== "full" && last.offset !== end) {
    throw new CairnError(
      "corrupt",
      `Cannot read event: the events end here, not at ${end}`,
      { where: { file: log.name, part: "events", offset: last.offset } },
    );
  }
}

/** Reads the events of a key by following its links. */
export async function* scanLinks(
  log: EventLog,
  state: LogState,
  key: Uint8Array,
  options: StreamIndexOptions,
): AsyncGenerator<StreamBatch, void, undefined> {
  const { order = "newest", limit = Infinity, from, signal } = options;
  if (!(limit > 0)) return;
  const first = await state.tail(key, options);
  // After the tail: a log that grows has its end behind it then.
  const events = new LinkedEvents(log, state, key);
  if (from !== undefined) await events.assertMember(from, first, options);
  let offset = order === "newest" ? from ?? first : first;
  if (order === "newest") {
    for (let left = limit; offset !== 0 && left > 0;) {
      const batch = new KeyBatch();
      while (offset !== 0 && left > 0 && !batch.isFull(options)) {
        throwIfAborted(signal);
        const { event, previous } = await events.read(offset, options);
        batch.add(event);
        left--;
        offset = previous;
      }
      yield batch.take(offset);
    }
    return;
  }
  const offsets: number[] = [];
  for (; offset !== 0 && offset >= (from ?? 0);) {
    throwIfAborted(signal);
    offsets.push(offset);
    offset = (await events.read(offset, options)).previous;
  }
  offsets.reverse();
  for (let at = 0; at < offsets.length && at < limit;) {
    const batch = new KeyBatch();
    while (at < offsets.length && at < limit && !batch.isFull(options)) {
      throwIfAborted(signal);
      batch.add((await events.read(offsets[at++]!, options)).event);
    }
    yield batch.take(offsets[at] ?? state.extent.end);
  }
}

/** Events that hold one key. */
class LinkedEvents {
  readonly #log: EventLog;
  readonly #state: LogState;
  readonly #key: Uint8Array;
  readonly #window: EventWindow;

  constructor(log: EventLog, state: LogState, key: Uint8Array) {
    this.#log = log;
    this.#state = state;
    this.#key = key;
    this.#window = new EventWindow(log, state.extent.end);
  }

  /** Reads an event that a link or the tail table names. */
  async read(
    offset: number,
    options: AbortOptions,
  ): Promise<{ event: StreamEvent; previous: number }> {
    let cause: unknown;
    try {
      const event = await this.#window.event(offset, signalOf(options));
      const previous = previousOf(event, this.#key);
      if (previous !== undefined) return { event, previous };
    } catch (error) {
      if (!(error instanceof CairnError) || error.code !== "not-found") {
        throw error;
      }
      cause = error;
    }
    throw new CairnError(
      "corrupt",
      "Cannot follow key: it points at no event of its own",
      {
        where: { file: this.#log.name, part: "events", offset },
        ...(cause === undefined ? {} : { cause }),
      },
    );
  }

  /** Fails unless the caller's offset is that of an event with the key. */
  async assertMember(
    offset: number,
    first: number,
    options: AbortOptions,
  ): Promise<void> {
    if (offset <= first) {
      const event = await readEvent(this.#log, this.#state, offset, options);
      if (previousOf(event, this.#key) !== undefined) return;
    }
    throw noEvent(this.#log, offset, "no event with this key begins here");
  }
}

function previousOf(event: StreamEvent, key: Uint8Array): number | undefined {
  for (const entry of event.keys) {
    if (equalBytes(entry.key, key)) return entry.previous;
  }
  return undefined;
}

/**
 * Fails unless an event begins at an offset, as far as it can be told. Where
 * the log was read through that is sure. Else the event must hold together,
 * and each of its keys must lead to an event with that key.
 */
async function assertBegins(
  log: EventLog,
  state: LogState,
  offset: number,
  options: AbortOptions,
): Promise<void> {
  const limit = state.extent.end;
  if (offset === STREAM_START || offset === limit) return;
  if (state.marks !== undefined) {
    const signal = signalOf(options);
    if (await state.marks.begins(log, offset, { limit, ...signal })) return;
    throw noEvent(log, offset, "none begins here");
  }
  const window = new EventWindow(log, limit);
  const event = await window.event(offset, signalOf(options));
  for (const { key, previous } of event.keys) {
    if (previous === 0) continue;
    const before = await window.event(previous, signalOf(options));
    if (previousOf(before, key) === undefined) {
      throw noEvent(log, offset, "none begins here");
    }
  }
}

function noEvent(log: EventLog, offset: number, why: string): CairnError {
  return new CairnError("not-found", `Cannot read event: ${why}`, {
    where: { file: log.name, part: "events", offset },
  });
}

/** Only the signal, if there is one. */
export function signalOf(options: AbortOptions): ReadOptions {
  return options.signal === undefined ? {} : { signal: options.signal };
}

/** Packs single events as a batch. */
class KeyBatch {
  readonly #bytes = new ByteWriter(4096);
  readonly #lists = new EventLists();

  isFull(options: StreamScanOptions): boolean {
    const most = Math.max(1, options.batchEvents ?? KEY_BATCH_EVENTS);
    return this.#lists.offsets.length >= most ||
      this.#bytes.byteLength >= KEY_BATCH_BYTES;
  }

  add(event: StreamEvent): void {
    this.#lists.offsets.push(event.offset);
    this.#lists.dataStarts.push(this.#bytes.byteLength);
    this.#bytes.bytes(event.data);
    this.#lists.dataEnds.push(this.#bytes.byteLength);
    for (const { key, previous } of event.keys) {
      this.#lists.keyStarts.push(this.#bytes.byteLength);
      this.#bytes.bytes(key);
      this.#lists.keyEnds.push(this.#bytes.byteLength);
      this.#lists.previous.push(previous);
    }
    this.#lists.keyOffsets.push(this.#lists.keyStarts.length);
  }

  take(end: number): StreamBatch {
    return this.#lists.toBatch(this.#bytes.take(), end);
  }
}
