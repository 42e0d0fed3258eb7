/**
 * One thing after the other.
 *
 * @module
 */

/** Runs tasks in the order given, each when the one before has ended. */
export class TaskQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task; its failure is its caller's alone. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }
}
