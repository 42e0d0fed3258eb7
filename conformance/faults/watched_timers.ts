/**
 * Timers under watch.
 *
 * @module
 */

/** How many timers are set, and the way back. */
export interface WatchedTimers {
  /** Timers that were set since, and have neither fired nor been cleared. */
  left(): number;
  /** Puts the plain functions back. */
  restore(): void;
}

/** Watches the timers that anybody in this realm sets, until `restore`. */
export function watchTimers(): WatchedTimers {
  const plain = { setTimeout, clearTimeout, setInterval, clearInterval };
  const running = new Set<unknown>();
  const watched = {
    setTimeout: (run: () => void, ms?: number, ...rest: unknown[]) => {
      const id = plain.setTimeout(() => {
        running.delete(id);
        (run as (...rest: unknown[]) => void)(...rest);
      }, ms);
      running.add(id);
      return id;
    },
    setInterval: (run: () => void, ms?: number, ...rest: unknown[]) => {
      const id = plain.setInterval(
        () => (run as (...rest: unknown[]) => void)(...rest),
        ms,
      );
      running.add(id);
      return id;
    },
    clearTimeout: (id?: number) => {
      running.delete(id);
      plain.clearTimeout(id);
    },
    clearInterval: (id?: number) => {
      running.delete(id);
      plain.clearInterval(id);
    },
  };
  Object.assign(globalThis, watched);
  return {
    left: () => running.size,
    restore: () => void Object.assign(globalThis, plain),
  };
}
