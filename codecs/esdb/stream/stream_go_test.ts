import { assertEquals } from "@std/assert";
import { decodeText, encodeText, MemorySink, MemorySource } from "@cairn/core";
import { openFile } from "@cairn/core/file";
import {
  BlockStreamReader,
  BlockStreamWriter,
  createClosedStream,
  createStream,
  openStream,
  reopenStream,
  splitStreamKey,
} from "@cairn/esdb/stream";
import { withFolder } from "./testdata/folder.ts";
import { GOLDEN_STREAMS, goldenInput } from "./testdata/golden_stream.ts";
import { eventsOf, findingsOf } from "./testdata/read_stream.ts";

/**
 * A program over the Go library, named by CAIRN_GO_ESDB:
 * `stream-cat FILE` prints an event a line, as JSON with `data` and `indexes`
 * (pairs of name and value by name), all in base64;
 * `stream-scan FILE NAME VALUE` prints the data of a key's events in base64,
 * newest first;
 * `stream-append FILE [close]` appends events from lines of JSON with `Data`
 * in base64 and `Indexes` (name to value), and closes the stream if told to;
 * `blocks-pack SIZE` and `blocks-unpack SIZE` make a block stream of bytes, and
 * bytes of a block stream.
 */
const GO = Deno.env.get("CAIRN_GO_ESDB");

