/**
 * Filters over events, answered from bitmaps where one value is asked for.
 *
 * @module
 */
import type {
  CompiledFieldTerm,
  CompiledFilter,
  CompiledTerm,
  Schema,
} from "@cairn/core";
import { EQUAL_PREFIX } from "./event_layout.ts";
import type { EventWindow } from "./event_windows.ts";
import type { KeyspaceSchema } from "../keyspace_schema.ts";
import type { WindowReading } from "./window_reading.ts";

/** What a filter must know of a scan. */
export interface EventFilterParts {
  /** The event fields. */
  readonly schema: Schema;
  /** Fields that are read anyway. */
  readonly fields: readonly number[];
  /** Tells which fields have bitmaps of events by value. */
  readonly kept: KeyspaceSchema;
}

/** A filter with verdict `some`. */
export class EventFilter {
  readonly #filter: CompiledFilter;
  readonly #parts: EventFilterParts;
  /** Fields whose column is decoded: those read anyway, and those with a test of many values. */
  readonly #decoded: ReadonlySet<number>;

  /** Makes it. @param filter The filter. @param parts What the scan reads. */
  constructor(filter: CompiledFilter, parts: EventFilterParts) {
    this.#filter = filter;
    this.#parts = parts;
    const terms = filter.clauses.flat().filter((term) => term.kind === "field");
    this.#decoded = new Set([
      ...parts.fields,
      ...terms.filter(({ single }) => single === undefined).map(({ field }) =>
        field
      ),
    ]);
  }

  /** Tells which events of a window match: a byte each. */
  async keep(reading: WindowReading, window: EventWindow): Promise<Uint8Array> {
    const count = window.end - window.start;
    let kept: Uint8Array | undefined;
    for (const clause of this.#filter.clauses) {
      const holds = new Uint8Array(count);
      for (const term of clause) await this.#mark(holds, term, reading);
      if (kept === undefined) kept = holds;
      else for (let i = 0; i < count; i++) kept[i]! &= holds[i]!;
      if (!kept.includes(1)) return kept;
    }
    return kept!;
  }

  async #mark(
    holds: Uint8Array,
    term: CompiledTerm,
    reading: WindowReading,
  ): Promise<void> {
    if (term.kind === "time") {
      const times = await reading.times();
      for (let i = 0; i < holds.length; i++) {
        if (term.from <= times[i]! && times[i]! < term.to) holds[i] = 1;
      }
      return;
    }
    if (term.single !== undefined && !this.#decoded.has(term.field)) {
      return await this.#markEqual(holds, term, reading);
    }
    const ids = await reading.ids(term.field);
    const accepts = term.accepts!;
    for (let i = 0; i < holds.length; i++) holds[i]! |= accepts[ids[i]!]!;
  }

  async #markEqual(
    holds: Uint8Array,
    { field, single }: CompiledFieldTerm,
    reading: WindowReading,
  ): Promise<void> {
    const { id, negated } = single!;
    const name = EQUAL_PREFIX + this.#parts.schema.fields[field]!.name;
    const has = id > 0 &&
      this.#parts.kept.fields.some((field) => field.name === name);
    const { words, shift } = await reading.equal(
      field,
      id,
      has ? name : undefined,
    );
    const wanted = negated ? 0 : 1;
    for (let i = 0; i < holds.length; i++) {
      const at = shift + i;
      if ((words[at >>> 5]! >>> (at & 31) & 1) === wanted) holds[i] = 1;
    }
  }
}
