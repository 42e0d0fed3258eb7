/**
 * What a process costs: time and peak memory.
 *
 * @module
 */
import { readFile } from "node:fs/promises";

/** What a process took. */
export interface ProcessCost {
  /** From its start to its end. */
  readonly seconds: number;
  /** Largest resident memory, where the system tells. */
  readonly peakMib: number | undefined;
}

/** How often memory is looked at: the peak is kept by the system. */
const LOOK_MILLISECONDS = 10;

/**
 * Runs a program whose output is thrown away.
 *
 * @param args The program and its arguments.
 * @returns `undefined` when there is no such program.
 * @throws {Error} When it fails.
 */
export async function measureProcess(
  args: readonly string[],
): Promise<ProcessCost | undefined> {
  const start = performance.now();
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(args[0]!, {
      args: args.slice(1),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  let peakMib: number | undefined;
  const timer = setInterval(async () => {
    peakMib = await peakMemory(child.pid) ?? peakMib;
  }, LOOK_MILLISECONDS);
  const { success, stderr } = await child.output();
  const seconds = (performance.now() - start) / 1000;
  clearInterval(timer);
  if (!success) {
    throw new Error(
      `${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`,
    );
  }
  return { seconds, peakMib };
}

async function peakMemory(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const match = /VmHWM:\s+(\d+) kB/.exec(status);
  return match === null ? undefined : Number(match[1]) / 1024;
}
