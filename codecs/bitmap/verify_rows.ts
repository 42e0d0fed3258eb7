/**
 * The checks of the dictionaries of rows.
 *
 * @module
 */
import { type AbortOptions, encodeText, throwIfAborted } from "@cairn/core";
import { ProbeCheck } from "./_probe_check.ts";
import { cityHash128 } from "./city_hash.ts";
import { homeSlot } from "./dictionary.ts";
import { decodeKey, namePrefix, prefixEnd } from "./key.ts";
import type { KeyspaceReader } from "./keyspace_reader.ts";
import { KIND, type Kind } from "./layout.ts";
import { slotText, slotToNumber } from "./slot.ts";

/** An entry of a dictionary; copies. */
export interface DictionaryEntry {
  /** Address, hash, value slot or ordinal. */
  readonly slot: Uint8Array;
  /** The row id or value. */
  readonly id: Uint8Array;
  /** The entry's value. */
  readonly value: Uint8Array;
}

/** Walks over the entries of a dictionary. @param kind Which. @param name Its table or field. */
export async function* dictionaryEntries(
  keyspace: KeyspaceReader,
  kind: Kind,
  name: string,
  options: AbortOptions,
): AsyncGenerator<DictionaryEntry, void, undefined> {
  const prefix = namePrefix(keyspace.keyspace, kind, encodeText(name));
  const range = { from: prefix, to: prefixEnd(prefix) };
  for await (
    const { count, keys, values } of keyspace.reader.range(range, options)
  ) {
    throwIfAborted(options.signal);
    for (let row = 0; row < count; row++) {
      const key = decodeKey(
        keys.bytes.slice(keys.starts[row]!, keys.ends[row]!),
      );
      if (key.layout !== "entry") continue;
      yield {
        slot: key.slot,
        id: key.id,
        value: values.bytes.slice(values.starts[row]!, values.ends[row]!),
      };
    }
  }
}

/** Checks that rows and their ids are the same from both sides. */
export async function* verifyRows(
  keyspace: KeyspaceReader,
  options: AbortOptions,
): AsyncGenerator<string, void, undefined> {
  const { schema, state } = keyspace;
  if (schema.rows === "uint") return;
  const rows = dictionaryEntries(keyspace, KIND.row, schema.name, options);
  if (schema.rows === "hashed") {
    const space = await keyspace.space(options);
    const probe = new ProbeCheck(schema.hashBits);
    let count = 0;
    for await (const { slot, id } of rows) {
      const problem = probe.add(slot, id);
      if (problem !== undefined) yield `rows: ${problem}`;
      if (space.ordinal(slot) === undefined) yield "a row id of no row";
      if (!isRowId(id, schema.rowId.length)) yield "a row id of other parts";
      count++;
    }
    const problem = probe.finish();
    if (problem !== undefined) yield `rows: ${problem}`;
    if (count !== space.count) yield `${count} row ids of ${space.count} rows`;
    return;
  }
  // Two words of a hash of each id, by ordinal: grows with what is read.
  const prints: number[] = [];
  for await (const { slot, id } of rows) {
    if (slotToNumber(slot) !== prints.length / 2) {
      yield `row ${prints.length / 2} has no id, or two`;
      return;
    }
    if (!isRowId(id, schema.rowId.length)) yield "a row id of other parts";
    prints.push(...print(id));
  }
  const count = prints.length / 2;
  if (count !== state.rows) yield `${count} row ids of ${state.rows} rows`;
  const seen = new Uint8Array(count);
  let found = 0;
  const lookups = dictionaryEntries(
    keyspace,
    KIND.rowLookup,
    schema.name,
    options,
  );
  for await (const { slot, id, value } of lookups) {
    const ordinal = slotToNumber(value);
    const [low, high] = print(id);
    if (
      ordinal === undefined || ordinal >= count || seen[ordinal] === 1 ||
      prints[2 * ordinal] !== low || prints[2 * ordinal + 1] !== high ||
      slotText(homeSlot(id, schema.hashBits)) !== slotText(slot)
    ) yield "a row is looked up elsewhere than it is";
    else seen[ordinal] = 1;
    found++;
  }
  if (found !== count) yield `${found} of ${count} rows can be looked up`;
}

/** Tells whether an encoded row id has so many parts. */
function isRowId(id: Uint8Array, parts: number): boolean {
  let at = 0;
  for (let i = 0; i < parts; i++) {
    if (at + 2 > id.length) return false;
    at += 2 + (id[at]! << 8 | id[at + 1]!);
  }
  return at === id.length;
}

function print(id: Uint8Array): [number, number] {
  const view = new DataView(cityHash128(id).buffer);
  return [view.getUint32(8), view.getUint32(12)];
}
