/**
 * Saying what is wrong with trails that the kernel refused.
 *
 * @module
 */
import { type DecodeModel, EventDecoder } from "../event_decoder.ts";
import { corruptMember } from "../trail_members.ts";
import type { TrailExtent } from "./trail_scanner.ts";

/**
 * Decodes trails again with every check, and throws what it finds.
 *
 * @param model The file's.
 * @param extent The trails, one of which is damaged.
 * @param timeSpan Largest time less smallest, as `info` states.
 * @throws {CairnError} `corrupt`.
 */
export function explainDamage(
  model: DecodeModel,
  extent: TrailExtent,
  timeSpan: number,
): never {
  const decoder = new EventDecoder(model);
  for (let i = 0; i < extent.ordinals.length; i++) {
    const start = extent.starts[i]!;
    decoder.load(
      extent.bytes.subarray(start),
      extent.ends[i]! - start,
      extent.offset + start,
    );
    while (decoder.next()) {
      if (decoder.sinceMinTime <= timeSpan) continue;
      throw corruptMember(
        model.data,
        `Cannot decode trail: time ${decoder.time}, above the largest that info states`,
        extent.offset + start,
      );
    }
  }
  throw new Error(
    "Broken invariant: what the kernel refuses, the decoder refuses too",
  );
}
