import { assertEquals } from "@std/assert";
import { ByteReader, ByteWriter } from "@cairn/core";
import fc from "fast-check";

/** One call of a writer, and the value that a reader must give back. */
type Call =
  | ["u8" | "u16" | "u32" | "u64" | "uvarint", number]
  | ["bytes", Uint8Array];

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(fc.constant("u8" as const), fc.nat(255)),
  fc.tuple(fc.constant("u16" as const), fc.nat(65_535)),
  fc.tuple(
    fc.constant("u32" as const),
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  ),
  fc.tuple(fc.constant("u64" as const), fc.maxSafeNat()),
  fc.tuple(fc.constant("uvarint" as const), fc.maxSafeNat()),
  fc.tuple(fc.constant("bytes" as const), fc.uint8Array({ maxLength: 600 })),
);

Deno.test("ByteWriter writes what ByteReader reads, whatever it starts with", () => {
  fc.assert(fc.property(fc.array(call), fc.nat(40), (calls, capacity) => {
    const writer = new ByteWriter(capacity);
    for (const [name, value] of calls) {
      if (name === "bytes") writer.bytes(value);
      else writer[name](value);
    }
    assertEquals(writer.view().length, writer.byteLength);
    const reader = new ByteReader(writer.take(), { part: "x" });
    for (const [name, value] of calls) {
      const read = name === "bytes"
        ? reader.bytes(value.length, "x")
        : reader[name]("x");
      assertEquals(read, value);
    }
    reader.expectEnd();
  }));
});

Deno.test("ByteWriter.take() gives a copy and starts anew", () => {
  const writer = new ByteWriter();
  writer.u8(1);
  const first = writer.take();
  assertEquals(writer.byteLength, 0);
  writer.u16(0x0302);
  assertEquals([...first], [1]);
  assertEquals([...writer.view()], [2, 3]);
  assertEquals([...writer.take()], [2, 3]);
  assertEquals([...writer.take()], []);
});

Deno.test("ByteWriter.bytes() takes a view of itself", () => {
  const writer = new ByteWriter(16);
  writer.bytes(Uint8Array.from({ length: 16 }, (_, i) => i));
  writer.bytes(writer.view());
  const once = Array.from({ length: 16 }, (_, i) => i);
  assertEquals([...writer.take()], [...once, ...once]);
});
