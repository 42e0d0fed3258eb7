import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { crc32c, crc32cReference } from "./mod.ts";

Deno.test("crc32c() gives the known sums", () => {
  const zeros = new Uint8Array(32);
  const ones = new Uint8Array(32).fill(0xff);
  const rising = Uint8Array.from({ length: 32 }, (_, i) => i);
  // RFC 3720, appendix B.4.
  assertEquals(crc32c(zeros), 0x8a9136aa);
  assertEquals(crc32c(ones), 0x62a8ab43);
  assertEquals(crc32c(rising), 0x46dd794e);
  assertEquals(crc32c(new Uint8Array(0)), 0);
});

Deno.test("crc32c() equals its reference on any bytes", () => {
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 70_000, size: "max" }),
    fc.nat(20),
    (bytes, start) => {
      const view = bytes.subarray(Math.min(start, bytes.length));
      assertEquals(crc32c(view), crc32cReference(view));
    },
  ));
});

Deno.test("crc32c() goes on from the sum of the bytes before", () => {
  const bytes = Uint8Array.from({ length: 40_000 }, (_, i) => i * 7919 >>> 3);
  for (const cut of [0, 1, 7, 255, 256, 16_384, 16_385, 39_999, 40_000]) {
    assertEquals(
      crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut))),
      crc32cReference(bytes),
    );
  }
});
