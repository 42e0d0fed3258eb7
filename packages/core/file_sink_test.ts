import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError } from "@cairn/core";
import { createFile } from "@cairn/core/file";
import {
  faultyFileSystem,
  systemError,
} from "./testdata/faulty_file_system.ts";
import { createFileIn } from "./file_sink.ts";
import { fromFileUrl, withFolder } from "./testdata/folder.ts";

const OLD = Uint8Array.of(9, 9, 9);
const NEW = new Uint8Array(500_000).fill(1, 0, 400_000).fill(2, 400_000);

/** Names in a folder, temporary ones apart. */
function namesIn(folder: string): { names: string[]; temporaries: string[] } {
  const all = Array.from(Deno.readDirSync(folder), (entry) => entry.name);
  const isTemporary = (name: string) =>
    /^\..*\.cairn-[0-9a-f]{16}\.tmp$/.test(name);
  return {
    names: all.filter((name) => !isTemporary(name)).sort(),
    temporaries: all.filter(isTemporary),
  };
}

async function rejectsWith(code: string, run: () => Promise<unknown>) {
  const error = await assertRejects(run, CairnError);
  assertEquals(error.code, code, error.message);
  return error;
}

Deno.test("createFile() shows nothing before finish and all of it after", () =>
  withFolder(async (folder) => {
    await using sink = await createFile(`${folder}/a`);
    await sink.write(NEW.subarray(0, 10));
    await sink.write(NEW.subarray(10));
    assertEquals(sink.byteLength, NEW.length);
    assertEquals(namesIn(folder).names, []);
    assertEquals(namesIn(folder).temporaries.length, 1);
    await sink.finish();
    assertEquals(namesIn(folder), { names: ["a"], temporaries: [] });
    assertEquals(Deno.readFileSync(`${folder}/a`), NEW);
  }));

Deno.test("createFile() makes an empty file when nothing is written", () =>
  withFolder(async (folder) => {
    await using sink = await createFile(`${folder}/a`);
    await sink.finish();
    assertEquals(Deno.statSync(`${folder}/a`).size, 0);
  }));

Deno.test("createFile() keeps what the caller changes after write", () =>
  withFolder(async (folder) => {
    await using sink = await createFile(`${folder}/a`);
    const bytes = Uint8Array.of(1, 2);
    await sink.write(bytes);
    bytes.fill(7);
    await sink.finish();
    assertEquals(Deno.readFileSync(`${folder}/a`), Uint8Array.of(1, 2));
  }));

for (const bytes of [262_143, 262_144, 262_145, 524_288]) {
  Deno.test(`createFile() takes writes of ${bytes} bytes after a small one`, () =>
    withFolder(async (folder) => {
      const body = NEW.slice(0, Math.min(bytes, NEW.length));
      await using sink = await createFile(`${folder}/a`);
      await sink.write(OLD);
      await sink.write(body);
      await sink.write(OLD);
      await sink.finish();
      const wanted = new Uint8Array([...OLD, ...body, ...OLD]);
      assertEquals(Deno.readFileSync(`${folder}/a`), wanted);
    }));
}

Deno.test("createFile() refuses a target that exists, of any kind", () =>
  withFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/file`, OLD);
    Deno.mkdirSync(`${folder}/folder`);
    Deno.symlinkSync(`${folder}/nowhere`, `${folder}/link`);
    for (const name of ["file", "folder", "link"]) {
      const error = await rejectsWith(
        "exists",
        () => createFile(`${folder}/${name}`),
      );
      assertEquals(error.where.file, `${folder}/${name}`);
    }
    await rejectsWith(
      "exists",
      () => createFile(`${folder}/folder`, { replace: true }),
    );
    assertEquals(namesIn(folder).temporaries, []);
    assertEquals(Deno.readFileSync(`${folder}/file`), OLD);
  }));

Deno.test("FileSink.finish() never touches a target that appears meanwhile", () =>
  withFolder(async (folder) => {
    await using sink = await createFile(`${folder}/a`);
    await sink.write(NEW);
    Deno.writeFileSync(`${folder}/a`, OLD);
    await rejectsWith("exists", () => sink.finish());
    assertEquals(Deno.readFileSync(`${folder}/a`), OLD);
    assertEquals(namesIn(folder), { names: ["a"], temporaries: [] });
  }));

Deno.test("createFile() lets one of two sinks for one name win", () =>
  withFolder(async (folder) => {
    await using one = await createFile(`${folder}/a`);
    await using two = await createFile(`${folder}/a`);
    await one.write(OLD);
    await two.write(NEW);
    const ends = await Promise.allSettled([one.finish(), two.finish()]);
    assertEquals(ends.map((end) => end.status).sort(), [
      "fulfilled",
      "rejected",
    ]);
    const size = Deno.statSync(`${folder}/a`).size;
    assertEquals(size, ends[0]!.status === "fulfilled" ? 3 : NEW.length);
    assertEquals(namesIn(folder).temporaries, []);
  }));

Deno.test("createFile() never replaces a pipe, nor a link to one", () =>
  withFolder(async (folder) => {
    if (Deno.build.os === "windows") return;
    const pipe = `${folder}/pipe`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    Deno.symlinkSync(pipe, `${folder}/link`);
    for (const path of [pipe, `${folder}/link`]) {
      for (const replace of [false, true]) {
        const error = await assertRejects(
          () => createFile(path, { replace }),
          CairnError,
        );
        assertEquals([error.code, error.reason], ["exists", "not-a-file"]);
      }
    }
    assertEquals(Deno.lstatSync(pipe).isFifo, true);
    assertEquals(Deno.lstatSync(`${folder}/link`).isSymlink, true);
    assertEquals(namesIn(folder).temporaries, []);
  }));

Deno.test("createFile() replaces when told to, a link and not what it points at", () =>
  withFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/a`, OLD);
    Deno.symlinkSync(`${folder}/a`, `${folder}/link`);
    await using sink = await createFile(`${folder}/link`, { replace: true });
    await sink.write(NEW);
    await sink.finish();
    assertEquals(Deno.readFileSync(`${folder}/a`), OLD);
    assertEquals(Deno.lstatSync(`${folder}/link`).isSymlink, false);
    assertEquals(Deno.readFileSync(`${folder}/link`), NEW);
  }));

