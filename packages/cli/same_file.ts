/**
 * Whether two paths name one file.
 *
 * @module
 */
import { stat } from "node:fs/promises";

/**
 * Tells whether two paths lead to one file or folder, by links or not.
 *
 * @param one A path.
 * @param other Another.
 * @returns False also where one of them names nothing, or a remote file.
 */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [one, other].map((path) =>
      stat(path, { bigint: true }).catch(() => undefined)
    ),
  );
  return a !== undefined && b !== undefined && a.dev === b.dev &&
    a.ino === b.ino;
}
