/**
 * How TrailDBs are opened by path.
 *
 * @module
 */
import type { OpenOptions } from "@cairn/core";
import type { ScanWorkers } from "./scan/scan_workers.ts";

/** How to open a TrailDB by path. */
export interface TrailPathOptions extends OpenOptions {
  /**
   * The item index: a path, `"find"` to use the one beside the TrailDB if it is
   * there, or `"none"`; `"none"` if left out.
   */
  readonly index?: "find" | "none" | { readonly path: string };
  /** Whether to decode in TypeScript alone; not if left out. */
  readonly reference?: boolean;
  /**
   * Threads that large scans are spread over: how many, which the store then
   * starts and ends, or workers of the caller, who closes them. None if left
   * out: scans stay on the caller's thread.
   */
  readonly workers?: number | ScanWorkers;
}