/** Runs the program; gives what it prints. */
async function pipeGo(
  input: Uint8Array,
  ...args: string[]
): Promise<Uint8Array> {
  const child = new Deno.Command(GO!, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const stdin = child.stdin.getWriter();
  await stdin.write(input);
  await stdin.close();
  const { stdout, stderr, success } = await output;
  if (!success) throw new Error(decodeText(stderr));
  return stdout;
}

async function runGo(input: string, ...args: string[]): Promise<string[]> {
  const text = decodeText(await pipeGo(encodeText(input), ...args))!;
  return text.split("\n").filter((line) => line !== "");
}

/** Runs a test with the Go program, and says so where there is none. */
function withGo(
  run: (folder: string) => Promise<void>,
): Promise<void> {
  if (GO === undefined) {
    console.warn("Go ESDB: CAIRN_GO_ESDB names no program");
    return Promise.resolve();
  }
  return withFolder(run);
}

/** What `stream-cat` prints for our reading of a file. */
async function catOurs(path: string): Promise<string[]> {
  await using stream = await openStream(await openFile(path));
  return (await eventsOf(stream.scan())).map(({ data, keys }) => {
    const indexes = keys.map(({ key }) => splitStreamKey(key))
      .map(({ name, value }) => [name.toBase64(), value.toBase64()])
      .sort((a, b) => atob(a[0]!) < atob(b[0]!) ? -1 : 1);
    return JSON.stringify({ data: data.toBase64(), indexes });
  });
}

Deno.test("Go reads the streams that we write, open and closed", () =>
  withGo(async (folder) => {
    for (const name of GOLDEN_STREAMS) {
      // Go cannot open this one at all, and panics or loses keys in those.
      if (name === "stream-lookalike" || name === "stream-names") continue;
      if (name === "stream-merge4") continue;
      const events = await goldenInput(
        name === "stream-merge" ? "stream-open" : name,
      );
      for (const closed of [false, true]) {
        const path = `${folder}/${name}-${closed}`;
        {
          await using writer = await createStream(path, { sync: "none" });
          for (const { data, indexes } of events) {
            await writer.append(data, indexes);
          }
          if (closed) await writer.seal();
        }
        assertEquals(await runGo("", "stream-cat", path), await catOurs(path));
      }
    }
  }));

Deno.test("Go scans the indexes that we write", () =>
  withGo(async (folder) => {
    const path = `${folder}/a`;
    const sink = new MemorySink();
    await using writer = createClosedStream(sink);
    const wanted: Uint8Array[] = [];
    for (let i = 0; i < 5_000; i++) {
      const data = encodeText(`event ${i}`);
      await writer.append(data, { type: `${i % 7}`, user: `${i % 1_000}` });
      if (i % 7 === 3) wanted.unshift(data);
    }
    await writer.finish();
    Deno.writeFileSync(path, sink.bytes());
    const lines = await runGo("", "stream-scan", path, "type", "3");
    assertEquals(lines, wanted.map((data) => data.toBase64()));
    const none = await runGo("", "stream-scan", path, "type", "9");
    assertEquals(none, []);
  }));

Deno.test("Go reads closed streams with checksums, and does not see them", () =>
  withGo(async (folder) => {
    const path = `${folder}/a`;
    {
      await using writer = await createStream(path, { sync: "none" });
      for (let i = 0; i < 2_000; i++) {
        await writer.append(encodeText(`event ${i}`), { type: `${i % 7}` });
      }
      await writer.seal({ checksums: true });
    }
    assertEquals(await runGo("", "stream-cat", path), await catOurs(path));
    const lines = await runGo("", "stream-scan", path, "type", "3");
    assertEquals(lines.length, 286);
  }));

Deno.test("Go and we append to one stream in turns", () =>
  withGo(async (folder) => {
    const path = `${folder}/a`;
    const line = (text: string) =>
      JSON.stringify({ Data: btoa(text), Indexes: { k: "v", own: text } });
    for (let round = 0; round < 4; round++) {
      if (round % 2 === 1) {
        await runGo(`${line(`go ${round}`)}\n`, "stream-append", path);
        continue;
      }
      await using writer = round === 0
        ? await createStream(path)
        : await reopenStream(path);
      const text = `ours ${round}`;
      await writer.append(encodeText(text), { k: "v", own: text });
    }
    await runGo(`${line("last")}\n`, "stream-append", path, "close");
    await using stream = await openStream(await openFile(path));
    assertEquals(stream.closed, true);
    assertEquals(await findingsOf(stream.verify()), []);
    const newest = await eventsOf(stream.scanIndex("k", "v"));
    assertEquals(
      newest.map((event) => decodeText(event.data)),
      ["last", "go 3", "ours 2", "go 1", "ours 0"],
    );
  }));

Deno.test("Go closes a stream into the bytes that we close it into", () =>
  withGo(async (folder) => {
    // One key an event, so that Go's order of keys is no matter.
    const [ours, go] = [`${folder}/ours`, `${folder}/go`];
    let lines = "";
    await using writer = await createStream(ours, { sync: "none" });
    for (let i = 0; i < 3_000; i++) {
      const value = `${(i * i) % 701}`;
      await writer.append(encodeText(`${i}`), { key: value });
      lines += `${
        JSON.stringify({ Data: btoa(`${i}`), Indexes: { key: value } })
      }\n`;
    }
    await writer.seal();
    await runGo(lines, "stream-append", go, "close");
    assertEquals(Deno.readFileSync(ours), Deno.readFileSync(go));
  }));

Deno.test("Go and we pack block streams of any block size alike", () =>
  withGo(async () => {
    const content = new Uint8Array(300_000);
    // Noise, repeats and zeros, so that blocks of all kinds come up.
    for (let i = 0; i < 200_000; i++) {
      content[i] = i % 5_000 < 2_000 ? (i * i) >> 7 : i >> 4;
    }
    for (const blockBytes of [1, 16, 17, 100, 4096, 65_535, 65_536, 131_072]) {
      const length = blockBytes < 100 ? 2_000 : content.length;
      const part = content.subarray(0, length);
      const sink = new MemorySink();
      const writer = new BlockStreamWriter((bytes) => sink.write(bytes), {
        blockBytes,
      });
      await writer.write(part);
      await writer.flush();
      await sink.finish();
      const packed = await pipeGo(part, "blocks-pack", `${blockBytes}`);
      assertEquals(sink.bytes(), packed);
      const unpacked = await pipeGo(packed, "blocks-unpack", `${blockBytes}`);
      assertEquals(unpacked.length, length);
      await using reader = new BlockStreamReader(new MemorySource(packed), {
        blockBytes,
      });
      assertEquals(await reader.read(length + 1), part);
    }
  }));
