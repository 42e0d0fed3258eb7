import { assert, assertEquals } from "@std/assert";
import { compareBytes } from "@cairn/core";
import fc from "fast-check";
import { separatorKey, successorKey } from "./separator.ts";

const key = fc.uint8Array({ maxLength: 6 }).map((bytes) =>
  bytes.map((byte) => byte > 200 ? 0xff : byte % 4)
);

Deno.test("separatorKey() parts two keys", () => {
  fc.assert(fc.property(key, key, (a, b) => {
    if (compareBytes(a, b) >= 0) return;
    const separator = separatorKey(a, b);
    assert(compareBytes(a, separator) <= 0);
    assert(compareBytes(separator, b) < 0);
    assert(separator.length <= a.length);
  }));
});

Deno.test("separatorKey() raises the first byte that can be", () => {
  const of = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
  assertEquals(separatorKey(of(1, 2, 3), of(1, 5)), of(1, 3));
  assertEquals(separatorKey(of(1, 2, 3), of(1, 3)), of(1, 2, 3));
  assertEquals(separatorKey(of(1, 0xff), of(2)), of(1, 0xff));
  assertEquals(separatorKey(of(1), of(1, 0)), of(1));
});

Deno.test("successorKey() is at or after a key", () => {
  fc.assert(fc.property(key, (a) => {
    assert(compareBytes(a, successorKey(a)) <= 0);
  }));
  assertEquals(
    successorKey(Uint8Array.of(0xff, 3, 4)),
    Uint8Array.of(0xff, 4),
  );
  assertEquals(successorKey(Uint8Array.of(0xff)), Uint8Array.of(0xff));
  assertEquals(successorKey(new Uint8Array(0)), new Uint8Array(0));
});
