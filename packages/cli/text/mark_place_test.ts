import { assertEquals } from "@std/assert";
import { markPlace } from "./mark_place.ts";

Deno.test("markPlace() points at the character", () => {
  assertEquals(markPlace("(slice x)", 1, 8), "  (slice x)\n         ^");
  assertEquals(markPlace("(a\n  b", 2, 3), "    b\n    ^");
  assertEquals(markPlace("(a", 1, 3), "  (a\n    ^");
  assertEquals(markPlace("", 1, 1), "  \n  ^");
});

Deno.test("markPlace() counts code points and knows wide ones and tabs", () => {
  assertEquals(markPlace('"😀" x', 1, 5), '  "😀" x\n       ^');
  assertEquals(markPlace("\tab", 1, 3), "  \tab\n  \t ^");
  assertEquals(markPlace("a\x07b", 1, 2), "  a b\n   ^");
});
