import { assertEquals } from "@std/assert";

/** The examples that end with what they print. */
const EXAMPLES = ["esdb.ts", "segments.ts"];

for (const name of EXAMPLES) {
  Deno.test(`examples/${name} prints what it says`, async () => {
    const url = new URL(name, import.meta.url);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", url.href],
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    const decoder = new TextDecoder();
    assertEquals([code, decoder.decode(stderr)], [0, ""]);
    const text = await Deno.readTextFile(url);
    const wanted = text.split("\n// Output:\n")[1]!
      .replaceAll(/^\/\/ ?/gm, "");
    assertEquals(decoder.decode(stdout), wanted);
  });
}
