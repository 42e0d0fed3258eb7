import { assertEquals } from "@std/assert";
import {
  encodeTarHeader,
  encodeTarToc,
  memberEnd,
  placeMember,
  tarTocByteLength,
} from "./tar_writer.ts";

const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

Deno.test("encodeTarHeader() states sizes in octal up to 8 GiB, then as a number", () => {
  const small = encodeTarHeader("a", 2 ** 33 - 1);
  assertEquals(text(small.subarray(124, 136)), "77777777777\0");
  const large = encodeTarHeader("a", 2 ** 33);
  assertEquals(
    [...large.subarray(124, 136)],
    [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0],
  );
});

Deno.test("encodeTarHeader() puts names above 100 characters in an entry of their own", () => {
  for (
    const [length, byteLength] of [[100, 512], [101, 1536], [511, 1536], [
      512,
      2048,
    ]] as const
  ) {
    const name = "n".repeat(length);
    const bytes = encodeTarHeader(name, 5);
    assertEquals(bytes.length, byteLength);
    const header = bytes.subarray(byteLength - 512);
    assertEquals(text(header.subarray(0, 100)), name.slice(0, 100));
    if (length > 100) {
      assertEquals(text(bytes.subarray(0, 13)), "././@LongLink");
      assertEquals(text(bytes.subarray(512, 512 + length)), name);
    }
  }
});

Deno.test("encodeTarHeader() sums up its bytes, the sum taken as blanks", () => {
  const header = encodeTarHeader("version", 1);
  const stated = parseInt(text(header.subarray(148, 154)), 8);
  header.fill(32, 148, 156);
  assertEquals(stated, header.reduce((total, byte) => total + byte, 0));
});

Deno.test("tarTocByteLength() gives the example of the format document", () => {
  const names = [
    ...["version", "info", "lexicon.color", "lexicon.size", "fields"],
    ...["trails.codebook", "trails.toc", "trails.data", "uuids"],
  ];
  assertEquals(tarTocByteLength(names), 543);
});

Deno.test("encodeTarToc() ends with an empty line and zeros", () => {
  const place = placeMember("version", 0, 1);
  assertEquals([place.offset, memberEnd(place)], [512, 1024]);
  assertEquals(
    text(encodeTarToc([place], 45)),
    "TAR TOC FOR TDB VER 1\nversion 512 1\n\n\0\0\0\0\0\0\0\0",
  );
});
