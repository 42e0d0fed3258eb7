/**
 * Writing at the end of a growing stream.
 *
 * @module
 */
import { ByteWriter, CairnError } from "@cairn/core";
import {
  encodeEvent,
  type EventParts,
  writeStreamEnd,
} from "./_encode_event.ts";
import { PendingTails } from "./_key_chain.ts";
import type { LoadedEvents } from "./_load_events.ts";
import type { StreamFile } from "./_stream_file.ts";
import { SyncPolicy } from "./_sync_policy.ts";
import { ChecksumBuilder, CHUNK_BYTES } from "./stream_checksums.ts";
import type {
  AppendedEvent,
  CloseStreamOptions,
  StreamSync,
} from "./stream_sync.ts";

/** An event on its way. */
export interface WaitingEvent extends EventParts {
  /** Bytes that it takes at most. */
  readonly bytesMax: number;
  /** Confirms it. */
  readonly resolve: (appended: AppendedEvent) => void;
  /** Says why it is not there. */
  readonly reject: (error: unknown) => void;
}

/** An event in the bytes that are written next. */
interface EncodedEvent {
  readonly event: WaitingEvent;
  readonly offset: number;
  readonly end: number;
}

/** Events that wait are written together up to so many bytes. */
const GROUP_BYTES: number = 2 ** 20;

/** What an appender is made of. */
export interface StreamAppenderParts {
  /** The file, cut at the end of its events. */
  readonly file: StreamFile;
  /** What was found in the file; brought forward. */
  readonly loaded: LoadedEvents;
  /** When to sync. */
  readonly sync: StreamSync;
  /** Told when it is time to sync; calls `syncNow` in its turn. */
  readonly onSyncDue: () => void;
}

/**
 * Writes events at the end of a file and takes back what has failed. Calls
 * come one after the other.
 */
export class StreamAppender {
  readonly #file: StreamFile;
  readonly #loaded: LoadedEvents;
  readonly #sync: SyncPolicy;
  #end: number;
  #count: number;
  #failure: CairnError | undefined;

  /** Makes an appender. @param parts File, state, policy. */
  constructor(parts: StreamAppenderParts) {
    this.#file = parts.file;
    this.#loaded = parts.loaded;
    this.#end = parts.loaded.extent.end;
    this.#count = parts.loaded.count;
    this.#sync = new SyncPolicy(parts.sync, parts.onSyncDue);
  }

  /** Where the next event will begin. */
  get end(): number {
    return this.#end;
  }

  /** Why nothing can be written any more, if that is so. */
  get failure(): CairnError | undefined {
    return this.#failure;
  }

  /**
   * Writes the first of the events that wait, as many as are worth it.
   *
   * @param waiting At least one event.
   * @returns How many have been confirmed or refused.
   */
  async writeSome(waiting: readonly WaitingEvent[]): Promise<number> {
    let count = 0;
    let byteLength = 0;
    for (const { bytesMax } of waiting) {
      if (count > 0 && byteLength + bytesMax > GROUP_BYTES) break;
      byteLength += bytesMax;
      count++;
    }
    await this.#writeGroup(waiting.slice(0, count));
    return count;
  }

  /** Syncs. A failure is for good: what is on the disk is not known. */
  async syncNow(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await this.#file.sync();
    } catch (error) {
      this.#failure = error as CairnError;
      throw error;
    }
    this.#sync.synced();
  }

  /** Writes what closes a stream. */
  async seal(options: CloseStreamOptions): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const checksums = options.checksums ? await this.#checksums() : undefined;
    let at = this.#end;
    try {
      const parts = { chain: this.#loaded.chain, checksums };
      await writeStreamEnd(parts, async (bytes) => {
        const { landed, error } = await this.#write(bytes, at);
        at += landed;
        if (error !== undefined) throw error;
      });
      if (!this.#sync.never) await this.syncNow();
    } catch (error) {
      await this.#cutBack(this.#end);
      throw error;
    }
  }

  /** Syncs what is still to be synced, and frees the file. */
  async close(): Promise<void> {
    this.#sync.stop();
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#sync.pending) await this.syncNow();
    } finally {
      await this.#file.close();
    }
  }

  /** Reads all that was written, for its checksums. */
  async #checksums(): Promise<Uint8Array> {
    const builder = new ChecksumBuilder();
    for (let at = 0; at < this.#end; at += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, this.#end - at);
      builder.add(await this.#file.read(at, length));
    }
    return builder.encode(this.#count);
  }

  async #writeGroup(group: readonly WaitingEvent[]): Promise<void> {
    if (this.#failure !== undefined) {
      for (const event of group) event.reject(this.#failure);
      return;
    }
    const tails = new PendingTails(this.#loaded.chain);
    const bytes = new ByteWriter(4096);
    const encoded = group.map((event): EncodedEvent => {
      const offset = this.#end + bytes.byteLength;
      encodeEvent(event, offset, { bytes, tails });
      return { event, offset, end: this.#end + bytes.byteLength };
    });
    const { landed, error } = await this.#write(bytes.view(), this.#end);
    // What has landed whole is there: who follows the file has seen it.
    const whole = encoded.filter(({ end }) => end - this.#end <= landed);
    const end = whole.at(-1)?.end ?? this.#end;
    if (error !== undefined) await this.#cutBack(end);
    if (whole.length > 0) await this.#sync.written(() => this.syncNow());
    if (this.#failure === undefined) this.#end = end;
    for (const one of whole) this.#confirm(one);
    for (const { event } of encoded.slice(whole.length)) event.reject(error);
  }

  #confirm({ event, offset, end }: EncodedEvent): void {
    if (this.#failure !== undefined) {
      event.reject(this.#failure);
      return;
    }
    for (const key of event.keys) this.#loaded.chain.set(key, offset);
    this.#loaded.marks.add(offset);
    this.#count++;
    event.resolve({ offset, byteLength: end - offset });
  }

  /** Writes until all has landed, or until a failure. */
  async #write(
    bytes: Uint8Array,
    offset: number,
  ): Promise<{ landed: number; error: CairnError | undefined }> {
    let landed = 0;
    try {
      while (landed < bytes.length) {
        const part = bytes.subarray(landed);
        const count = await this.#file.write(part, offset + landed);
        if (count <= 0) {
          throw new CairnError("io", "Cannot write stream: no byte was taken", {
            where: { file: this.#file.name },
            reason: "short",
          });
        }
        landed += count;
      }
      return { landed, error: undefined };
    } catch (error) {
      return { landed, error: error as CairnError };
    }
  }

  /** Takes back what a failed write has left. */
  async #cutBack(end: number): Promise<void> {
    try {
      await this.#file.truncate(end);
    } catch (error) {
      this.#failure ??= error as CairnError;
    }
  }
}
