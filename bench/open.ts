/**
 * What opening costs: the same for a small store and a large one.
 *
 * `deno run -A bench/open.ts [--codec esdb] [--small 1000000] [--large 1000000000]`
 * writes two stores of about so many bytes into a temporary folder and opens
 * each in a process of its own: time until the first trail is found, bytes
 * read, and memory above that of a process that opens nothing.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { createSchema, encodeText, packSpans, type Source } from "@cairn/core";
import { createFile, openFile } from "@cairn/core/file";
import { CODECS } from "../tools/fuzz/codecs.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    codec: { type: "string", default: "esdb" },
    small: { type: "string", default: "1000000" },
    large: { type: "string", default: "1000000000" },
  },
});
const codec = CODECS.get(values.codec)!;
const KEY = encodeText("key-0000000000-0");

if (import.meta.main) {
  if (positionals[0] === "open") {
    console.log(JSON.stringify(await measure(positionals[1])));
  } else await compare();
}

async function compare(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "cairn-bench-" });
  try {
    const rows: Record<string, Record<string, string>> = {};
    const nothing = await child();
    for (const size of ["small", "large"] as const) {
      const path = `${folder}/${size}${codec.extensions[0]}`;
      const bytes = await write(path, Number(values[size]));
      const runs = [];
      for (let i = 0; i < 5; i++) runs.push(await child(path));
      const best = runs.toSorted((a, b) => a.milliseconds - b.milliseconds)[0]!;
      rows[size] = {
        "store (bytes)": String(bytes),
        "open and find (ms)": best.milliseconds.toFixed(1),
        "bytes read": String(best.bytesRead),
        "reads": String(best.reads),
        "memory (MiB)": Math.max(0, best.memory - nothing.memory).toFixed(1),
      };
    }
    console.table(rows);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Random payloads, so that no codec can make the store small. */
async function write(path: string, wanted: number): Promise<number> {
  const schema = createSchema(["data"]);
  const payload = 8000;
  const perBatch = 500;
  await using writer = await codec.create(await createFile(path), schema);
  const bytes = new Uint8Array(perBatch * payload);
  const starts = Uint32Array.from({ length: perBatch }, (_, i) => i * payload);
  const ends = starts.map((start) => start + payload);
  for (let batch = 0; batch * perBatch * payload < wanted; batch++) {
    for (let at = 0; at < bytes.length; at += 65_536) {
      crypto.getRandomValues(
        bytes.subarray(at, Math.min(bytes.length, at + 65_536)),
      );
    }
    const trail = String(batch).padStart(10, "0");
    const keys = Array.from(
      { length: perBatch },
      (_, i) => encodeText(`key-${trail}-${i % 10}`),
    );
    await writer.addBatch({
      count: perBatch,
      trailKeys: packSpans(keys),
      timestamps: Float64Array.from({ length: perBatch }, (_, i) => i),
      columns: [{ bytes, starts, ends }],
    });
  }
  return (await writer.finish()).byteLength;
}

interface Cost {
  readonly milliseconds: number;
  readonly bytesRead: number;
  readonly reads: number;
  readonly memory: number;
}

async function child(path?: string): Promise<Cost> {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      import.meta.filename!,
      "--codec",
      values.codec,
      "open",
      ...path ? [path] : [],
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function measure(path: string | undefined): Promise<Cost> {
  let [bytesRead, reads, milliseconds] = [0, 0, 0];
  if (path !== undefined) {
    const began = performance.now();
    const file = await openFile(path);
    const counting: Source = {
      name: file.name,
      size: file.size,
      read(offset, length, options) {
        bytesRead += length;
        reads++;
        return file.read(offset, length, options);
      },
      close: () => file.close(),
      [Symbol.asyncDispose]: () => file.close(),
    };
    const store = await codec.open(counting);
    if (await store.find(KEY) === undefined) {
      throw new Error("The first trail is not found");
    }
    milliseconds = performance.now() - began;
    await store.close();
  }
  return {
    milliseconds,
    bytesRead,
    reads,
    memory: Deno.memoryUsage().rss / 2 ** 20,
  };
}
