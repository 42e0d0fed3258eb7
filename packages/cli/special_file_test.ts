import { assertEquals, assertRejects } from "@std/assert";
import { CairnError } from "@cairn/core";
import { isSpecialFile, openSpecialFile } from "./special_file.ts";
import { inFolder } from "./testdata/sample_store.ts";

async function makePipe(folder: string): Promise<string> {
  const pipe = `${folder}/pipe`;
  const made = await new Deno.Command("mkfifo", { args: [pipe] }).output();
  assertEquals(made.success, true);
  return pipe;
}

const isWindows = Deno.build.os === "windows"; // which has no pipes as files

Deno.test("openSpecialFile() writes each byte once into a pipe that is full most of the time", async () => {
  if (isWindows) return;
  await inFolder(async (folder) => {
    const pipe = await makePipe(folder);
    assertEquals(await isSpecialFile(pipe), true);
    const bytes = Uint8Array.from(
      { length: 1_000_003 },
      (_, i) => (i * 7919) >>> 5,
    );
    const read = Deno.readFile(pipe);
    {
      using file = await openSpecialFile(pipe, new AbortController().signal);
      await file.write(bytes);
      await file.write(bytes.subarray(0, 5));
    }
    const got = await read;
    assertEquals(got.length, bytes.length + 5);
    assertEquals(got.subarray(0, bytes.length), bytes);
  });
});

Deno.test("openSpecialFile() waits for who reads a pipe until its signal says so", async () => {
  if (isWindows) return;
  await inFolder(async (folder) => {
    const pipe = await makePipe(folder);
    const controller = new AbortController();
    const opened = openSpecialFile(pipe, controller.signal);
    controller.abort();
    const error = await assertRejects(() => opened, CairnError);
    assertEquals(error.code, "aborted");
  });
});

Deno.test("isSpecialFile() is false for files, folders, and nothing", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "");
    for (const path of [`${folder}/a`, folder, `${folder}/b`]) {
      assertEquals(await isSpecialFile(path), false);
    }
  });
});
