import { assertEquals, assertRejects } from "@std/assert";
import { CairnError, MemorySource } from "@cairn/core";
import { openTable, TableEncoder } from "@cairn/sstable";
import { encode } from "cborg";
import {
  encodeManifest,
  type Manifest,
  MANIFEST_NAME,
  readManifest,
  readSpaceFacts,
  SPACES_NAME,
} from "./manifest.ts";

async function read(block: Uint8Array): Promise<Manifest | undefined> {
  const encoder = new TableEncoder();
  encoder.addMetaBlock(MANIFEST_NAME, block);
  encoder.finish();
  return await readManifest(
    await openTable(new MemorySource(encoder.take().slice())),
  );
}

const MANIFEST: Manifest = {
  stats: { trails: 2, events: 5, minTimestamp: 7, maxTimestamp: 2 ** 32 - 1 },
  schema: {
    fields: [{ name: "a", type: "text" }, { name: "b", type: "integer" }],
    payload: "fields",
    grouping: "b",
    indexed: ["a"],
  },
};

Deno.test("readManifest() gives back what encodeManifest() wrote", async () => {
  const plain: Manifest = {
    stats: {
      trails: 0,
      events: 0,
      minTimestamp: undefined,
      maxTimestamp: undefined,
    },
    schema: undefined,
  };
  for (const manifest of [MANIFEST, plain]) {
    assertEquals(await read(encodeManifest(manifest)), manifest);
  }
});

Deno.test("readManifest() passes over blocks of others", async () => {
  for (
    const block of [encode("x"), encode({ format: "y" }), Uint8Array.of(0xff)]
  ) {
    assertEquals(await read(block), undefined);
  }
});

Deno.test("readManifest() refuses a later version and other forms", async () => {
  const given = { format: "cairn-esdb", version: 1, spaces: 1, events: 1 };
  const bad: [object, string][] = [
    [{ ...given, version: 2 }, "unsupported"],
    [{ ...given, spaces: -1, oldest: null, newest: null }, "corrupt"],
    [{ ...given, oldest: "1", newest: null }, "corrupt"],
    [{ ...given, oldest: 1, newest: 1, fields: [["a"]] }, "corrupt"],
    [
      {
        ...given,
        oldest: 1,
        newest: 1,
        fields: [["a", "float"]],
        payload: "fields",
        grouping: null,
        indexed: null,
      },
      "corrupt",
    ],
  ];
  for (const [map, code] of bad) {
    const error = await assertRejects(() => read(encode(map)), CairnError);
    assertEquals(error.code, code);
  }
});

Deno.test("readSpaceFacts() refuses columns of other lengths", async () => {
  const one = {
    counts: Uint8Array.of(1),
    newest: new Uint8Array(4),
    spans: Uint8Array.of(0),
    checksums: new Uint8Array(4),
  };
  const read = async (columns: object) => {
    const encoder = new TableEncoder();
    encoder.addMetaBlock(SPACES_NAME, encode(columns));
    encoder.finish();
    const source = new MemorySource(encoder.take().slice());
    return await readSpaceFacts(await openTable(source), 1);
  };
  assertEquals([...(await read(one)).counts], [1]);
  for (
    const wrong of [
      { newest: new Uint8Array(5) },
      { newest: new Uint8Array(8) },
      { checksums: new Uint8Array(7) },
      { counts: Uint8Array.of(1, 1) },
      { spans: new Uint8Array(0) },
    ]
  ) {
    const error = await assertRejects(
      () => read({ ...one, ...wrong }),
      CairnError,
    );
    assertEquals(error.code, "corrupt");
  }
});
