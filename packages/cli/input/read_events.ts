/**
 * Reading events from CSV and NDJSON.
 *
 * @module
 */
import { throwIfAborted } from "@cairn/core";
import { InputReader } from "./_input_reader.ts";
import { readSettings } from "./_read_settings.ts";
import type { EventReader } from "./event_reader.ts";
import type { InputFile } from "./input_file.ts";
import type { ReadEventsOptions } from "./read_options.ts";

/**
 * Begins to read events: opens the first input, as far as is needed to know
 * the fields.
 *
 * @param inputs Where to read, in order; at least one.
 * @param options What to read, and how.
 * @returns The reader. It must be disposed of, or its batches read to the end.
 * @throws {CairnError} `not-found` when the header lacks a column;
 * `invalid-input` when options contradict each other or the header is bad; as
 * `batches`.
 */
export async function openEvents(
  inputs: readonly InputFile[],
  options: ReadEventsOptions,
): Promise<EventReader> {
  throwIfAborted(options.signal);
  const settings = readSettings(inputs, options);
  const reader = new InputReader(inputs, settings);
  try {
    await reader.begin();
  } catch (error) {
    await Promise.allSettled([reader[Symbol.asyncDispose]()]);
    throw error;
  }
  return reader;
}
