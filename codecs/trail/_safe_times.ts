/**
 * What the contracts ask of times.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import type { TrailFile } from "./trail_file.ts";

/**
 * Fails where the file has times that the contracts cannot hold.
 *
 * @param file The file.
 * @throws {CairnError} `unsupported`.
 */
export function assertSafeTimes(file: TrailFile): void {
  const { events, maxTime } = file.info;
  if (events > 0 && maxTime > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new CairnError(
      "unsupported",
      `Cannot serve times up to ${maxTime}: at most 2^53 - 1 wanted; a cursor of the codec reads them`,
      { where: { file: file.name, part: "info" }, reason: "time-range" },
    );
  }
}