Deno.test("createFile() gives the permissions asked for", () =>
  withFolder(async (folder) => {
    if (Deno.build.os === "windows") {
      console.warn("permission bits: not looked at on Windows");
      return;
    }
    await using sink = await createFile(`${folder}/a`, { mode: 0o600 });
    await sink.finish();
    assertEquals(Deno.statSync(`${folder}/a`).mode! & 0o777, 0o600);
  }));

Deno.test("createFile() takes names up to the file system's limit", () =>
  withFolder(async (folder) => {
    for (const name of ["a".repeat(255), "é".repeat(127), "𝄞".repeat(63)]) {
      await using sink = await createFile(`${folder}/${name}`);
      await sink.finish();
      assertEquals(Deno.statSync(`${folder}/${name}`).isFile, true);
    }
  }));

Deno.test("createFile() says not-found for a folder that is not there", () =>
  withFolder(async (folder) => {
    await rejectsWith("not-found", () => createFile(`${folder}/no/a`));
    const error = await assertRejects(() => createFile(`${folder}/no/a`));
    assertEquals(
      (error as Error).message,
      `Cannot create file: there is no such file or folder (file "${folder}/no/a")`,
    );
  }));

Deno.test("FileSink.abort() leaves nothing, and only finish ends well", () =>
  withFolder(async (folder) => {
    const sink = await createFile(`${folder}/a`);
    await sink.write(NEW);
    await sink.abort();
    await sink.abort();
    assertEquals(namesIn(folder), { names: [], temporaries: [] });
    await assertRejects(() => sink.write(OLD), TypeError);
    await assertRejects(() => sink.finish(), TypeError);
  }));

Deno.test("FileSink.abort() does nothing after finish", () =>
  withFolder(async (folder) => {
    const sink = await createFile(`${folder}/a`);
    await sink.finish();
    await sink.abort();
    await sink[Symbol.asyncDispose]();
    assertEquals(namesIn(folder).names, ["a"]);
    await assertRejects(() => sink.finish(), TypeError);
  }));

Deno.test("FileSink.finish() stops on an aborted signal and leaves nothing", () =>
  withFolder(async (folder) => {
    await using sink = await createFile(`${folder}/a`);
    const signal = AbortSignal.abort("enough");
    const error = await rejectsWith("aborted", () => sink.finish({ signal }));
    assertEquals(error.cause, "enough");
    assertEquals(namesIn(folder), { names: [], temporaries: [] });
  }));

Deno.test("FileSink writes on when the system takes only a part", () =>
  withFolder(async (folder) => {
    const system = faultyFileSystem({ pieceBytes: 70_001 });
    await using sink = await createFileIn(system, `${folder}/a`);
    await sink.write(NEW);
    await sink.write(OLD);
    await sink.finish();
    const wanted = new Uint8Array([...NEW, ...OLD]);
    assertEquals(Deno.readFileSync(`${folder}/a`), wanted);
  }));

