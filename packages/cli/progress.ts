/**
 * The progress bar on a terminal.
 *
 * @module
 */
// @deno-types="./_cli_progress.d.ts"
import cliProgress, { type BarStream, type SingleBar } from "cli-progress";
import { encodeText } from "@cairn/core";
import type { CommandOutput } from "./command_io.ts";
import { formatByteSize, formatCount } from "./text/byte_size.ts";

/** How far some work has come. */
export interface ProgressState {
  /** Bytes of input read. */
  readonly bytesRead: number;
  /** Bytes of input in all; `undefined` when nobody knows. */
  readonly bytesTotal: number | undefined;
  /** Events taken. */
  readonly events: number;
}

/** Shows how far some work has come, as far as someone looks. */
export interface Progress {
  /** Takes note. Cheap: it draws a few times a second. */
  update(state: ProgressState): void;
  /** Says what goes on when all input has been read. */
  phase(text: string): void;
  /** Takes the bar away. May be called twice. */
  stop(): void;
}

const SILENT: Progress = { update() {}, phase() {}, stop() {} };

/**
 * Begins to show progress: a bar when the output is a terminal, nothing else.
 *
 * @param output Where to.
 * @param now Milliseconds from any moment on.
 */
export function startProgress(
  output: CommandOutput,
  now: () => number = () => performance.now(),
): Progress {
  return output.isTerminal ? new Bar(output, now) : SILENT;
}

class Bar implements Progress {
  readonly #bar: SingleBar;
  readonly #now: () => number;
  readonly #start: number;
  #stopped = false;

  constructor(output: CommandOutput, now: () => number) {
    this.#now = now;
    this.#start = now();
    this.#bar = new cliProgress.SingleBar({
      stream: terminal(output),
      format: "{bar} {facts}",
      barCompleteChar: "#",
      barIncompleteChar: "-",
      barsize: 24,
      fps: 5,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      emptyOnZero: true,
    });
    this.#bar.start(1000, 0, { facts: "" });
  }

  update(state: ProgressState): void {
    if (this.#stopped) return;
    const seconds = (this.#now() - this.#start) / 1000;
    const { share, facts } = describeProgress(state, seconds);
    this.#bar.update(Math.floor(1000 * share), { facts });
  }

  phase(text: string): void {
    if (!this.#stopped) this.#bar.update(1000, { facts: text });
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#bar.stop();
  }
}

/**
 * Puts progress in words.
 *
 * @param state How far.
 * @param seconds Since the beginning.
 * @returns The share done, 0 to 1, and the words.
 */
export function describeProgress(
  { bytesRead, bytesTotal, events }: ProgressState,
  seconds: number,
): { readonly share: number; readonly facts: string } {
  const rate = seconds > 0 ? events / seconds : 0;
  const words = [
    bytesTotal === undefined
      ? formatByteSize(bytesRead)
      : `${formatByteSize(bytesRead)} of ${formatByteSize(bytesTotal)}`,
    `${formatCount(events)} events`,
    `${formatCount(Math.round(rate))}/s`,
  ];
  let share = 0;
  if (bytesTotal !== undefined && bytesTotal > 0) {
    share = Math.min(1, bytesRead / bytesTotal);
    // Before that, the estimate jumps about.
    if (share > 0.01 && seconds > 1) {
      words.push(`${formatSeconds(seconds * (1 - share) / share)} left`);
    }
  }
  return { share, facts: words.join(", ") };
}

/** Writes a duration for people. @param seconds 0 or more. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
}

/** What the library needs of a stream. */
function terminal(output: CommandOutput): BarStream {
  return {
    isTTY: true,
    columns: output.columns ?? 80,
    write(text: string): boolean {
      // A bar that cannot be drawn is no reason to stop.
      output.write(encodeText(text)).catch(() => {});
      return true;
    },
  };
}
