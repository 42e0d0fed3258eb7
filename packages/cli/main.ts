/**
 * The command `cairn`: runs it in this process.
 *
 * @module
 */
import process from "node:process";
import { processIo } from "./process_io.ts";
import { runCairn } from "./run.ts";

if (import.meta.main) {
  const interrupted = new AbortController();
  let signals = 0;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      // The second one means it: what is unfinished has no name yet anyway.
      if (++signals > 1) process.exit(130);
      interrupted.abort(new Error(`${name} received`));
    });
  }
  const code = await runCairn(
    process.argv.slice(2),
    processIo(interrupted.signal),
  );
  process.exit(interrupted.signal.aborted ? 130 : code);
}
