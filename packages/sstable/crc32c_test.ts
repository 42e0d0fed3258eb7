import { assertEquals } from "@std/assert";
import { crc32c as kernel } from "@cairn/kernels";
import { encodeText } from "@cairn/core";
import fc from "fast-check";
import { crc32c, maskCrc, unmaskCrc } from "./mod.ts";

Deno.test("crc32c() gives the known sums", () => {
  // RFC 3720, appendix B.4.
  assertEquals(crc32c(new Uint8Array(32)), 0x8a91_36aa);
  assertEquals(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8_ab43);
  assertEquals(crc32c(encodeText("123456789")), 0xe306_9283);
  assertEquals(crc32c(new Uint8Array(0)), 0);
});

Deno.test("crc32c() gives what the kernel gives, for any part and start", () => {
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 600 }),
    fc.nat(600),
    fc.nat(600),
    (bytes, a, b) => {
      const start = Math.min(a, b, bytes.length);
      const end = Math.min(Math.max(a, b), bytes.length);
      assertEquals(crc32c(bytes, start, end), kernel(bytes.slice(start, end)));
      const before = crc32c(bytes, 0, start);
      assertEquals(crc32c(bytes, start, bytes.length, before), crc32c(bytes));
    },
  ));
});

Deno.test("unmaskCrc() undoes maskCrc()", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (crc) => {
    assertEquals(unmaskCrc(maskCrc(crc)), crc);
  }));
});
