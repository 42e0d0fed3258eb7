/**
 * Events to the bytes of a stream.
 *
 * @module
 */
import { ByteWriter, CairnError } from "@cairn/core";
import { TableWriter } from "@cairn/sstable";
import type { KeyChain, KeyTails } from "./_key_chain.ts";
import { CHECKSUMS_NAME } from "./stream_checksums.ts";
import { keyBytes } from "./stream_key.ts";
import {
  EVENT_BYTES_MAX,
  EVENT_LENGTH_BYTES,
  STREAM_FOOTER,
  TAIL_LENGTH_BYTES,
} from "./layout.ts";

/** What an event's bytes are made of. */
export interface EventParts {
  /** The data. */
  readonly data: Uint8Array;
  /** The keys as texts with a character for each byte; distinct, with colons. */
  readonly keys: readonly string[];
}

/**
 * Counts the bytes of an event at most, with room for any offsets.
 *
 * @throws {CairnError} `limit` when they are too many.
 */
export function eventBytesMax({ data, keys }: EventParts): number {
  let byteLength = 20 + data.length;
  for (const key of keys) byteLength += 20 + key.length;
  if (byteLength > EVENT_BYTES_MAX) {
    throw new CairnError(
      "limit",
      `Cannot append event: ${byteLength} bytes, at most ${EVENT_BYTES_MAX} wanted`,
    );
  }
  return byteLength;
}

/**
 * Encodes an event with its length, all numbers in their shortest form, as Go
 * wants them.
 *
 * @param event The event.
 * @param offset Where it will begin in the file.
 * @param to Where its bytes go, and the tails of the events before, which are
 * brought forward.
 */
export function encodeEvent(
  event: EventParts,
  offset: number,
  to: { readonly bytes: ByteWriter; readonly tails: KeyTails },
): void {
  const { data, keys } = event;
  const { bytes, tails } = to;
  const before = keys.map((key) => tails.last(key));
  let byteLength = uvarintBytes(data.length) + data.length +
    uvarintBytes(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const { length } = keys[i]!;
    byteLength += uvarintBytes(length) + length + uvarintBytes(before[i]!);
  }
  bytes.u32(byteLength);
  bytes.uvarint(data.length);
  bytes.bytes(data);
  bytes.uvarint(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    bytes.uvarint(key.length);
    for (let at = 0; at < key.length; at++) bytes.u8(key.charCodeAt(at));
    bytes.uvarint(before[i]!);
    tails.set(key, offset);
  }
}

/** What a stream is closed with. */
export interface StreamEndParts {
  /** The last event of each key. */
  readonly chain: KeyChain;
  /** The block with checksums, if there is to be one. */
  readonly checksums: Uint8Array | undefined;
}

/**
 * Writes what closes a stream: end mark, tail table, its length, footer.
 *
 * @param parts Tails and checksums.
 * @param write Takes the bytes in order; has copied them when it resolves.
 */
export async function writeStreamEnd(
  { chain, checksums }: StreamEndParts,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  await write(new Uint8Array(EVENT_LENGTH_BYTES));
  const table = new TableWriter(write);
  if (checksums !== undefined) table.addMetaBlock(CHECKSUMS_NAME, checksums);
  const value = new ByteWriter(16);
  for (const text of chain.sorted()) {
    value.uvarint(chain.last(text));
    await table.add(keyBytes(text), value.take());
  }
  const { byteLength } = await table.finish();
  const foot = new ByteWriter(TAIL_LENGTH_BYTES + STREAM_FOOTER.length);
  foot.u64(byteLength);
  foot.bytes(STREAM_FOOTER);
  await write(foot.take());
}

function uvarintBytes(value: number): number {
  let count = 1;
  for (; value >= 0x80; value = Math.floor(value / 0x80)) count++;
  return count;
}
