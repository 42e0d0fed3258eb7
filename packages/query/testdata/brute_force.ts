/**
 * Answers by going over all rows, one by one, for tests: written after the
 * language's text and with nothing of the engine.
 *
 * @module
 */
import {
  decodeText,
  encodeText,
  formatHex,
  type IndexField,
  type Period,
} from "@cairn/core";
import type { QueryValue } from "../answer.ts";
import type { JsonValue } from "../answer_json.ts";
import {
  type Cell,
  type ModelRow,
  type RowsModel,
  sortValues,
  valueKey,
} from "./rows_model.ts";
import type {
  ConditionNode,
  ExpressionNode,
  QueryNode,
  ValueNode,
} from "../language/tree.ts";

/** Answers a query that fits the model, as JSON. */
export function bruteForce(model: RowsModel, query: QueryNode): JsonValue {
  return new BruteForce(model).answer(query);
}

class BruteForce {
  readonly #model: RowsModel;

  constructor(model: RowsModel) {
    this.#model = model;
  }

  answer(query: QueryNode): JsonValue {
    const arg = "arg" in query && query.op !== "not" ? query.arg : undefined;
    const segment = arg === undefined ? query as ExpressionNode : arg;
    const rows = this.#model.rows.filter((row) =>
      segment === null || this.#holds(segment, row)
    );
    switch (query.op) {
      case "count":
        return { count: rows.length };
      case "sum": {
        const totals = this.#totals(query.field, rows);
        const sum = totals.reduce((sum, { total }) => sum + total, 0n);
        return { sum: toJson(sum), count: totals.length };
      }
      case "min":
      case "max": {
        const totals = this.#totals(query.field, rows)
          .map(({ total }) => total).sort(order);
        const value = query.op === "min" ? totals[0] : totals.at(-1);
        return {
          [query.op]: value === undefined ? null : toJson(value),
          count: totals.filter((total) => total === value).length,
        };
      }
      case "top-n":
        return this.#top(query.field, query.n, rows);
      case "group-by":
        return this.#groups(query, rows);
      case "select":
        return this.#select(query, rows);
      default:
        return { rows: rows.map(toId) };
    }
  }

  #top(field: string, n: number, rows: readonly ModelRow[]): JsonValue {
    if (this.#field(field).kind === "counter") {
      const totals = this.#totals(field, rows)
        .sort((a, b) => order(b.total, a.total));
      return {
        top: totals.slice(0, n).map(({ row, total }) => ({
          row: toId(row),
          value: toJson(total),
        })),
      };
    }
    const groups = this.#count(field, rows);
    groups.sort((a, b) => b.rows.length - a.rows.length);
    return {
      top: groups.slice(0, n).map(({ value, rows }) => ({
        value: toJson(value),
        count: rows.length,
      })),
    };
  }

  #groups(
    { field, sum, limit }: QueryNode & { op: "group-by" },
    rows: readonly ModelRow[],
  ): JsonValue {
    const groups = this.#count(field, rows).slice(0, limit ?? Infinity);
    return {
      groups: groups.map(({ value, rows }) => ({
        value: toJson(value),
        count: rows.length,
        ...(sum === null ? {} : {
          sum: toJson(
            rows.reduce(
              (s, row) => s + (this.#cell(sum, row)?.total ?? 0n),
              0n,
            ),
          ),
        }),
      })),
    };
  }

  #select(
    query: QueryNode & { op: "select" },
    rows: readonly ModelRow[],
  ): JsonValue {
    const sorted = [...rows].sort((a, b) => {
      for (const { field, dir } of query.order) {
        const x = this.#cell(field, a)?.total;
        const y = this.#cell(field, b)?.total;
        if (x === y) continue;
        if (x === undefined) return 1;
        if (y === undefined) return -1;
        return (dir === "desc" ? -1 : 1) * order(x, y);
      }
      return 0;
    });
    const names = query.fields === "*"
      ? this.#model.fields.map(({ name }) => name)
        .filter((name) => !name.startsWith("."))
      : query.fields;
    const end = query.limit === null ? Infinity : query.offset + query.limit;
    return {
      rows: sorted.slice(query.offset, end).map((row) => ({
        row: toId(row),
        fields: Object.fromEntries(
          names.map((name) => [name, this.#show(name, row)]),
        ),
      })),
    };
  }

  #show(name: string, row: ModelRow): JsonValue {
    const cell = this.#cell(name, row);
    if (cell === undefined) return null;
    const { kind } = this.#field(name);
    if (kind === "flag") return true;
    if (kind === "counter") return toJson(cell.total);
    return cell.values.length === 0 ? null : cell.values.map(toJson);
  }

  #count(
    field: string,
    rows: readonly ModelRow[],
  ): { value: QueryValue; rows: ModelRow[] }[] {
    const groups = new Map<string, ModelRow[]>();
    const all: QueryValue[] = [];
    for (const row of rows) {
      for (const value of this.#values(field, row)) {
        all.push(value);
        const key = valueKey(value);
        groups.set(key, [...groups.get(key) ?? [], row]);
      }
    }
    return sortValues(all).map((value) => ({
      value,
      rows: groups.get(valueKey(value))!,
    }));
  }

  #totals(
    field: string,
    rows: readonly ModelRow[],
  ): { row: ModelRow; total: bigint }[] {
    return rows.flatMap((row) => {
      const cell = this.#cell(field, row);
      return cell === undefined ? [] : [{ row, total: cell.total }];
    });
  }

  #holds(node: ExpressionNode, row: ModelRow): boolean {
    switch (node.op) {
      case "all":
        return true;
      case "not":
        return !this.#holds(node.arg, row);
      case "and":
        return node.args.every((arg) => this.#holds(arg, row));
      case "or":
        return node.args.some((arg) => this.#holds(arg, row));
      case "xor":
        return node.args.filter((arg) => this.#holds(arg, row)).length % 2 ===
          1;
      case "row":
        return node.id.map(nodeKey).join() === row.id.map(valueKey).join();
      case "slice": {
        if (this.#cell(node.field, row) === undefined) return false;
        if (node.conds.length === 0) return true;
        return this.#values(node.field, row).some((value) =>
          node.conds.some((condition) => holds(condition, value))
        );
      }
    }
  }

  #values(name: string, row: ModelRow): readonly QueryValue[] {
    const cell = this.#cell(name, row);
    if (cell === undefined) return [];
    return this.#field(name).kind === "counter" ? [cell.total] : cell.values;
  }

  #field(name: string): IndexField {
    return this.#find(name).field;
  }

  #cell(name: string, row: ModelRow): Cell | undefined {
    const { field, period } = this.#find(name);
    return row.cell(field.name, period);
  }

  #find(name: string): { field: IndexField; period: Period | undefined } {
    const exact = this.#model.fields.find((field) => field.name === name);
    if (exact !== undefined) return { field: exact, period: undefined };
    for (const field of this.#model.fields) {
      if (!name.startsWith(`${field.name}_`)) continue;
      const parts = name.slice(field.name.length + 1).split("_").map(Number);
      const [year, month, day] = parts;
      return {
        field,
        period: {
          year: year!,
          ...(month === undefined ? {} : { month }),
          ...(day === undefined ? {} : { day }),
        },
      };
    }
    throw new Error(`no field ${name}`);
  }
}

