import { assertEquals } from "@std/assert";
import { formatHex, parseHex } from "@cairn/core";
import { cityHash128 } from "./city_hash.ts";

const GOLDEN = new URL("../../conformance/golden/bitmap/", import.meta.url);

Deno.test("cityHash128() gives what the reference library gives", async () => {
  const { vectors } = JSON.parse(
    await Deno.readTextFile(new URL("cityhash.json", GOLDEN)),
  );
  for (const { name, input, value16 } of vectors) {
    assertEquals(formatHex(cityHash128(parseHex(input))), value16, name);
  }
  assertEquals(vectors.length, 379);
});

Deno.test("cityHash128() reads a view that begins inside its buffer", () => {
  const whole = Uint8Array.from({ length: 300 }, (_, i) => i * 7);
  assertEquals(
    cityHash128(whole.subarray(3, 250)),
    cityHash128(whole.slice(3, 250)),
  );
});
