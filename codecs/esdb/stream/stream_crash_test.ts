import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, decodeText, encodeText } from "@cairn/core";
import { openFile } from "@cairn/core/file";
import { createStream, openStream, reopenStream } from "@cairn/esdb/stream";
import { fromFileUrl, withFolder } from "./testdata/folder.ts";
import { eventsOf, findingsOf, scanTexts } from "./testdata/read_stream.ts";

const CONFIRMED = Array.from({ length: 10 }, (_, i) => `${i}`);
const SCRIPT = fromFileUrl(
  new URL("testdata/killed_stream_writer.ts", import.meta.url),
);

/** Runs the writer that kills itself; gives what it had confirmed. */
async function runKilled(...args: string[]): Promise<string[]> {
  const { stdout, signal, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--no-check", SCRIPT, ...args],
    stderr: "inherit",
  }).output();
  assert(success || signal === "SIGKILL");
  const lines = decodeText(stdout)!.split("\n");
  return lines.filter((line) => line !== "");
}

async function textsOf(path: string): Promise<string[]> {
  await using stream = await openStream(await openFile(path));
  return (await eventsOf(stream.scan()))
    .map((event) => decodeText(event.data)!);
}

for (const sync of ["each", "5", "none"]) {
  Deno.test(`a killed writer loses nothing confirmed (sync ${sync})`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/a`;
      await (await createStream(path)).close();
      const confirmed = await runKilled(path, sync, "append");
      assertEquals(confirmed, CONFIRMED);
      // The lock went with the process.
      await using writer = await reopenStream(path);
      const texts = await textsOf(path);
      assertEquals(texts.slice(0, 10), CONFIRMED);
      await writer.append(encodeText("next"), { writer: "next" });
      await writer.seal();
      assertEquals(await textsOf(path), [...texts, "next"]);
    }));
}

Deno.test("a second writing process is refused, and changes nothing", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    await using writer = await createStream(path);
    await writer.append(encodeText("mine"), { k: "v" });
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-lock",
        "--no-check",
        SCRIPT,
        path,
        "each",
        "cut",
      ],
    }).output();
    assertEquals(code, 1);
    assert(decodeText(stderr)!.includes("another writer has it open"));
    await writer.append(encodeText("mine too"), { k: "v" });
    assertEquals(await textsOf(path), ["mine", "mine too"]);
  }));

Deno.test("a writer killed inside a write leaves whole events, and a cut one to cut off", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    await (await createStream(path)).close();
    assertEquals(await runKilled(path, "none", "cut"), CONFIRMED);
    const before = await textsOf(path);
    assertEquals(before.slice(0, 10), CONFIRMED);
    await using writer = await reopenStream(path);
    assertEquals(writer.recovered!.reason, "cut");
    await writer.append(encodeText("next"), { writer: "killed" });
    const texts = [...before, "next"];
    assertEquals(await textsOf(path), texts);
    assertEquals(
      await scanTexts(writer, "writer", "killed"),
      texts.toReversed(),
    );
  }));

Deno.test("a writer killed inside seal() leaves all events, open or closed", () =>
  withFolder(async (folder) => {
    for (let step = 0;; step++) {
      const path = `${folder}/${step}`;
      await (await createStream(path)).close();
      const lines = await runKilled(path, "each", "seal", `${step}`);
      assertEquals(lines.slice(0, 10), CONFIRMED);
      assertEquals(await textsOf(path), CONFIRMED);
      await using stream = await openStream(await openFile(path));
      const corrupt = (await findingsOf(stream.verify()))
        .filter((finding) => finding.startsWith("corrupt"));
      assertEquals(corrupt, []);
      if (lines.at(-1) === "sealed") {
        assert(stream.closed && step > 2);
        break;
      }
      if (stream.closed) {
        const error = await assertRejects(() => reopenStream(path), CairnError);
        assertEquals(error.code, "immutable");
        continue;
      }
      await using writer = await reopenStream(path);
      await writer.seal();
      assertEquals(await textsOf(path), CONFIRMED);
    }
  }));
