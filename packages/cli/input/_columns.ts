/**
 * Which column or name goes to which slot of a row.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import type { CsvColumns } from "./_csv_parser.ts";
import { FIELD_SLOT, KEY_SLOT, TIME_SLOT } from "./_row_buffer.ts";
import type { FieldChoice } from "./field_list.ts";
import type { ReadEventsOptions } from "./read_options.ts";

type Choice = Pick<ReadEventsOptions, "trail" | "time" | "fields">;

/**
 * Names the fields of an input.
 *
 * @param choice What the user asked for.
 * @param names All names that the input has.
 * @returns The fields, in order.
 * @throws {CairnError} `invalid-input` for a name that is empty.
 */
export function fieldNames(
  choice: Choice,
  names: readonly string[],
): string[] {
  const listed = choice.fields?.map((field) => field.name) ?? names;
  const unnamed = listed.indexOf("");
  if (unnamed >= 0 && choice.fields === undefined) {
    throw new CairnError(
      "invalid-input",
      `Cannot read header: column ${
        unnamed + 1
      } has no name; --fields chooses others`,
      { where: { line: 1 } },
    );
  }
  return listed.filter((name) => name !== choice.trail && name !== choice.time);
}

/** Gives each name its slot: trail key, time, then the fields. */
export function slotsByName(
  choice: Choice,
  fields: readonly string[],
): Map<string, number> {
  const slots = new Map([[choice.trail, KEY_SLOT], [choice.time, TIME_SLOT]]);
  fields.forEach((name, i) => slots.set(name, FIELD_SLOT + i));
  return slots;
}

/**
 * Gives each column of a CSV header its slot.
 *
 * @param slots Slots by name.
 * @param names The header.
 * @throws {CairnError} `not-found` for a wanted name that the header lacks,
 * `invalid-input` for one that it has twice.
 */
export function columnsByHeader(
  slots: ReadonlyMap<string, number>,
  names: readonly string[],
): CsvColumns {
  for (const name of slots.keys()) {
    const first = names.indexOf(name);
    if (first < 0) {
      throw new CairnError(
        "not-found",
        `Cannot find column "${name}": the header has ${
          names.join(", ").slice(0, 500)
        }`,
        { where: { line: 1 }, reason: "unknown-column" },
      );
    }
    if (names.indexOf(name, first + 1) >= 0) {
      throw new CairnError(
        "invalid-input",
        `Cannot read header: column "${name}" is there twice`,
        { where: { line: 1 } },
      );
    }
  }
  const columns = names.map((name) => slots.get(name) ?? -1);
  return { slots: cut(columns), count: names.length };
}

/**
 * Gives each column of CSV without a header its slot.
 *
 * @param slots Slots by name.
 * @param fields The columns as the user listed them.
 * @throws {CairnError} `invalid-input` when the list lacks trail or time, or
 * names a column twice.
 */
export function columnsByNumber(
  slots: ReadonlyMap<string, number>,
  fields: readonly FieldChoice[],
): CsvColumns {
  const numbered = fields.some((field) => field.column !== undefined);
  const columns: number[] = [];
  const seen = new Set<string>();
  fields.forEach(({ name, column }, i) => {
    const at = numbered ? (column ?? 0) - 1 : i;
    if (at < 0 || at >= COLUMNS_MAX) {
      throw refuse(`field "${name}" has no number from 1 to ${COLUMNS_MAX}`);
    }
    while (columns.length <= at) columns.push(-1);
    if (columns[at] !== -1 || seen.has(name)) {
      throw refuse(`column ${at + 1} or field "${name}" is there twice`);
    }
    seen.add(name);
    columns[at] = slots.get(name)!;
  });
  for (const slot of [KEY_SLOT, TIME_SLOT]) {
    if (columns.includes(slot)) continue;
    const name = [...slots].find(([, other]) => other === slot)![0];
    throw refuse(
      `column "${name}" is not among the fields, which name the columns when there is no header`,
    );
  }
  return { slots: cut(columns), count: 0 };
}

/** Columns of a record. */
const COLUMNS_MAX = 1_000_000;

/** Drops unwanted columns behind the last wanted one. */
function cut(columns: readonly number[]): Int32Array {
  const last = columns.findLastIndex((slot) => slot >= 0);
  return Int32Array.from(columns.slice(0, last + 1));
}

function refuse(what: string): CairnError {
  return new CairnError("invalid-input", `Cannot read events: ${what}`);
}