for (
  const [replace, names] of [
    [false, ["link", "unlink"]],
    [true, ["rename"]],
  ] as const
) {
  const how = replace ? "replacing" : "new";
  Deno.test(`FileSink syncs before it gives the name, and the folder after (${how})`, () =>
    withFolder(async (folder) => {
      const steps: string[] = [];
      const system = faultyFileSystem({ before: (step) => steps.push(step) });
      await using sink = await createFileIn(system, `${folder}/a`, { replace });
      await sink.write(OLD);
      await sink.finish();
      assertEquals(steps, [
        "look",
        "openNew",
        "write",
        "sync",
        "close",
        ...names,
        "syncFolder",
      ]);
    }));
}

Deno.test("FileSink fails with io when the system takes nothing", () =>
  withFolder(async (folder) => {
    const system = faultyFileSystem({ pieceBytes: 0 });
    await using sink = await createFileIn(system, `${folder}/a`);
    const error = await rejectsWith("io", () => sink.write(NEW));
    assertEquals(error.reason, "short");
    await sink.abort();
    assertEquals(namesIn(folder), { names: [], temporaries: [] });
  }));

Deno.test("FileSink says unsupported where there are no hard links", () =>
  withFolder(async (folder) => {
    const system = faultyFileSystem({
      before: (step) => {
        if (step === "link") throw systemError("EPERM");
      },
    });
    await using sink = await createFileIn(system, `${folder}/a`);
    const error = await rejectsWith("unsupported", () => sink.finish());
    assertEquals(error.reason, "no-hard-links");
    assertEquals(namesIn(folder), { names: [], temporaries: [] });
  }));

Deno.test("FileSink fails with io on a full disk, and again on every later call", () =>
  withFolder(async (folder) => {
    if (Deno.build.os !== "linux") {
      console.warn("full disk: no /dev/full here");
      return;
    }
    const system = faultyFileSystem({ newPath: () => "/dev/full" });
    await using sink = await createFileIn(system, `${folder}/a`);
    const error = await rejectsWith("io", () => sink.write(NEW));
    assertEquals(error.reason, "ENOSPC");
    assertEquals(error.where.file, `${folder}/a`);
    assert(error === await rejectsWith("io", () => sink.write(OLD)));
    assert(error === await rejectsWith("io", () => sink.finish()));
    assertEquals(namesIn(folder).names, []);
  }));

for (const replace of [false, true]) {
  const what = replace ? "replacing" : "new";
  Deno.test(`FileSink leaves the old state when any step fails (${what})`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/a`;
      let failing = 0;
      for (let last: string | undefined = ""; last !== undefined; failing++) {
        if (replace) Deno.writeFileSync(path, OLD);
        last = undefined;
        const system = faultyFileSystem({
          before: (step, ordinal) => {
            if (ordinal !== failing) return;
            last = step;
            throw systemError(failing % 2 === 0 ? "EIO" : "ENOSPC");
          },
        });
        const run = async () => {
          await using sink = await createFileIn(system, path, { replace });
          await sink.write(NEW);
          await sink.write(OLD);
          await sink.finish();
        };
        // With fewer steps than that nothing fails, and the loop ends.
        const end = await run().then(() => undefined, (error) => error);
        const size = NEW.length + OLD.length;
        const { names, temporaries } = namesIn(folder);
        assertEquals(temporaries, [], last);
        if (last === undefined) {
          assertEquals(end, undefined);
          assertEquals(Deno.statSync(path).size, size);
          continue;
        }
        assertEquals((end as CairnError).code, "io", last);
        if (!replace) assertEquals(names, [], last);
        // Once a file was replaced the old one is gone: new, and whole.
        else if (last !== "syncFolder") {
          assertEquals(Deno.readFileSync(path), OLD, last);
        } else assertEquals(Deno.statSync(path).size, size);
      }
      assert(failing >= 8);
    }));
}

for (const how of ["new", "replace"]) {
  Deno.test(`FileSink leaves old or new when killed at any step (${how})`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/a`;
      for (let step = 0;; step++) {
        if (how === "replace") Deno.writeFileSync(path, OLD);
        const child = await new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "-A",
            "--no-lock",
            "--no-check",
            fromFileUrl(
              new URL("testdata/killed_file_sink.ts", import.meta.url),
            ),
            path,
            String(step),
            how,
          ],
          stderr: "inherit",
        }).output();
        const there = namesIn(folder).names.includes("a")
          ? Deno.readFileSync(path)
          : undefined;
        if (child.success) {
          assertEquals(there, NEW);
          break;
        }
        assertEquals(child.signal, "SIGKILL");
        const isNew = there !== undefined && there.length === NEW.length;
        assertEquals(there, isNew ? NEW : how === "new" ? undefined : OLD);
        if (isNew && how === "new") Deno.removeSync(path);
      }
      // What the killed ones left is in nobody's way.
      await using sink = await createFile(path, { replace: true });
      await sink.write(OLD);
      await sink.finish();
      assertEquals(Deno.readFileSync(path), OLD);
      assertEquals(namesIn(folder).names, ["a"]);
    }));
}
