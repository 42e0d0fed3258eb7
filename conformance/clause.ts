/**
 * What a clause of the contracts is to the suite.
 *
 * @module
 */
import type { Capabilities } from "@cairn/core";
import type { Workbench } from "./workbench.ts";

/** A part of the contracts. */
export type Contract =
  | "codec"
  | "writer"
  | "store"
  | "scan"
  | "index"
  | "verify"
  | "faults"
  | "leaks"
  | "hostile"
  | "source"
  | "sink";

/** One clause of `docs/contracts.md` and its test. */
export interface Clause {
  /** Its id, as in the document: contract, dot, words with hyphens. */
  readonly id: `${Contract}.${string}`;
  /** What must hold, in a sentence. */
  readonly text: string;
  /**
   * Why a codec with these capabilities need not keep it; `undefined` when it
   * must. Left out: every codec must.
   */
  readonly excuse?: (capabilities: Capabilities) => string | undefined;
  /** Fails with an assertion error when the codec breaks the clause. */
  readonly run: (bench: Workbench) => Promise<void>;
}
