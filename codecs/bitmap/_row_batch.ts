/**
 * What a batch of events does to each view, summed up by row.
 *
 * @module
 */
import { CairnError, encodeText } from "@cairn/core";
import { latin1 } from "./_chunk_edits.ts";
import { viewSuffixes } from "./calendar.ts";
import type { KeyspaceField } from "./keyspace_schema.ts";
import { COUNTER_MAX } from "./layout.ts";
import type { BoundRowEvent } from "./row_event.ts";

/** What a batch does to one view. */
export interface ViewDelta {
  /** The base field. */
  readonly field: KeyspaceField;
  /** Name of the field or view, encoded. */
  readonly name: Uint8Array;
  /** Rows of the batch with an event, and what is added to each. */
  readonly amounts: Map<number, bigint>;
  /** Rows of the batch by value, the value's place in `RowBatch.values`. */
  readonly rows: Map<number, Set<number>>;
}

/** The distinct values of one field in a batch, in order of appearance. */
export interface FieldValues {
  /** The values: bytes of strings, numbers of uints. */
  readonly values: (Uint8Array | bigint)[];
  /** Their places by text. */
  readonly places: Map<string, number>;
}

/** A batch of events of one keyspace, summed up. */
export class RowBatch {
  /** Distinct rows in order of appearance. */
  readonly rows: (Uint8Array | bigint)[] = [];
  /** Distinct values by field name. */
  readonly values = new Map<string, FieldValues>();
  /** By name of the view. */
  readonly views = new Map<string, ViewDelta>();
  /** Number of events. */
  count = 0;
  readonly #rowPlaces = new Map<string | bigint, number>();

  /** Takes an event. @param event Bound to the keyspace's schema. */
  add(event: BoundRowEvent): void {
    this.count++;
    const row = this.#row(event.row);
    for (const [field, amount] of event.add) {
      for (const view of this.#views(field, event)) {
        const sum = (view.amounts.get(row) ?? 0n) + amount;
        if (sum > COUNTER_MAX) throw totalTooLarge(field.name);
        view.amounts.set(row, sum);
      }
    }
    for (const field of event.mark) {
      for (const view of this.#views(field, event)) view.amounts.set(row, 0n);
    }
    for (const [field, values] of event.put) {
      // An empty list says nothing: without a value there is no event of a set.
      for (const value of values) {
        const place = this.#value(field.name, value);
        for (const view of this.#views(field, event)) {
          view.amounts.set(row, 0n);
          const rows = view.rows.get(place);
          if (rows === undefined) view.rows.set(place, new Set([row]));
          else rows.add(row);
        }
      }
    }
  }

  #row(row: Uint8Array | bigint): number {
    const text = typeof row === "bigint" ? row : latin1(row);
    let place = this.#rowPlaces.get(text);
    if (place === undefined) {
      place = this.rows.length;
      this.rows.push(row);
      this.#rowPlaces.set(text, place);
    }
    return place;
  }

  #value(field: string, value: Uint8Array | bigint): number {
    let known = this.values.get(field);
    if (known === undefined) {
      known = { values: [], places: new Map() };
      this.values.set(field, known);
    }
    const text = typeof value === "bigint" ? String(value) : latin1(value);
    let place = known.places.get(text);
    if (place === undefined) {
      place = known.values.length;
      known.values.push(value);
      known.places.set(text, place);
    }
    return place;
  }

  /** The field itself and its views of the event's day. */
  #views(field: KeyspaceField, event: BoundRowEvent): ViewDelta[] {
    const suffixes = event.day === undefined
      ? []
      : viewSuffixes(event.day, field.quantum);
    return ["", ...suffixes].map((suffix) => {
      const text = field.name + suffix;
      let view = this.views.get(text);
      if (view === undefined) {
        view = {
          field,
          name: encodeText(text),
          amounts: new Map(),
          rows: new Map(),
        };
        this.views.set(text, view);
      }
      return view;
    });
  }
}

/** Makes the error for a total of more than 128 bits. @param field The counter's name. */
export function totalTooLarge(field: string): CairnError {
  return new CairnError(
    "limit",
    `Cannot add to counter "${field}": a total above 2^128 - 1`,
    { reason: "total" },
  );
}
