import { assertEquals, assertRejects } from "@std/assert";
import { CairnError } from "@cairn/core";
import { openMappedFile } from "@cairn/core/mmap";
import fc from "fast-check";
import { fromFileUrl, withFolder } from "./testdata/folder.ts";

const BYTES = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7) ^ (i >> 8));

/** Runs a test where files can be mapped, and says so where they cannot. */
function withFile(run: (path: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    if (Deno.build.os === "windows") {
      console.warn("mapped files: not on Windows");
      return;
    }
    Deno.writeFileSync(`${folder}/a`, BYTES);
    await run(`${folder}/a`);
  });
}

Deno.test("MappedFileSource.read() gives the bytes of any range", () =>
  withFile(async (path) => {
    await using source = await openMappedFile(path);
    assertEquals([source.name, source.size], [path, BYTES.length]);
    const nat = fc.nat(BYTES.length);
    await fc.assert(
      fc.asyncProperty(nat, nat, async (a, b) => {
        const read = await source.read(Math.min(a, b), Math.abs(a - b));
        assertEquals(read, BYTES.slice(Math.min(a, b), Math.max(a, b)));
        assertEquals(source.readSync(Math.min(a, b), Math.abs(a - b)), read);
      }),
    );
  }));

Deno.test("MappedFileSource.read() refuses ranges outside the file", () =>
  withFile(async (path) => {
    await using source = await openMappedFile(path);
    const size = source.size;
    assertEquals((await source.read(size, 0)).length, 0);
    assertEquals((await source.read(size - 1, 1)).length, 1);
    for (const [offset, length] of [[size, 1], [-1, 1], [0, size + 1]]) {
      await assertRejects(() => source.read(offset!, length!), RangeError);
    }
  }));

Deno.test("MappedFileSource.close() empties views and ends reading", () =>
  withFile(async (path) => {
    const source = await openMappedFile(path);
    const view = await source.read(0, 100);
    await source.close();
    await source.close();
    assertEquals(view.length, 0);
    await assertRejects(() => source.read(0, 1), TypeError);
    source.advise(0, 1, "soon");
  }));

Deno.test("MappedFileSource.read() says aborted with the signal's reason", () =>
  withFile(async (path) => {
    await using source = await openMappedFile(path);
    const signal = AbortSignal.abort("enough");
    const error = await assertRejects(
      () => source.read(0, 1, { signal }),
      CairnError,
    );
    assertEquals([error.code, error.cause], ["aborted", "enough"]);
  }));

Deno.test("MappedFileSource.advise() takes any range and changes no answer", () =>
  withFile(async (path) => {
    await using source = await openMappedFile(path);
    const edges = [-1, 0, 1, 4095, 4096, 4097, 49_999, 50_000, 50_001, 1e15];
    for (const offset of edges) {
      for (const length of edges) {
        source.advise(offset, length, "soon");
        source.advise(offset, length, "no-more");
      }
    }
    source.advise(NaN, NaN, "soon");
    assertEquals(await source.read(0, BYTES.length), BYTES);
  }));

Deno.test("openMappedFile() opens an empty file", () =>
  withFile(async (path) => {
    Deno.truncateSync(path, 0);
    await using source = await openMappedFile(path);
    assertEquals(source.size, 0);
    assertEquals((await source.read(0, 0)).length, 0);
  }));

Deno.test("openMappedFile() tells a missing file from a folder", () =>
  withFile(async (path) => {
    const missing = await assertRejects(
      () => openMappedFile(`${path}-no`),
      CairnError,
    );
    assertEquals([missing.code, missing.where.file], [
      "not-found",
      `${path}-no`,
    ]);
    const folder = path.slice(0, -2);
    const wrong = await assertRejects(() => openMappedFile(folder), CairnError);
    assertEquals([wrong.code, wrong.reason], ["io", "not-a-file"]);
  }));

Deno.test("openMappedFile() says unsupported without permission, and without Deno", () =>
  withFile(async (path) => {
    const script = fromFileUrl(
      new URL("testdata/map_without.ts", import.meta.url),
    );
    const run = async (flags: string[], ...rest: string[]) => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-lock", "--no-check", ...flags, script, ...rest],
        stderr: "inherit",
      }).output();
      return new TextDecoder().decode(stdout).trim();
    };
    const flags = ["--allow-read", "--no-prompt"];
    assertEquals(await run(flags, path), "unsupported ffi-not-permitted");
    assertEquals(await run(["-A"], path, "without"), "unsupported no-ffi");
    assertEquals(
      await run(["--allow-ffi", "--no-prompt"], path),
      "io undefined",
    );
  }));
