/**
 * A signal that knows who listens.
 *
 * @module
 */

/** A signal that is never aborted, and the number of its listeners. */
export interface WatchedSignal {
  /** The signal. */
  readonly signal: AbortSignal;
  /** Listeners that were added and not removed. */
  listeners(): number;
}

/** Makes a signal that counts its listeners. */
export function watchSignal(): WatchedSignal {
  const { signal } = new AbortController();
  const listening = new Map<unknown, number>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  return {
    signal: Object.assign(signal, {
      addEventListener(
        type: "abort",
        listener: EventListener,
        options?: AddEventListenerOptions,
      ) {
        listening.set(listener, 1);
        add(type, listener, options);
      },
      removeEventListener(type: "abort", listener: EventListener) {
        listening.delete(listener);
        remove(type, listener);
      },
    }),
    listeners: () => listening.size,
  };
}
