/**
 * Time for what is under way to show itself.
 *
 * @module
 */

/** Lets the event loop turn. @param turns How often. */
export async function someTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
