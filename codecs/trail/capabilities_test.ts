import { assertEquals } from "@std/assert";
import { trailCodec } from "./codec.ts";

// The suite holds a codec to what it promises; this holds it to its promises.
Deno.test("trailCodec promises what its users rely on", () => {
  const { fieldNames, ...promises } = trailCodec.capabilities;
  assertEquals(promises, {
    trailKeyBytes: { min: 16, max: 16 },
    timestamps: { min: 0, max: 2 ** 47 - 2 },
    fieldsMax: 16_382,
    emptyEvents: true,
    columns: "ids",
    cheapOrder: "ascending",
    partialReads: true,
    index: false,
    fieldTypes: true,
    checksums: true,
  });
  for (const name of ["a", "A-b_c%9", "times", "x".repeat(511)]) {
    assertEquals(fieldNames.allows(name), true, name.slice(0, 20));
  }
  for (const name of ["", "time", "a b", "ä", "x".repeat(512)]) {
    assertEquals(fieldNames.allows(name), false, name.slice(0, 20));
  }
});
