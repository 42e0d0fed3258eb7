import { assertEquals, assertStringIncludes } from "@std/assert";
import { capturedRun } from "../testdata/captured_run.ts";
import { inFolder, writeStore } from "../testdata/sample_store.ts";

Deno.test("cairn info --json states the facts", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.mem`;
    await writeStore(path);
    const { code, stdout, stderr } = await capturedRun([
      "info",
      "--json",
      path,
    ]);
    assertEquals([code, stderr], [0, ""]);
    const { bytes, ...facts } = JSON.parse(stdout);
    assertEquals(bytes, (await Deno.stat(path)).size);
    assertEquals(facts, {
      store: path,
      codec: "memory",
      trails: 2,
      events: 3,
      minTime: 5,
      maxTime: 7,
      keys: "text",
      fields: [
        { name: "type", type: "bytes", distinct: 2 },
        { name: "page", type: "bytes", distinct: 2 },
        { name: "n", type: "integer", distinct: 3 },
      ],
      index: false,
      checksums: false,
    });
  });
});

Deno.test("cairn info speaks to people", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`, [["ann", 1700000000, "x", null, null]]);
    const { code, stdout } = await capturedRun(["info", `${folder}/a`]);
    assertEquals(code, 0);
    assertStringIncludes(
      stdout,
      "1700000000 to 1700000000 (2023-11-14T22:13:20Z",
    );
    assertStringIncludes(stdout, "  type   bytes           1\n");
  });
});

Deno.test("cairn info describes a store without events and one without fields", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`, []);
    await writeStore(`${folder}/b.mem`, [["k", 1]], []);
    const { code, stdout } = await capturedRun([
      "info",
      "--json",
      `${folder}/a`,
      `${folder}/b`,
    ]);
    assertEquals(code, 0);
    const [a, b] = JSON.parse(stdout);
    assertEquals([a.events, a.minTime, a.maxTime], [0, null, null]);
    assertEquals([b.events, b.fields], [1, []]);
    const text = await capturedRun(["info", `${folder}/a`, `${folder}/b`]);
    assertStringIncludes(text.stdout, "fields  none");
  });
});

Deno.test("cairn info --no-distinct does not look at the events", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.mem`);
    const args = ["info", "--json", "--no-distinct", `${folder}/a`];
    const { fields } = JSON.parse((await capturedRun(args)).stdout);
    assertEquals(fields[0].distinct, null);
  });
});

Deno.test("cairn info tells a store by its bytes, its name or --codec", async () => {
  await inFolder(async (folder) => {
    await writeStore(`${folder}/a.bin`);
    const found = await capturedRun(["info", "--json", `${folder}/a.bin`]);
    assertEquals(JSON.parse(found.stdout).codec, "memory");
    await Deno.writeTextFile(`${folder}/b.bin`, "something else");
    const unknown = await capturedRun(["info", `${folder}/b.bin`]);
    assertEquals([unknown.code, unknown.stdout], [1, ""]);
    assertStringIncludes(
      unknown.stderr,
      "Cannot tell what kind of store this is",
    );
    const forced = await capturedRun([
      "info",
      "--codec",
      "memory",
      `${folder}/b.bin`,
    ]);
    assertEquals(forced.code, 1);
    assertStringIncludes(forced.stderr, 'part "content"');
    const wrong = await capturedRun([
      "info",
      "--codec",
      "nope",
      `${folder}/a.bin`,
    ]);
    assertEquals(wrong.code, 2);
    const stdin = await capturedRun(["info", "-"]);
    assertEquals(stdin.code, 2);
    const dir = await capturedRun(["info", folder]);
    assertEquals(dir.code, 1);
    assertStringIncludes(dir.stderr, "folder");
  });
});

Deno.test("cairn info says what is in the way of a path, not that it is not there", async () => {
  await inFolder(async (folder) => {
    await Deno.symlink(`${folder}/a.mem`, `${folder}/b.mem`);
    await Deno.symlink(`${folder}/b.mem`, `${folder}/a.mem`);
    const { code, stderr } = await capturedRun(["info", `${folder}/a.mem`]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `(file "${folder}/a.mem")`);
    assertEquals(stderr.includes("no such file"), false, stderr);
  });
});
