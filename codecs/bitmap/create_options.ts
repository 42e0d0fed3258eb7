/**
 * What the codec understands when it writes a store of events.
 *
 * @module
 */
import {
  CairnError,
  type CreateOptions,
  findField,
  type Schema,
  type TimeUnit,
} from "@cairn/core";
import type { Quantum } from "./calendar.ts";
import { fieldNameProblem } from "./keyspace_schema.ts";

/** How to write a store of events. */
export interface BitmapCreateOptions extends CreateOptions {
  /** Fields whose values are indexed by trail; all if left out. */
  readonly sets?: readonly string[];
  /** Counters by trail, by name: the field whose unsigned numbers each adds up. */
  readonly counters?: Readonly<Record<string, string>>;
  /**
   * Which views by time sets and counters keep: for all, or by name of the set
   * or counter, `.events` too; none if left out. Each view is a pass over a
   * column while writing.
   */
  readonly quantum?: Quantum | Readonly<Record<string, Quantum>>;
  /** Unit of the timestamps, which views and periods go by; seconds if left out. */
  readonly timeUnit?: TimeUnit;
  /** Whether sets have trigram bitmaps; true if left out. */
  readonly trigram?: boolean;
  /**
   * A field with at most so many values also gets a bitmap of events for each;
   * 32 if left out. Others are answered from the slices of their value ids.
   */
  readonly equalityValues?: number;
  /** Bytes of a block before packing; 16,384 if left out. */
  readonly blockBytes?: number;
  /** How blocks are packed; `snappy` if left out. */
  readonly compression?: "none" | "snappy";
}

/** The options with nothing left out, bound to a schema. */
export interface EventPlan {
  /** The event fields. */
  readonly schema: Schema;
  /** Which fields are sets, by ordinal, and their views. */
  readonly sets: ReadonlyMap<number, Quantum>;
  /** Counters in order: name, ordinal of the field, views. */
  readonly counters: readonly {
    readonly name: string;
    readonly field: number;
    readonly quantum: Quantum;
  }[];
  /** Views of the counter of events. */
  readonly eventsQuantum: Quantum;
  /** Unit of the timestamps. */
  readonly timeUnit: TimeUnit;
  /** Whether sets have trigrams. */
  readonly trigram: boolean;
  /** Most values of a field with bitmaps of events. */
  readonly equalityValues: number;
}

const EQUALITY_VALUES = 32;

/**
 * Binds options to a schema.
 *
 * @param schema The event fields.
 * @param options What the caller said.
 * @throws {CairnError} `invalid-input` for names that cannot be or are not there.
 */
export function planEvents(
  schema: Schema,
  options: BitmapCreateOptions,
): EventPlan {
  for (const { name } of schema.fields) {
    const problem = eventFieldProblem(name);
    if (problem !== undefined) throw refuse(problem);
  }
  const quantumOf = (name: string): Quantum =>
    typeof options.quantum === "object"
      ? options.quantum[name] ?? ""
      : options.quantum ?? "";
  const ordinal = (name: string): number => {
    const found = findField(schema, name);
    if (found < 0) throw refuse(`there is no field "${name}"`);
    return found;
  };
  const names = options.sets ?? schema.fields.map(({ name }) => name);
  const sets = new Map(names.map((name) => [ordinal(name), quantumOf(name)]));
  const counters = Object.entries(options.counters ?? {}).map(
    ([name, field]) => {
      const problem = eventFieldProblem(name);
      if (problem !== undefined) throw refuse(problem);
      if (sets.has(findField(schema, name))) {
        throw refuse(`"${name}" is a set and a counter`);
      }
      return { name, field: ordinal(field), quantum: quantumOf(name) };
    },
  );
  const kept = [".events", ...names, ...counters.map(({ name }) => name)];
  for (
    const name of typeof options.quantum === "object"
      ? Object.keys(options.quantum)
      : []
  ) {
    if (!kept.includes(name)) {
      throw refuse(`there is no set or counter "${name}" to keep periods of`);
    }
  }
  return {
    schema,
    sets,
    counters,
    eventsQuantum: quantumOf(".events"),
    timeUnit: options.timeUnit ?? "s",
    trigram: options.trigram ?? true,
    equalityValues: options.equalityValues ?? EQUALITY_VALUES,
  };
}

/** Tells what is wrong with the name of an event field. @param name Any text. */
export function eventFieldProblem(name: string): string | undefined {
  const problem = fieldNameProblem(name);
  if (problem !== undefined) return problem;
  if (name.startsWith(".")) return `field name "${name}" begins with a dot`;
  // Room for `.value.` before the name in the other keyspace.
  return new TextEncoder().encode(name).length > 65_000
    ? "a field name of more than 65,000 bytes"
    : undefined;
}

function refuse(what: string): CairnError {
  return new CairnError("invalid-input", `Cannot make store: ${what}`);
}
