/** All of a stream as plain rows, for tests. */
import { type Finding, MemorySource } from "@cairn/core";
import {
  type EventStream,
  openStream,
  type OpenStreamOptions,
  type StreamBatch,
  type StreamEvent,
  type StreamReader,
} from "../mod.ts";

/** Collects the events of batches. */
export async function eventsOf(
  batches: AsyncIterable<StreamBatch>,
): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const batch of batches) events.push(...batch.events());
  return events;
}

/** Opens bytes as a stream. */
export function openBytes(
  bytes: Uint8Array,
  options?: OpenStreamOptions,
): Promise<StreamReader> {
  return openStream(new MemorySource(bytes, { name: "bytes" }), options);
}

/** What an event holds, without offsets; keys sorted. */
export function contentOf(
  event: { readonly data: Uint8Array; readonly keys: StreamEvent["keys"] },
): string {
  const keys = event.keys.map(({ key }) => key.toHex()).sort();
  return [event.data.toHex(), ...keys].join(" ");
}

/** Collects findings, as text. */
export async function findingsOf(
  findings: AsyncIterable<Finding>,
): Promise<string[]> {
  const list: string[] = [];
  for await (const { severity, where } of findings) {
    list.push(`${severity} ${where.part}`);
  }
  return list;
}

/** Data of a key's events, newest first. */
export async function scanTexts(
  stream: EventStream,
  name: string,
  value: string,
): Promise<string[]> {
  const events = await eventsOf(stream.scanIndex(name, value));
  return events.map((event) => new TextDecoder().decode(event.data));
}