function holds(condition: ConditionNode, value: QueryValue): boolean {
  if (typeof value === "bigint") return holdsNumber(condition, value);
  switch (condition.c) {
    case "=":
      return nodeKey(condition.v) === valueKey(value);
    case "in":
      return condition.vs.some((v) => nodeKey(v) === valueKey(value));
    case "prefix":
      return valueKey(value).startsWith(nodeKey(condition.v));
    case "regex": {
      const text = decodeText(value);
      return text !== undefined && toRegExp(condition.pattern).test(text);
    }
    default:
      throw new Error(`${condition.c} of a string`);
  }
}

function holdsNumber(condition: ConditionNode, value: bigint): boolean {
  const n = (v: ValueNode): bigint => BigInt((v as { u: string }).u);
  switch (condition.c) {
    case "range":
      return value > n(condition.a) &&
        (n(condition.b) === 0n || value < n(condition.b));
    case "between":
      return value >= n(condition.a) && value <= n(condition.b);
    case ">":
      return value > n(condition.v);
    case ">=":
      return value >= n(condition.v);
    case "<":
      return value < n(condition.v);
    case "<=":
      return value <= n(condition.v);
    case "=":
      return value === n(condition.v);
    case "in":
      return condition.vs.some((v) => n(v) === value);
    default:
      throw new Error(`${condition.c} of a number`);
  }
}

/** The engine's own expressions, for patterns where both dialects agree. */
export function toRegExp(pattern: string): RegExp {
  const isFolded = pattern.startsWith("(?i)");
  const body = isFolded ? pattern.slice(4) : pattern;
  return new RegExp(
    `^(?:${
      body.replace(/\\.|\[[^\]]*\]|\./gu, (part) =>
        part === "." ? "[^\\n]" : part)
    })$`,
    isFolded ? "ui" : "u",
  );
}

function nodeKey(value: ValueNode): string {
  if ("u" in value) return `n${value.u}`;
  return "s" in value ? `b${formatHex(encodeText(value.s))}` : `b${value.b}`;
}

function toId(row: ModelRow): JsonValue {
  return row.id.map((part) =>
    typeof part === "bigint" ? part.toString() : toJson(part)
  );
}

function toJson(value: QueryValue): JsonValue {
  if (typeof value === "bigint") {
    return value < 2n ** 53n ? Number(value) : value.toString();
  }
  return decodeText(value) ?? { hex: formatHex(value) };
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
