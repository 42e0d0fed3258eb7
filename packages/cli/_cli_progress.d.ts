/**
 * The part of `cli-progress` that is used here. Its types come as a package
 * of their own, which would bring all types of Node into every file.
 *
 * @module
 */

/** What the bar writes to. */
export interface BarStream {
  /** Whether it is a terminal. */
  readonly isTTY: boolean;
  /** Its width in characters. */
  readonly columns: number;
  /** Takes text with control sequences. */
  write(text: string): boolean;
}

/** How a bar looks. */
export interface BarOptions {
  /** Where it is drawn. */
  readonly stream: BarStream;
  /** Its text, with `{bar}` and names of facts. */
  readonly format: string;
  /** What stands for the part done. */
  readonly barCompleteChar: string;
  /** What stands for the rest. */
  readonly barIncompleteChar: string;
  /** Characters of the bar. */
  readonly barsize: number;
  /** Times it is drawn in a second, at most. */
  readonly fps: number;
  /** Whether the cursor is hidden meanwhile. */
  readonly hideCursor: boolean;
  /** Whether it goes away when stopped. */
  readonly clearOnComplete: boolean;
  /** Whether the library listens for signals. */
  readonly gracefulExit: boolean;
  /** Whether a total of 0 means nothing done. */
  readonly emptyOnZero: boolean;
}

/** A bar. */
export class SingleBar {
  /** Makes a bar, not drawn yet. */
  constructor(options: BarOptions);
  /** Draws it. */
  start(total: number, value: number, facts: Record<string, string>): void;
  /** Takes note; draws when it is time. */
  update(value: number, facts: Record<string, string>): void;
  /** Ends it. */
  stop(): void;
}

declare const cliProgress: { readonly SingleBar: typeof SingleBar };
export default cliProgress;
