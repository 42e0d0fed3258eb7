import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "./paths.ts";

Deno.test("the demo runs to its end and says what it shows", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fromFileUrl(new URL("demo.ts", import.meta.url))],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  const text = new TextDecoder();
  const shown = text.decode(stdout);
  assertEquals(code, 0, text.decode(stderr));
  for (
    const part of [
      "events  137,877",
      "git.esdb: sound",
      "t/t5800-remote-helpers.sh",
      "$ cairn query git.tdb",
      "Documentation   1107",
      "seconds; the files are gone again",
    ]
  ) assertStringIncludes(shown, part);
  assertEquals(shown.includes("/tmp/"), false);
});
