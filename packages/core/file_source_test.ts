import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CairnError } from "@cairn/core";
import { openFile } from "@cairn/core/file";
import fc from "fast-check";
import {
  faultyFileSystem,
  systemError,
} from "./testdata/faulty_file_system.ts";
import { openFileIn } from "./file_source.ts";
import { withFolder } from "./testdata/folder.ts";

const BYTES = Uint8Array.from({ length: 10_000 }, (_, i) => (i * 7) ^ (i >> 8));

function withFile(run: (path: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/a`, BYTES);
    await run(`${folder}/a`);
  });
}

Deno.test("FileSource.read() gives the bytes of any range, any number at once", () =>
  withFile(async (path) => {
    await using source = await openFile(path);
    assertEquals([source.name, source.size], [path, BYTES.length]);
    const range = fc.tuple(fc.nat(BYTES.length), fc.nat(BYTES.length));
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 20 }), async (ranges) => {
        const reads = ranges.map(([a, b]) =>
          source.read(Math.min(a, b), Math.abs(b - a))
        );
        const got = await Promise.all(reads);
        ranges.forEach(([a, b], i) => {
          const wanted = BYTES.slice(Math.min(a, b), Math.max(a, b));
          assertEquals(got[i], wanted);
        });
      }),
    );
  }));

Deno.test("FileSource.read() refuses ranges outside the file", () =>
  withFile(async (path) => {
    await using source = await openFile(path);
    const size = source.size;
    assertEquals((await source.read(size, 0)).length, 0);
    assertEquals((await source.read(size - 1, 1)).length, 1);
    const outside = [[size, 1], [size + 1, 0], [-1, 1], [0, -1], [0, size + 1]];
    for (const [offset, length] of [...outside, [0.5, 1], [0, NaN]]) {
      await assertRejects(() => source.read(offset!, length!), RangeError);
    }
  }));

Deno.test("FileSource.read() fails after close, which may come twice", () =>
  withFile(async (path) => {
    const source = await openFile(path);
    const early = source.read(0, 10);
    await source.close();
    await source.close();
    assertEquals(await early, BYTES.slice(0, 10));
    await assertRejects(() => source.read(0, 1), TypeError);
  }));

Deno.test("FileSource.read() says aborted with the signal's reason", () =>
  withFile(async (path) => {
    await using source = await openFile(path);
    const signal = AbortSignal.abort("enough");
    const error = await assertRejects(
      () => source.read(0, 1, { signal }),
      CairnError,
    );
    assertEquals([error.code, error.cause], ["aborted", "enough"]);
  }));

Deno.test("FileSource.read() goes on when the system gives only a part", () =>
  withFile(async (path) => {
    const system = faultyFileSystem({ pieceBytes: 999 });
    await using source = await openFileIn(system, path);
    assertEquals(await source.read(1, 9_000), BYTES.slice(1, 9_001));
  }));

Deno.test("FileSource.read() says io, with place and reason, for a file that was cut", () =>
  withFile(async (path) => {
    await using source = await openFile(path);
    Deno.truncateSync(path, 5_000);
    assertEquals(await source.read(0, 5_000), BYTES.slice(0, 5_000));
    const error = await assertRejects(
      () => source.read(4_000, 2_000),
      CairnError,
    );
    assertEquals([error.code, error.reason], ["io", "short"]);
    assertEquals(error.where, { file: path, offset: 5_000 });
  }));

Deno.test("FileSource.read() says io with the system's word", () =>
  withFile(async (path) => {
    const system = faultyFileSystem({
      before: (step) => {
        if (step === "read") throw systemError("EIO");
      },
    });
    await using source = await openFileIn(system, path);
    const error = await assertRejects(() => source.read(0, 1), CairnError);
    assertEquals([error.code, error.reason], ["io", "EIO"]);
    assertEquals(error.where.file, path);
  }));

Deno.test("openFile() tells a missing file from a folder", () =>
  withFolder(async (folder) => {
    const missing = await assertRejects(
      () => openFile(`${folder}/a`),
      CairnError,
    );
    assertEquals(missing.code, "not-found");
    assertEquals(missing.where.file, `${folder}/a`);
    const wrong = await assertRejects(() => openFile(folder), CairnError);
    assert(wrong.code === "io");
  }));

Deno.test("openFile() opens an empty file", () =>
  withFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/a`, new Uint8Array(0));
    await using source = await openFile(`${folder}/a`);
    assertEquals(source.size, 0);
    assertEquals((await source.read(0, 0)).length, 0);
  }));

Deno.test("FileSource.readSync() gives what read() gives, in pieces too", () =>
  withFile(async (path) => {
    const system = faultyFileSystem({ pieceBytes: 999 });
    for (const files of [undefined, system]) {
      await using source = files === undefined
        ? await openFile(path)
        : await openFileIn(files, path);
      for (const [offset, length] of [[0, 0], [0, 10_000], [1, 4_321]]) {
        assertEquals(
          source.readSync!(offset!, length!),
          BYTES.slice(offset!, offset! + length!),
        );
      }
      for (const [offset, length] of [[10_000, 1], [-1, 1], [0.5, 1]]) {
        assertThrows(() => source.readSync!(offset!, length!), RangeError);
      }
    }
  }));

Deno.test("FileSource.readSync() says io for a file that was cut, and with the system's word", () =>
  withFile(async (path) => {
    let fails = false;
    const system = faultyFileSystem({
      before: (step) => {
        if (fails && step === "readSync") throw systemError("EIO");
      },
    });
    const source = await openFileIn(system, path);
    Deno.truncateSync(path, 5_000);
    const short = assertThrows(
      () => source.readSync!(4_000, 2_000),
      CairnError,
    );
    assertEquals([short.code, short.reason], ["io", "short"]);
    assertEquals(short.where, { file: path, offset: 5_000 });
    fails = true;
    const failed = assertThrows(() => source.readSync!(0, 1), CairnError);
    assertEquals([failed.code, failed.reason], ["io", "EIO"]);
    await source.close();
    assertThrows(() => source.readSync!(0, 1), TypeError);
  }));
