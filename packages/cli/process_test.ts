import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { inFolder } from "./testdata/sample_store.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

/** Starts the real command. */
function start(args: string[], stdin: "piped" | "null" = "null") {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, ...args],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function text(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>)
    .text();
}

/** Many events: more than a pipe holds. */
function csv(events: number): string {
  let lines = "trail,time,a\n";
  for (let i = 0; i < events; i++) lines += `key${i % 100},${i},value ${i}\n`;
  return lines;
}

async function importFrom(
  input: string,
  path: string,
): Promise<[number, string]> {
  const child = start(["import", "-", "-o", path], "piped");
  const stderr = text(child.stderr);
  await Promise.all([
    new Blob([input]).stream().pipeTo(child.stdin),
    child.stdout.cancel(),
  ]);
  const { code } = await child.status;
  return [code, await stderr];
}

Deno.test("cairn reads standard input and ends quietly when its reader goes", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.esdb`;
    const [code, stderr] = await importFrom(csv(50_000), path);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "50,000 events in 100 trails");
    const child = start(["dump", path]);
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    assertStringIncludes(new TextDecoder().decode(value), "trail,time,a\n");
    await reader.cancel();
    const message = await text(child.stderr);
    const { code: dumped } = await child.status;
    assertEquals([dumped, message], [0, ""]);
  });
});

Deno.test("cairn says that the disk behind standard output is full", async () => {
  if (Deno.build.os !== "linux") return;
  for (const args of [["--help"], ["dump", "--help"]]) {
    const command = [Deno.execPath(), "run", "-A", MAIN, ...args];
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", 'exec "$@" > /dev/full', "sh", ...command],
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    const message = new TextDecoder().decode(stderr);
    assertEquals(
      [code, message],
      [1, "cairn: Cannot write output: the disk is full\n"],
    );
  }
});

Deno.test("cairn ends with its codes", async () => {
  for (
    const [args, wanted] of [[["--version"], 0], [["info", "/no/such"], 1], [[
      "dump",
    ], 2]] as const
  ) {
    const child = start([...args]);
    const [, , { code }] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      child.status,
    ]);
    assertEquals(code, wanted);
  }
});

for (const signal of ["SIGINT", "SIGKILL"] as const) {
  Deno.test(`cairn import leaves no store behind when it gets ${signal}`, async () => {
    if (Deno.build.os === "windows") return;
    await inFolder(async (folder) => {
      const path = `${folder}/a.esdb`;
      const child = start(["import", "-", "-o", path], "piped");
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(csv(50_000)));
      // Something appears in the folder once the header was read.
      while ([...Deno.readDirSync(folder)].length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill(signal);
      const [stdout, stderr] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
      ]);
      const { code } = await child.status;
      await writer.abort().catch(() => {});
      assertEquals(stdout, "");
      const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
      assertEquals(names.includes("a.esdb"), false);
      if (signal === "SIGINT") {
        assertEquals([code, names], [130, []]);
        assertStringIncludes(stderr, "interrupted");
      }
      // What is left never stands in the way.
      assertEquals((await importFrom(csv(10), path))[0], 0);
    });
  });
}
