/**
 * The logical datasets under `golden/logical`: events and questions as JSON,
 * with answers from brute force, the same for every codec.
 *
 * @module
 */
import {
  createSchema,
  encodeText,
  equal,
  type FieldType,
  Filter,
  notEqual,
  parseHex,
  timeRange,
} from "@cairn/core";
import type { Dataset } from "./dataset.ts";

/** A term of a filter as JSON. */
export type LogicalTerm =
  | { readonly field: string; readonly equals: string; readonly not?: true }
  | { readonly from: number; readonly to: number };

/** A dataset with questions and answers, as it lies in the folder. */
export interface LogicalFile {
  /** One or two words. */
  readonly name: string;
  /** Why it exists. */
  readonly reason: string;
  /** Names and types of the fields. */
  readonly fields: readonly (readonly [string, FieldType])[];
  /**
   * Key in hex, time, values in input order; text, or `{"hex": ..}` where the
   * bytes are not UTF-8.
   */
  readonly events: readonly (readonly [
    string,
    number,
    readonly (string | { readonly hex: string } | null)[],
  ])[];
  /** Filters, and how many events of which trails they keep. */
  readonly questions: readonly LogicalQuestion[];
}

/** A filter and its answer. */
export interface LogicalQuestion {
  /** Clauses that must all hold, each a list of alternatives. */
  readonly where: readonly (readonly LogicalTerm[])[];
  /** Events kept, by key in hex; trails without any are absent. */
  readonly kept: Readonly<Record<string, number>>;
}

/** Names of the files. */
export const LOGICAL_NAMES: readonly string[] = [
  "one-event",
  "mixed",
  "equal-times",
  "binary",
  "unsorted",
];

/** Loads one of the files. @param name One of {@linkcode LOGICAL_NAMES}. */
export async function loadLogical(name: string): Promise<LogicalFile> {
  const url = new URL(`./golden/logical/${name}.json`, import.meta.url);
  return await (await fetch(url)).json();
}

/** Gives the events of a file. @param file As loaded. */
export function logicalDataset(file: LogicalFile): Dataset {
  return {
    name: file.name,
    reason: file.reason,
    schema: createSchema(file.fields.map(([name, type]) => ({ name, type }))),
    events: file.events.map(([key, timestamp, values]) => ({
      key: parseHex(key),
      timestamp,
      values: values.map((value) =>
        value === null
          ? null
          : typeof value === "string"
          ? encodeText(value)
          : parseHex(value.hex)
      ),
    })),
  };
}

/** Gives a question's filter. @param question As loaded. */
export function logicalFilter(question: LogicalQuestion): Filter {
  return new Filter(
    question.where.map((clause) =>
      clause.map((term) =>
        "from" in term
          ? timeRange(term.from, term.to)
          : (term.not ? notEqual : equal)(term.field, term.equals)
      )
    ),
  );
}
