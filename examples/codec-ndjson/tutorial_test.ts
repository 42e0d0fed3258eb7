import { assertEquals } from "@std/assert";

Deno.test("docs/write-a-codec.md builds exactly the code of this example", async () => {
  const doc = await Deno.readTextFile(
    new URL("../../docs/write-a-codec.md", import.meta.url),
  );
  const code = await Deno.readTextFile(new URL("./mod.ts", import.meta.url));
  const blocks = [...doc.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((
    [, block],
  ) => block!);
  const squeezed = (text: string) =>
    text.replace(/\s+/g, "").replace(/,([)\]}>])/g, "$1");
  assertEquals(squeezed(blocks.join("\n")), squeezed(code));
});

Deno.test("the example stays under 200 lines", async () => {
  const code = await Deno.readTextFile(new URL("./mod.ts", import.meta.url));
  assertEquals(code.split("\n").length - 1 < 200, true);
});
