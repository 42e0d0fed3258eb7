/**
 * What `verify` reports.
 *
 * @module
 */
import type { ErrorPlace } from "./errors.ts";

/** One thing that `verify` found. */
export interface Finding {
  /** `corrupt`: damage. `note`: unusual, but legal; answers are right. */
  readonly severity: "corrupt" | "note";
  /** What it is, in a sentence. */
  readonly detail: string;
  /** Where it is. */
  readonly where: ErrorPlace;
}
