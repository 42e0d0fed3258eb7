import { assertEquals, assertRejects } from "@std/assert";
import { CairnError, concatBytes, decodeText, encodeText } from "@cairn/core";
import {
  createStream,
  followStream,
  type FollowStreamOptions,
  type StreamBatch,
} from "@cairn/esdb/stream";
import { withFolder } from "./testdata/folder.ts";

/** Takes the texts of a follower, and lets the test wait for a number of them. */
function collect(batches: AsyncIterable<StreamBatch>) {
  const texts: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let end = 0;
  const done = (async () => {
    for await (const batch of batches) {
      end = batch.end;
      for (const event of batch.events()) texts.push(decodeText(event.data)!);
      for (const { count, resolve } of waiting) {
        if (texts.length >= count) resolve();
      }
    }
  })();
  const reached = async (count: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push({ count, resolve });
    if (texts.length < count) await Promise.race([promise, done]);
    return texts;
  };
  return { texts, reached, done, end: () => end };
}

const follow = (path: string, options: FollowStreamOptions = {}) =>
  collect(followStream(path, { pollMs: 1, ...options }));

Deno.test("followStream() hands out what comes, and ends when the stream is closed", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    await using writer = await createStream(path);
    await writer.append(encodeText("1"), { k: "v" });
    const one = follow(path);
    assertEquals(await one.reached(1), ["1"]);
    const other = follow(path, { from: writer.end });
    await writer.append(encodeText("2"), { k: "v" });
    await writer.append(encodeText("3"), { k: "v" });
    assertEquals(await one.reached(3), ["1", "2", "3"]);
    assertEquals(await other.reached(2), ["2", "3"]);
    const again = follow(path, { from: one.end() });
    await writer.append(encodeText("4"));
    await writer.seal();
    await Promise.all([one.done, other.done, again.done]);
    assertEquals(one.texts, ["1", "2", "3", "4"]);
    assertEquals(again.texts, ["4"]);
    const closed = follow(path, { from: "end" });
    await closed.done;
    assertEquals(closed.texts, []);
  }));

Deno.test("followStream() passes over what is there when told to", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    await using writer = await createStream(path);
    await writer.append(encodeText("before"), { k: "v" });
    const batches = followStream(path, { from: "end", pollMs: 1 });
    const late = collect(batches);
    // When it has looked at the file cannot be seen: so append until it wakes.
    let awake = false;
    late.reached(1).then(() => awake = true);
    while (!awake) await writer.append(encodeText("after"), { k: "v" });
    await writer.seal();
    await late.done;
    assertEquals(new Set(late.texts), new Set(["after"]));
  }));

Deno.test("followStream() ends with `aborted` when the signal fires", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    await using writer = await createStream(path);
    await writer.append(encodeText("1"));
    const controller = new AbortController();
    // So long that only the signal can end it.
    const options = { pollMs: 1e9, signal: controller.signal };
    const one = follow(path, options);
    await one.reached(1);
    controller.abort("enough");
    const error = await assertRejects(() => one.done, CairnError);
    assertEquals([error.code, error.cause], ["aborted", "enough"]);
  }));

Deno.test("followStream() waits for the rest of an event, and for another in its place", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    const header = encodeText("ESDBstream");
    const event = (text: string) =>
      concatBytes([
        Uint8Array.of(text.length + 2, 0, 0, 0, text.length),
        encodeText(text),
        Uint8Array.of(0),
      ]);
    const cut = event("long text").subarray(0, 12);
    Deno.writeFileSync(path, concatBytes([header, event("a"), cut]));
    const one = follow(path);
    assertEquals(await one.reached(1), ["a"]);
    // A new writer cuts it off and appends one of the same length, then zeros.
    const next = event("twelve"); // 12 bytes
    Deno.truncateSync(path, 17);
    Deno.writeFileSync(path, next, { append: true });
    assertEquals(await one.reached(2), ["a", "twelve"]);
    Deno.writeFileSync(path, new Uint8Array(9), { append: true });
    Deno.truncateSync(path, 29);
    Deno.writeFileSync(path, event("b"), { append: true });
    assertEquals(await one.reached(3), ["a", "twelve", "b"]);
    // Shorter than what was read: nothing that a writer does.
    Deno.truncateSync(path, 20);
    const error = await assertRejects(() => one.done, CairnError);
    assertEquals([error.code, error.where.offset], ["corrupt", 20]);
  }));

Deno.test("followStream() says what is wrong with a file", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    const missing = await assertRejects(() => follow(path).done, CairnError);
    assertEquals(missing.code, "not-found");
    Deno.writeFileSync(path, encodeText("something else"));
    const wrong = await assertRejects(() => follow(path).done, CairnError);
    assertEquals(wrong.code, "corrupt");
    // An event whose key says that another came before it.
    const ghost = [7, 0, 0, 0, 0, 1, 2, 0x61, 0x3a, 9, 0];
    Deno.writeFileSync(
      path,
      concatBytes([encodeText("ESDBstream"), Uint8Array.from(ghost)]),
    );
    const error = await assertRejects(() => follow(path).done, CairnError);
    assertEquals(error.code, "corrupt");
  }));

/** Counts the files that this process has open under a path. */
function countOpen(path: string): number {
  if (Deno.build.os !== "linux") {
    console.warn("open files: not counted here");
    return 1;
  }
  return Array.from(Deno.readDirSync("/proc/self/fd")).filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`) === path;
    } catch {
      return false; // closed meanwhile
    }
  }).length;
}

Deno.test("followStream() frees the file when the caller leaves", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    await using writer = await createStream(path);
    await writer.append(encodeText("1"));
    const open = countOpen(path);
    for await (const batch of followStream(path)) {
      assertEquals(batch.count, 1);
      break;
    }
    assertEquals(countOpen(path), open);
  }));

Deno.test("StreamWriter.follow() waits without looking at the clock", () =>
  withFolder(async (folder) => {
    await using writer = await createStream(`${folder}/a`);
    await writer.append(encodeText("1"));
    const one = collect(writer.follow());
    assertEquals(await one.reached(1), ["1"]);
    const controller = new AbortController();
    const two = collect(
      writer.follow({ from: writer.end, signal: controller.signal }),
    );
    await writer.append(encodeText("2"));
    assertEquals(await one.reached(2), ["1", "2"]);
    assertEquals(await two.reached(1), ["2"]);
    controller.abort("enough");
    const error = await assertRejects(() => two.done, CairnError);
    assertEquals([error.code, error.cause], ["aborted", "enough"]);
    await writer.append(encodeText("3"));
    await writer.seal();
    await one.done;
    assertEquals(one.texts, ["1", "2", "3"]);
  }));

Deno.test("StreamWriter.follow() ends when the writer is closed", () =>
  withFolder(async (folder) => {
    const writer = await createStream(`${folder}/a`);
    const one = collect(writer.follow());
    await writer.append(encodeText("1"));
    await one.reached(1);
    await writer.close();
    await one.done;
    assertEquals(one.texts, ["1"]);
  }));
