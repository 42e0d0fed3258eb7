/**
 * What the writer can be told.
 *
 * @module
 */
import { CairnError, type CreateOptions } from "@cairn/core";

/** How to write a trail store. */
export interface TrailCreateOptions extends CreateOptions {
  /**
   * Whether pairs of items get codes of their own; true if left out. Without
   * them files are larger, and written faster.
   */
  readonly bigrams?: boolean;
  /**
   * Whether members are added of which the C program knows nothing: field
   * types, times of blocks of trails, checksums; true if left out. C reads the
   * file either way. Without them it is byte for byte what C writes.
   *
   * With them, stores of more than 1,000,000 events also get codes made from
   * all events and not, as in C, from a tenth of the trails. That saves more
   * than the additions take, unless there are few distinct values.
   */
  readonly additions?: boolean;
  /**
   * The order of equal times within a trail: `input` keeps the order in which
   * they were added, `reversed` turns it around, as the C program does;
   * `input` if left out.
   */
  readonly equalTimes?: "input" | "reversed";
  /**
   * Whether events may have times above 2^53 - 1, which only
   * `TrailWriter.addExact` takes; false if left out. It costs memory for each
   * event. A file with such times gets no additions.
   */
  readonly exactTimes?: boolean;
  /**
   * Whether the codec takes times above those that its capabilities state,
   * 2^47 - 2, as `createTrailStore` does: they fit where no step between two
   * events is too large, which is known, and refused, only at the end; false
   * if left out.
   */
  readonly lateTimes?: boolean;
}

/** Options with all defaults filled in. */
export interface CompleteOptions {
  /** Whether pairs get codes. */
  readonly bigrams: boolean;
  /** Whether our members are added. */
  readonly additions: boolean;
  /** Whether equal times are turned around. */
  readonly reversed: boolean;
  /** Whether times may be above 2^53 - 1. */
  readonly exactTimes: boolean;
}

/**
 * Checks options and fills in what was left out.
 *
 * @param options As the caller gave them.
 * @throws {CairnError} `invalid-input` for a value that an option cannot have.
 */
export function completeOptions(options: TrailCreateOptions): CompleteOptions {
  const { equalTimes = "input", memoryBytes } = options;
  if (equalTimes !== "input" && equalTimes !== "reversed") {
    throw badOption("equalTimes", equalTimes, '"input" or "reversed"');
  }
  if (memoryBytes !== undefined && !(memoryBytes >= 0)) {
    throw badOption("memoryBytes", memoryBytes, "a number of bytes");
  }
  flag(options, "lateTimes", false);
  return {
    bigrams: flag(options, "bigrams", true),
    additions: flag(options, "additions", true),
    reversed: equalTimes === "reversed",
    exactTimes: flag(options, "exactTimes", false),
  };
}

function flag(
  options: TrailCreateOptions,
  name: "bigrams" | "additions" | "exactTimes" | "lateTimes",
  otherwise: boolean,
): boolean {
  const value: unknown = options[name] ?? otherwise;
  if (typeof value !== "boolean") throw badOption(name, value, "a boolean");
  return value;
}

function badOption(name: string, value: unknown, wanted: string): CairnError {
  return new CairnError(
    "invalid-input",
    `Cannot create store: option "${name}" is ${
      String(value)
    }, ${wanted} wanted`,
    { reason: "option" },
  );
}
