/**
 * What the benches ask of a clickstream in a `.tdb`.
 *
 * @module
 */
import { equal, Filter, type ScanOptions } from "@cairn/core";

const filter = new Filter([
  [equal("type", "purchase")],
  [equal("page", "/p/0"), equal("page", "/p/1")],
]);
const clicks = new Filter([[equal("type", "click")]]);
const terms = ["type=purchase", "&", "page=/p/0", "page=/p/1"];

/** A name, how it is asked of us, and the words that ask it of C. */
export const TRAIL_QUESTIONS: readonly [
  string,
  ScanOptions,
  readonly string[],
][] = [
  ["decode all to columns", {}, []],
  ["decode two fields", { fields: ["type", "page"] }, []],
  ["filter, all fields", { filter }, terms],
  ["filter, times alone", { filter, fields: [] }, terms],
  ["filter that many pass", { filter: clicks }, ["type=click"]],
];
