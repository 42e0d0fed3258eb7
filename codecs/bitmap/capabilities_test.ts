import { assertEquals } from "@std/assert";
import { bitmapCodec } from "./codec.ts";

// The suite holds a codec to what it promises; this holds it to its promises.
Deno.test("bitmapCodec promises what its users rely on", () => {
  const { fieldNames, ...promises } = bitmapCodec.capabilities;
  assertEquals(promises, {
    trailKeyBytes: { min: 1, max: 65_533 },
    timestamps: { min: 0, max: 2 ** 53 - 1 },
    fieldsMax: 16_382,
    emptyEvents: true,
    columns: "ids",
    cheapOrder: "ascending",
    partialReads: true,
    index: true,
    fieldTypes: true,
    checksums: true,
  });
  for (const name of ["a", "ä b", "a.b", "a_201", "x".repeat(65_000)]) {
    assertEquals(fieldNames.allows(name), true, name.slice(0, 20));
  }
  for (
    const name of [
      "",
      ".a",
      "a_2013",
      "a_2013_05",
      "a_2013_05_04",
      "x".repeat(65_001),
      "\ud800",
    ]
  ) {
    assertEquals(fieldNames.allows(name), false, name.slice(0, 20));
  }
});
