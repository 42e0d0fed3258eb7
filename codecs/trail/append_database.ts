/**
 * A TrailDB, as its filters show it, into a writer.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  findField,
  throwIfAborted,
} from "@cairn/core";
import { itemField, itemValue } from "./items.ts";
import type { TrailDatabase } from "./trail_database.ts";
import type { TrailWriter } from "./write/trail_writer.ts";

/**
 * Adds the events that a database shows: what `tdb_cons_append` does. With a
 * filter of the database or of trails only matching events are added, and only
 * their values; without one all values, used or not, and all events.
 *
 * Takes times above 2^53 - 1 where the writer does. Event by event: for whole
 * stores without such times `TrailWriter.append` is faster.
 *
 * @param database Where events come from; stays open.
 * @param writer Where they go; fields are matched by name.
 * @param options A signal.
 * @throws {CairnError} `invalid-input` when the database has a field that the
 * writer lacks; as `addExact`.
 */
export async function appendDatabase(
  database: TrailDatabase,
  writer: TrailWriter,
  options: AbortOptions = {},
): Promise<void> {
  const { store } = database;
  const targets = store.schema.fields.map(({ name }) => {
    const target = findField(writer.schema, name);
    if (target >= 0) return target;
    throw new CairnError(
      "invalid-input",
      `Cannot append database: its field "${name}" is not in the new store`,
      { where: { file: store.file.name }, reason: "unknown-field" },
    );
  });
  await database.loadLexicons(undefined, options);
  if (!database.isFiltered && writer.hasFieldsOf(store)) {
    await writer.addValues(store, options);
  }
  const cursor = database.cursor();
  for (let trail = 0; trail < database.trailCount; trail++) {
    throwIfAborted(options.signal);
    await cursor.load(trail, options);
    if (cursor.peek() === undefined) continue;
    const uuid = await database.uuid(trail, options);
    for (const { time, items } of cursor) {
      const values: (Uint8Array | null)[] = writer.schema.fields.map(() =>
        null
      );
      for (const item of items) {
        const field = itemField(item);
        values[targets[field - 1]!] = database.value(field, itemValue(item)) ??
          null;
      }
      await writer.addExact(uuid, time, values);
    }
  }
}
