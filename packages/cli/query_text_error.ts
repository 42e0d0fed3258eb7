/**
 * The error of a query, with the query.
 *
 * @module
 */
import type { CairnError } from "@cairn/core";

/** An error together with the query it is about. */
export class QueryTextError extends Error {
  /** The query with a mark. */
  readonly marked: string;
  /** Makes an error. @param error What is wrong. @param marked The query. */
  constructor(error: CairnError, marked: string) {
    super(error.message, { cause: error });
    this.name = "QueryTextError";
    this.marked = marked;
  }
}
