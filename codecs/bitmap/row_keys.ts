/**
 * From ordinals of rows to trail keys, and back.
 *
 * @module
 */
import {
  type AbortOptions,
  type ByteSpans,
  CairnError,
  encodeText,
  equalBytes,
  type OrdinalRange,
  packSpans,
  parseInteger,
} from "@cairn/core";
import { findSlot, homeSlot } from "./dictionary.ts";
import { decodeKey, entryKey, namePrefix, slotPrefix } from "./key.ts";
import type { KeyspaceReader } from "./keyspace_reader.ts";
import { COUNTER_MAX, KEY_BYTES_MAX, KIND } from "./layout.ts";
import { encodeRowId } from "./row_event.ts";
import { nextSlot, slotOf, slotToBigint } from "./slot.ts";

/**
 * Finds the ordinal of a row.
 *
 * @param keyspace Holds the rows.
 * @param trailKey Encoded parts, the bare part, or the decimal text of a number.
 * @returns `undefined` when there is no such row.
 */
export async function findRow(
  keyspace: KeyspaceReader,
  trailKey: Uint8Array,
  options: AbortOptions = {},
): Promise<number | undefined> {
  const { schema } = keyspace;
  const space = await keyspace.space(options);
  if (schema.rows === "uint") {
    const number = parseInteger(trailKey);
    return number === undefined || number < 0n || number > COUNTER_MAX ||
        String(number).length !== trailKey.length
      ? undefined
      : space.ordinal(slotOf(number));
  }
  if (trailKey.length > KEY_BYTES_MAX - 2) return undefined;
  const id = encodeRowId(trailKey, schema);
  const table = encodeText(schema.name);
  if (schema.rows === "hashed") {
    const prefix = namePrefix(keyspace.keyspace, KIND.row, table);
    const { hashBits } = schema;
    const found = await findSlot(keyspace.reader, { prefix, id }, {
      ...options,
      hashBits,
    }).catch((error) => {
      if (error.reason === "slots-full") return undefined;
      throw error;
    });
    return found?.known ? space.ordinal(found.slot) : undefined;
  }
  const prefix = namePrefix(keyspace.keyspace, KIND.rowLookup, table);
  const key = entryKey(slotPrefix(prefix, homeSlot(id, schema.hashBits)), id);
  const address = await keyspace.reader.get(key, options);
  return address === undefined ? undefined : space.ordinal(address);
}

/**
 * Gets the trail keys of a run of rows, in one run of reads.
 *
 * @param keyspace Holds the rows.
 * @param range Ordinals.
 * @throws {RangeError} When the run is not inside the keyspace.
 * @throws {CairnError} `corrupt` when a row has no id.
 */
export async function readRowKeys(
  keyspace: KeyspaceReader,
  range: OrdinalRange,
  options: AbortOptions = {},
): Promise<ByteSpans> {
  const { schema } = keyspace;
  const { start, end } = range;
  const space = await keyspace.space(options);
  if (!(start >= 0 && start <= end && end <= space.count)) {
    throw new RangeError(
      `Cannot get keys ${start} to ${end}: there are ${space.count} rows`,
    );
  }
  if (start === end) return packSpans([]);
  if (schema.rows === "uint") {
    const keys: Uint8Array[] = [];
    for (let i = start; i < end; i++) {
      keys.push(encodeText(String(slotToBigint(space.address(i)))));
    }
    return packSpans(keys);
  }
  const prefix = namePrefix(
    keyspace.keyspace,
    KIND.row,
    encodeText(schema.name),
  );
  const keys: Uint8Array[] = [];
  const bare = schema.rowId.length === 1 ? 2 : 0;
  const from = slotPrefix(prefix, space.address(start));
  const to = slotPrefix(prefix, nextSlot(space.address(end - 1), 128));
  // Behind the last address of all comes 0; then everything that is left counts.
  if (to.subarray(prefix.length).every((byte) => byte === 0)) {
    to.fill(0xff, prefix.length);
  }
  for await (const entries of keyspace.reader.range({ from, to }, options)) {
    for (let row = 0; row < entries.count; row++) {
      const key = decodeKey(
        entries.keys.bytes.slice(
          entries.keys.starts[row]!,
          entries.keys.ends[row]!,
        ),
      );
      const next = start + keys.length;
      if (
        key.layout !== "entry" || next >= end ||
        !equalBytes(key.slot, space.address(next))
      ) throw missing(keyspace, next);
      if (
        bare > 0 &&
        (key.id[0]! << 8 | key.id[1]!) !== key.id.length - bare
      ) throw missing(keyspace, next);
      keys.push(key.id.subarray(bare));
    }
  }
  if (keys.length < end - start) throw missing(keyspace, start + keys.length);
  return packSpans(keys);
}

function missing(keyspace: KeyspaceReader, ordinal: number): CairnError {
  return new CairnError(
    "corrupt",
    `Cannot read rows: row ${ordinal} of "${keyspace.schema.name}" has no id, or one too many`,
    { where: { file: keyspace.reader.name, part: "rows" } },
  );
}
