import { assertEquals } from "@std/assert";
import { esdbCodec } from "./codec.ts";

// The suite holds a codec to what it promises; this holds it to its promises.
Deno.test("esdbCodec promises what its users rely on", () => {
  const { fieldNames, ...promises } = esdbCodec.capabilities;
  assertEquals(promises, {
    trailKeyBytes: { min: 1, max: 2 ** 20 },
    timestamps: { min: 0, max: 2 ** 32 - 1 },
    fieldsMax: 16_382,
    emptyEvents: true,
    columns: "bytes",
    cheapOrder: "descending",
    partialReads: true,
    index: false,
    fieldTypes: true,
    checksums: true,
  });
  for (const name of ["a", "a:b", "x".repeat(70_000)]) {
    assertEquals(fieldNames.allows(name), true, name.slice(0, 20));
  }
  for (const name of [""]) {
    assertEquals(fieldNames.allows(name), false, name.slice(0, 20));
  }
});
