import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  joinAddress,
  maskSlot,
  nextSlot,
  slotOf,
  slotToBigint,
  slotToNumber,
  splitAddress,
} from "./slot.ts";

const u128 = fc.bigInt(0n, (1n << 128n) - 1n);

Deno.test("slots hold numbers of 128 bits", () => {
  fc.assert(fc.property(u128, fc.integer({ min: 1, max: 128 }), (n, bits) => {
    assertEquals(slotToBigint(slotOf(n)), n);
    assertEquals(
      slotToBigint(maskSlot(slotOf(n), bits)),
      n % (1n << BigInt(bits)),
    );
    const m = n % (1n << BigInt(bits));
    assertEquals(
      slotToBigint(nextSlot(slotOf(m), bits)),
      (m + 1n) % (1n << BigInt(bits)),
    );
    const { offset, bit } = splitAddress(slotOf(n));
    assertEquals([slotToBigint(offset), BigInt(bit)], [n >> 11n, n & 2047n]);
    assertEquals(joinAddress(offset, bit), slotOf(n));
  }));
});

Deno.test("slots hold safe integers", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (n) => {
    assertEquals(slotToNumber(slotOf(n)), n);
    assertEquals(slotOf(n), slotOf(BigInt(n)));
  }));
  assertEquals(slotToNumber(slotOf(1n << 53n)), undefined);
  assertEquals(slotToNumber(slotOf(1n << 64n)), undefined);
});
