/**
 * Errors for damage, with the place.
 *
 * @module
 */
import { type ByteReaderPlace, CairnError } from "@cairn/core";

/**
 * Makes the error for damage.
 *
 * @param place Where the bytes lie that are looked at.
 * @param position Of the damage, from the first of these bytes.
 * @param detail What is wrong.
 * @param reason A finer word, if there is one.
 */
export function corruptAt(
  place: ByteReaderPlace,
  position: number,
  detail: string,
  reason?: string,
): CairnError {
  return new CairnError("corrupt", detail, {
    where: { ...place, offset: (place.offset ?? 0) + position },
    ...(reason === undefined ? {} : { reason }),
  });
}
