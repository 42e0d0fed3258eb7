/**
 * Appends to a stream, printing what was confirmed, and kills itself.
 * Arguments: path, sync ("each", "none" or milliseconds), step.
 * Steps: "append" kills after a number of events, with others on their way;
 * "seal" kills inside the sealing, before the call whose number is given;
 * "cut" kills inside a write, after half of its bytes.
 */
import { lockStream } from "../_stream_lock.ts";
import { openStreamFile, type StreamFile } from "../_stream_file.ts";
import { openStreamWriter } from "../create_stream.ts";

const [path, sync, step, number] = Deno.args as [
  string,
  string,
  string,
  string,
];
const encoder = new TextEncoder();
const die = () => Deno.kill(Deno.pid, "SIGKILL");

let armed = false;
let calls = 0;
const real = await openStreamFile(path, "write");
const file: StreamFile = {
  name: real.name,
  size: () => real.size(),
  read: (...range) => real.read(...range),
  sync: async () => {
    if (armed && step === "seal" && calls++ === Number(number)) die();
    await real.sync();
  },
  truncate: (length) => real.truncate(length),
  close: () => real.close(),
  write: async (bytes, offset) => {
    if (armed && step === "seal" && calls++ === Number(number)) die();
    if (armed && step === "cut") {
      await real.write(bytes.subarray(0, bytes.length >> 1), offset);
      die();
    }
    return await real.write(bytes, offset);
  },
};
const lock = await lockStream(path);
const writer = await openStreamWriter(file, lock, {
  sync: sync === "each" || sync === "none"
    ? sync
    : { intervalMs: Number(sync) },
});
const append = (text: string) =>
  writer.append(encoder.encode(text), { writer: "killed", text });
for (let i = 0; i < 10; i++) {
  await append(`${i}`);
  console.log(`${i}`);
}
armed = true;
if (step === "seal") {
  await writer.seal();
  await writer.close();
  console.log("sealed");
} else {
  const late = Array.from({ length: 5 }, (_, i) => append(`late ${i}`));
  if (step === "cut") await Promise.all(late);
  die();
}
