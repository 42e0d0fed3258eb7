import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { OutputBuffer } from "./output_buffer.ts";

Deno.test("OutputBuffer.decimal() writes numbers as String() does", () => {
  const out = new OutputBuffer(1);
  const number = fc.oneof(
    fc.maxSafeNat(),
    fc.nat(2000),
    fc.integer({ min: 0, max: 16 }).chain((p) =>
      fc.constantFrom(0, 1).map((less) => Math.min(10 ** p, 2 ** 53) - less)
    ),
  );
  fc.assert(fc.property(number, (value) => {
    out.clear();
    out.decimal(value);
    assertEquals(new TextDecoder().decode(out.view()), String(value));
  }));
});

Deno.test("OutputBuffer.span() copies short and long runs", () => {
  const source = Uint8Array.from({ length: 300 }, (_, i) => i);
  const out = new OutputBuffer(1);
  for (const end of [0, 1, 64, 65, 300]) {
    out.clear();
    out.span(source, 0, end);
    assertEquals(out.view(), source.subarray(0, end));
  }
});
