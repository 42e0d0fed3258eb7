/**
 * How many kernels are in use.
 *
 * @module
 */

/**
 * Kernels at a time, in all stores together. Each reserves gigabytes of
 * addresses, of which a process has enough for about a hundred; who comes when
 * all are taken goes the plain way.
 */
const KERNELS_MAX = 16;

let held = 0;
/** Gives back the kernels of those who are forgotten in the middle. */
const forgotten = new FinalizationRegistry<() => void>((release) => release());

/** Tells whether there may be one more. */
export function mayHoldKernel(): boolean {
  return held < KERNELS_MAX;
}

/** Counts a kernel. @param holder Who has it. @returns What gives it back. */
export function holdKernel(holder: object): () => void {
  let isHeld = true;
  held++;
  const release = (): void => {
    if (isHeld) held--;
    isHeld = false;
  };
  forgotten.register(holder, release);
  return release;
}
