/**
 * What the codec understands when it writes.
 *
 * @module
 */
import type { CreateOptions } from "@cairn/core";
import type { EsdbLayout } from "./esdb_writer.ts";

/** How to write a store of fields. */
export interface EsdbCreateOptions extends CreateOptions {
  /** Name of the field whose values are the groupings; none if left out. */
  readonly grouping?: string;
  /** Names of the fields that get a secondary index; none if left out. */
  readonly indexed?: readonly string[];
  /** How blocks lie in the file; `right-answers` if left out. */
  readonly layout?: EsdbLayout;
  /**
   * Whether a store of the one field `data` may have events without data,
   * behind which Go reads nothing; false if left out.
   */
  readonly emptyData?: boolean;
}
