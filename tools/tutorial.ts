/**
 * Puts the code of examples/codec-ndjson into docs/write-a-codec.md: each block
 * of TypeScript there begins with a line of the code and is filled up to where
 * the next one begins.
 *
 * @module
 */
const root = new URL("../", import.meta.url);
const docUrl = new URL("docs/write-a-codec.md", root);
const code = await Deno.readTextFile(
  new URL("examples/codec-ndjson/mod.ts", root),
);
const doc = await Deno.readTextFile(docUrl);

const BLOCK = /^```ts\n([\s\S]*?)^```$/gm;
const firstLines = [...doc.matchAll(BLOCK)].map(([, block]) =>
  block!.split("\n")[0]!
);
const starts = firstLines.map((line) => {
  const at = `\n${code}`.indexOf(`\n${line}`);
  if (at < 0) throw new Error(`The code has no line "${line}"`);
  return at;
});
let block = 0;
const filled = doc.replace(BLOCK, () => {
  const text = code.slice(starts[block], starts[block + 1]).trimEnd();
  block++;
  return `\`\`\`ts\n${text}\n\`\`\``;
});
await Deno.writeTextFile(docUrl, filled);
