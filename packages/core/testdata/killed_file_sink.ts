/**
 * Writes a file and kills itself before the step whose number is given.
 * Arguments: path, step, "replace" or "new". Ends well when there are fewer
 * steps, and prints how many there were.
 */
import { faultyFileSystem } from "./faulty_file_system.ts";
import { createFileIn } from "../file_sink.ts";

const [path, last, how] = Deno.args as [string, string, string];
let steps = 0;
const system = faultyFileSystem({
  pieceBytes: 300_000,
  before: (_, ordinal) => {
    steps++;
    if (ordinal === Number(last)) Deno.kill(Deno.pid, "SIGKILL");
  },
});
const sink = await createFileIn(system, path, { replace: how === "replace" });
await sink.write(new Uint8Array(400_000).fill(1));
await sink.write(new Uint8Array(100_000).fill(2));
await sink.finish();
console.log(steps);
