import { assertEquals, assertThrows } from "@std/assert";
import { CairnError, encodeText } from "@cairn/core";
import fc from "fast-check";
import { parseNameList } from "./name_list.ts";

const none = () => new Uint8Array(0);

Deno.test("parseNameList() splits at commas", () => {
  assertEquals(parseNameList("a,b", none), ["a", "b"]);
  assertEquals(parseNameList("a", none), ["a"]);
  assertEquals(parseNameList("", none), []);
});

Deno.test("parseNameList() takes the last line of a file with and without newline", () => {
  for (const text of ["a\nb", "a\nb\n", "a\r\nb\r\n"]) {
    assertEquals(parseNameList("@f", () => encodeText(text)), ["a", "b"]);
  }
  assertEquals(parseNameList("@f", none), []);
});

Deno.test("parseNameList() refuses a file that is not text", () => {
  const error = assertThrows(
    () => parseNameList("@f", () => Uint8Array.of(0xff)),
    CairnError,
  );
  assertEquals([error.code, error.where.file], ["invalid-input", "f"]);
});

Deno.test("parseNameList() reads back what was written", () => {
  const names = fc.array(fc.stringMatching(/^[^,\n\r@]+$/), { minLength: 1 });
  fc.assert(fc.property(names, (wanted) => {
    assertEquals(parseNameList(wanted.join(","), none), wanted);
    assertEquals(
      parseNameList("@f", () => encodeText(wanted.join("\n"))),
      wanted,
    );
  }));
});
