import { assertEquals, assertStringIncludes } from "@std/assert";
import { capturedRun } from "../testdata/captured_run.ts";
import { inFolder, writeStore } from "../testdata/sample_store.ts";

Deno.test("cairn verify finds a sound store sound", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.mem`;
    await writeStore(path);
    const text = await capturedRun(["verify", path]);
    assertEquals(text, { code: 0, stdout: `${path}: sound\n`, stderr: "" });
    const json = await capturedRun(["verify", "--json", path]);
    assertEquals(json.code, 0);
    assertEquals(JSON.parse(json.stdout), {
      store: path,
      sound: true,
      findings: [],
    });
  });
});

Deno.test("cairn verify reports damage with its place and ends with 1", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.mem`;
    await writeStore(path, [["k", -1, "a", "b", "c"]]);
    const text = await capturedRun(["verify", path]);
    assertEquals(text.code, 1);
    assertEquals(
      text.stdout,
      'corrupt: A time of trail 6b is negative (part "events", offset 3)\n' +
        `${path}: 1 corrupt\n`,
    );
    const json = await capturedRun(["verify", "--json", path]);
    assertEquals(json.code, 1);
    assertEquals(JSON.parse(json.stdout).findings[0].where, {
      part: "events",
      offset: 3,
    });
  });
});

Deno.test("cairn verify takes a store that does not open as damage", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.mem`;
    await Deno.writeTextFile(path, "{");
    const { code, stdout, stderr } = await capturedRun(["verify", path]);
    assertEquals([code, stderr], [1, ""]);
    assertStringIncludes(stdout, `file "${path}", part "content", offset 0`);
  });
});

Deno.test("cairn verify --json counts findings past ten thousand", async () => {
  await inFolder(async (folder) => {
    const events = Array.from(
      { length: 10_003 },
      (_, i) => [`k${i}`, -1] as const,
    );
    await writeStore(`${folder}/a.mem`, events, []);
    const { code, stdout } = await capturedRun([
      "verify",
      "--json",
      `${folder}/a`,
    ]);
    const { sound, findings, more } = JSON.parse(stdout);
    assertEquals([code, sound, findings.length, more], [1, false, 10_000, 3]);
  });
});
