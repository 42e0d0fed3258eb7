/**
 * The plainest TrailDB there could be, to hold the codec against.
 *
 * @module
 */
import * as fc from "fast-check";

/** An event of text. */
export interface ModelEvent {
  /** 32 hex digits. */
  readonly uuid: string;
  readonly time: number;
  readonly values: readonly string[];
}

/** Fields and events, in the order added. */
export interface ModelInput {
  readonly fields: readonly string[];
  readonly events: readonly ModelEvent[];
}

/** Orders events as a TrailDB does. */
export function sortEvents(
  events: readonly ModelEvent[],
  equalTimes: "input" | "reversed",
): ModelEvent[] {
  const reversedUuid = (uuid: string) =>
    uuid.match(/../g)!.toReversed().join("");
  const added = equalTimes === "input" ? [...events] : events.toReversed();
  return added.sort((a, b) => {
    const keyA = reversedUuid(a.uuid);
    const keyB = reversedUuid(b.uuid);
    return keyA < keyB ? -1 : keyA > keyB ? 1 : a.time - b.time;
  });
}

/** Prints events as `tdb dump -d ,` does. */
export function dumpModel(events: readonly ModelEvent[]): string {
  return events.map(({ uuid, time, values }) =>
    [uuid, time, ...values].join(",") + "\n"
  ).join("");
}

/** Makes inputs: few trails, repeating values, all sorts of times. */
export function arbitraryInput(): fc.Arbitrary<ModelInput> {
  const uuids = fc.constantFrom(
    "00000000000000000000000000000001",
    "01000000000000000000000000000000",
    "000102030405060708090a0b0c0d0e0f",
    "0f0e0d0c0b0a09080706050403020100",
    "ffffffffffffffffffffffffffffffff",
  );
  const times = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 100, max: 140 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 2 ** 31 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 47 - 2 }) },
  );
  const values = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("", "a", "b", "c") },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 40 }).map(String) },
    {
      weight: 1,
      arbitrary: fc.string({ unit: "grapheme", maxLength: 20 })
        // What the original's CSV cannot say; it also drops what follows a NUL.
        .map((text) => text.replace(/[\0\n\r,]/g, "_")),
    },
  );
  const fieldCounts = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 7 }) },
    // Enough for more pairs in an event than are looked through one by one,
    // and for wide items.
    { weight: 1, arbitrary: fc.constantFrom(24, 130) },
  );
  return fieldCounts.chain((fieldCount) =>
    fc.record({
      fields: fc.constant(
        Array.from({ length: fieldCount }, (_, i) => `f${i}`),
      ),
      events: fc.array(
        fc.record({
          uuid: uuids,
          time: times,
          values: fc.array(values, {
            minLength: fieldCount,
            maxLength: fieldCount,
          }),
        }),
        { maxLength: fieldCount > 7 ? 30 : 120, size: "max" },
      ),
    })
  );
}
