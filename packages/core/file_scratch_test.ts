import { assertEquals, assertRejects } from "@std/assert";
import { CairnError, openScratch, type Scratch } from "@cairn/core";
import { createScratch } from "@cairn/core/file";
import {
  faultyFileSystem,
  systemError,
} from "./testdata/faulty_file_system.ts";
import { createScratchIn } from "./file_scratch.ts";
import { withFolder } from "./testdata/folder.ts";

const PART = Uint8Array.of(1, 2, 3);
const WINDOWS = Deno.build.os === "windows";

function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), (entry) => entry.name);
}

Deno.test("createScratch() gives files that read back what was written", () =>
  withFolder(async (folder) => {
    await using scratch = createScratch({ folder });
    await using one = await scratch.create();
    await using two = await scratch.create();
    for (let i = 0; i < 100; i++) {
      await one.write(PART);
      await two.write(Uint8Array.of(i));
    }
    assertEquals([one.byteLength, two.byteLength], [300, 100]);
    const [a, b] = [await one.source(), await two.source()];
    assertEquals([a.size, b.size], [300, 100]);
    assertEquals(await a.read(297, 3), PART);
    assertEquals(await b.read(40, 2), Uint8Array.of(40, 41));
  }));

Deno.test("createScratch() leaves no name, so that a kill leaves no file", () =>
  withFolder(async (folder) => {
    await using scratch = createScratch({ folder });
    const file = await scratch.create();
    await file.write(PART);
    // Windows alone keeps the name while the file is open.
    assertEquals(namesIn(folder).length, WINDOWS ? 1 : 0);
    await file[Symbol.asyncDispose]();
    assertEquals(namesIn(folder), []);
  }));

Deno.test("createScratch() removes names at the end where files keep them", () =>
  withFolder(async (folder) => {
    let unlinks = 0;
    const system = faultyFileSystem({
      before: (step) => {
        if (step === "unlink" && unlinks++ === 0) throw systemError("EBUSY");
      },
    });
    {
      await using scratch = createScratchIn(system, { folder });
      await scratch.create();
      assertEquals(namesIn(folder).length, 1);
    }
    assertEquals(namesIn(folder), []);
  }));

Deno.test("ScratchFile refuses writing once it is read, and reading once closed", () =>
  withFolder(async (folder) => {
    await using scratch = createScratch({ folder });
    const file = await scratch.create();
    await file.write(PART);
    const source = await file.source();
    await assertRejects(() => file.write(PART), TypeError);
    await assertRejects(() => file.source(), TypeError);
    await file[Symbol.asyncDispose]();
    await file[Symbol.asyncDispose]();
    await assertRejects(() => source.read(0, 1), TypeError);
  }));

Deno.test("ScratchFile survives its source being closed first", () =>
  withFolder(async (folder) => {
    await using scratch = createScratch({ folder });
    await using file = await scratch.create();
    await using source = await file.source();
    await source.close();
    assertEquals(file.byteLength, 0);
  }));

Deno.test("ScratchFile.write() says io on a full disk, and again afterwards", () =>
  withFolder(async (folder) => {
    const system = faultyFileSystem({
      pieceBytes: 2,
      before: (step, ordinal) => {
        if (step === "write" && ordinal > 2) throw systemError("ENOSPC");
      },
    });
    await using scratch = createScratchIn(system, { folder });
    const file = await scratch.create();
    for (let i = 0; i < 2; i++) {
      const error = await assertRejects(() => file.write(PART), CairnError);
      assertEquals([error.code, error.reason], ["io", "ENOSPC"]);
    }
    const error = await assertRejects(() => file.source(), CairnError);
    assertEquals(error.code, "io");
  }));

Deno.test("ScratchFile.write() says io when the system takes no byte", () =>
  withFolder(async (folder) => {
    const system = faultyFileSystem({ pieceBytes: 0 });
    await using scratch = createScratchIn(system, { folder });
    const file = await scratch.create();
    const error = await assertRejects(() => file.write(PART), CairnError);
    assertEquals(error.code, "io");
  }));

Deno.test("Scratch frees a file that was on its way when it was disposed", () =>
  withFolder(async (folder) => {
    let opened = 0;
    let closed = 0;
    const system = faultyFileSystem({
      before: (step) => {
        if (step === "openNew") opened++;
        if (step === "close") closed++;
      },
    });
    const scratch = createScratchIn(system, { folder });
    const late = scratch.create();
    await scratch[Symbol.asyncDispose]();
    await assertRejects(() => late, TypeError);
    assertEquals([opened, closed], [1, 1]);
    assertEquals(namesIn(folder), []);
  }));

Deno.test("createScratch() says not-found for a folder that is not there", () =>
  withFolder(async (folder) => {
    await using scratch = createScratch({ folder: `${folder}/no` });
    const error = await assertRejects(() => scratch.create(), CairnError);
    assertEquals(error.code, "not-found");
  }));

Deno.test("Scratch refuses new files once disposed", async () => {
  for (const scratch of [createScratch(), openScratch({})]) {
    await scratch[Symbol.asyncDispose]();
    await assertRejects(() => scratch.create(), TypeError);
  }
});

Deno.test("openScratch() makes files of its own without a caller's scratch", async () => {
  await using scratch = openScratch({});
  const file = await scratch.create();
  await file.write(PART);
  assertEquals(await (await file.source()).read(0, 3), PART);
});

Deno.test("openScratch() removes its files and leaves the caller's scratch", () =>
  withFolder(async (folder) => {
    await using given: Scratch = createScratch({ folder });
    await using kept = await given.create();
    await kept.write(PART);
    const borrowed = openScratch({ scratch: given });
    const file = await borrowed.create();
    const source = await file.source();
    await borrowed[Symbol.asyncDispose]();
    await assertRejects(() => source.read(0, 0), TypeError);
    assertEquals(await (await kept.source()).read(0, 3), PART);
    await using another = await given.create();
    assertEquals(another.byteLength, 0);
  }));
