import { assertEquals } from "@std/assert";
import { formatHex } from "@cairn/core";

const golden = new URL("./golden/", import.meta.url);

Deno.test("golden/manifest.json has the digest of every golden file", async () => {
  const manifest: Record<string, [number, string]> = JSON.parse(
    await Deno.readTextFile(new URL("manifest.json", golden)),
  );
  const found: Record<string, [number, string]> = {};
  for (const path of (await listFiles("")).sort()) {
    if (path === "manifest.json") continue;
    const bytes = await Deno.readFile(new URL(path, golden));
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    found[path] = [bytes.length, formatHex(new Uint8Array(digest))];
  }
  assertEquals(found, manifest);
});

async function listFiles(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, golden))
  ) {
    if (isDirectory) paths.push(...await listFiles(`${folder}${name}/`));
    else paths.push(`${folder}${name}`);
  }
  return paths;
}
