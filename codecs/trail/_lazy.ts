/**
 * What is loaded at most once.
 *
 * @module
 */

/** Loads a value when it is first asked for; a failure is not kept. */
export class Lazy<Value> {
  readonly #load: () => Promise<Value>;
  #value: Promise<Value> | undefined;

  /** Makes an empty cell. @param load Loads the value. */
  constructor(load: () => Promise<Value>) {
    this.#load = load;
  }

  /** Gets the value, loading it if need be. */
  get(): Promise<Value> {
    if (this.#value === undefined) {
      const value = this.#load();
      this.#value = value;
      value.catch(() => {
        if (this.#value === value) this.#value = undefined;
      });
    }
    return this.#value;
  }
}
