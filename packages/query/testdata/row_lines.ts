/**
 * Rows from lines of the golden form, for tests.
 *
 * @module
 */
import {
  encodeKeyParts,
  encodeText,
  type IndexField,
  type Period,
} from "@cairn/core";
import type { QueryValue } from "../answer.ts";
import {
  type Cell,
  type ModelRow,
  periodName,
  type RowsModel,
  sortValues,
} from "./rows_model.ts";

/** One line. */
export interface RowLine {
  readonly row: readonly string[] | number | string;
  readonly ts: string;
  readonly add?: Readonly<Record<string, number | string>>;
  readonly put?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly mark?: readonly string[];
}

interface Growing {
  total: bigint;
  values: QueryValue[];
}

/** Builds rows; in order of first appearance, or of number. */
export function modelOfLines(
  lines: readonly RowLine[],
  fields: readonly IndexField[],
  keyParts: readonly string[],
  keyType: "bytes" | "uint" = "bytes",
): RowsModel {
  const cells = new Map<string, Map<string, Growing>>();
  const ids = new Map<string, readonly QueryValue[]>();
  const cellOf = (row: string, view: string): Growing => {
    const views = cells.get(row)!;
    let cell = views.get(view);
    if (cell === undefined) views.set(view, cell = { total: 0n, values: [] });
    return cell;
  };
  for (const line of lines) {
    const row = JSON.stringify(line.row);
    if (!cells.has(row)) {
      cells.set(row, new Map());
      ids.set(
        row,
        Array.isArray(line.row)
          ? line.row.map((part: string) => encodeText(part))
          : [BigInt(line.row as number | string)],
      );
    }
    const date = new Date(line.ts);
    const year = date.getUTCFullYear();
    const month = date.getUTCMonth() + 1;
    const periods: (Period | undefined)[] = [
      undefined,
      { year },
      { year, month },
      { year, month, day: date.getUTCDate() },
    ];
    for (const period of periods) {
      const name = periodName(period);
      for (const [field, amount] of Object.entries(line.add ?? {})) {
        cellOf(row, field + name).total += BigInt(amount);
      }
      for (const [field, values] of Object.entries(line.put ?? {})) {
        const isUint = fields.find((f) => f.name === field)!.of === "uint";
        cellOf(row, field + name).values.push(
          ...values.map((value) =>
            isUint ? BigInt(value) : encodeText(value as string)
          ),
        );
      }
      for (const field of line.mark ?? []) cellOf(row, field + name);
    }
  }
  const rows = [...ids].map(([name, id]): ModelRow => {
    const views = new Map<string, Cell>();
    for (const [view, { total, values }] of cells.get(name)!) {
      views.set(view, { total, values: sortValues(values) });
    }
    return {
      id,
      key: keyType === "uint"
        ? encodeText(`${id[0]}`)
        : encodeKeyParts(id as Uint8Array[]),
      cell: (field, period) => views.get(field + periodName(period)),
    };
  });
  if (keyType === "uint") {
    rows.sort((a, b) => a.id[0]! < b.id[0]! ? -1 : 1);
  }
  return { fields, keyParts, keyType, rows };
}
