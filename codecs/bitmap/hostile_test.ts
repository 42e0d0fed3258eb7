import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CairnError,
  concatBytes,
  encodeText,
  type Finding,
  MemorySink,
  MemorySource,
  parseHex,
  type Store,
} from "@cairn/core";
import fc from "fast-check";
import { GOLDEN, goldenListing } from "./testdata/golden.ts";
import { bitmapCodec } from "./codec.ts";
import {
  decodeKey,
  metaKey,
  namePrefix,
  slotPrefix,
  SUPERBLOCK_KEY,
} from "./key.ts";
import { decodeSchema } from "./keyspace_schema.ts";
import { decodeState } from "./keyspace_state.ts";
import { KIND } from "./layout.ts";
import { MemoryChunkStore } from "./memory_chunk_store.ts";
import { openSealed } from "./open_store.ts";
import { seal } from "./seal.ts";
import { decodeSuperblock } from "./superblock.ts";
import { encodeCbor } from "./_cbor.ts";

const SMALL = await goldenListing("small");

/** Seals the small store after somebody changed its keys; blocks have right checksums. */
async function sealChanged(
  change: (entries: Map<string, string>) => void,
): Promise<Uint8Array> {
  const entries = new Map(SMALL);
  change(entries);
  const live = new MemoryChunkStore();
  await live.batch(
    [...entries].map(([k, v]) => ({ key: parseHex(k), value: parseHex(v) })),
  );
  const sink = new MemorySink();
  await seal(live, sink);
  return sink.bytes();
}

const hex = (bytes: Uint8Array) => bytes.toHex();

/** Uses everything of a store that can meet damage. */
async function useAll(store: Store): Promise<void> {
  const { trails } = await store.stats();
  await store.keys({ start: 0, end: Math.min(trails, 100) });
  const index = (await store.index())!;
  await index.all();
  for (const { name, kind } of index.fields) {
    await index.trails({ field: name });
    if (kind === "flag") continue;
    const condition = { kind: "between", low: 0n, high: 5n } as const;
    await index.trails({ field: name, condition });
    const prefix = { kind: "prefix", prefix: encodeText("m") } as const;
    await index.trails({ field: name, condition: prefix });
    for await (const _ of index.values!(name)!);
  }
}

async function findings(store: Store): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of store.verify()) found.push(finding);
  return found;
}

/** The outcome must be an answer or an error of ours. */
async function survives(bytes: Uint8Array): Promise<void> {
  for (const keyspace of ["user_events", "numbered", "collide"]) {
    try {
      await using store = await openSealed(new MemorySource(bytes), {
        keyspace,
      });
      await useAll(store);
      await findings(store);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
    }
  }
}

Deno.test("openSealed() survives cuts at any place", async () => {
  const bytes = await Deno.readFile(new URL("sealed-small.sst", GOLDEN));
  for (let length = 0; length < bytes.length; length += 1999) {
    await survives(bytes.subarray(0, length));
  }
  for (let length = bytes.length - 60; length < bytes.length; length++) {
    const error = await assertRejects(
      () => openSealed(new MemorySource(bytes.subarray(0, length))),
      CairnError,
    );
    assertEquals(error.code, "corrupt");
  }
});

Deno.test("openSealed() survives random bytes and flips", async () => {
  const bytes = await Deno.readFile(new URL("sealed-small.sst", GOLDEN));
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      async (flips) => {
        const changed = bytes.slice();
        for (const [at, mask] of flips) changed[at]! ^= mask;
        await survives(changed);
      },
    ),
    { numRuns: 15 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), survives),
    { numRuns: 50 },
  );
});

Deno.test("openSealed() survives keys and values that are wrong under right checksums", async () => {
  const keys = [...SMALL.keys()];
  await fc.assert(
    fc.asyncProperty(
      fc.nat(keys.length - 1),
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(3),
      async (at, random, how) => {
        const bytes = await sealChanged((entries) => {
          const key = keys[Math.max(1, at)]!;
          const value = entries.get(key)!;
          if (how === 0) entries.set(key, hex(random));
          else if (how === 1) entries.set(key + hex(random), value);
          else if (how === 2) entries.delete(key);
          else {entries.set(
              hex(concatBytes([Uint8Array.of(0, 0x11), random])),
              value,
            );}
        });
        await survives(bytes);
      },
    ),
    { numRuns: 20 },
  );
});

const stateKey = hex(metaKey(1, "state"));
const wrongStates: [string, unknown][] = [
  ["rows above those there are", {
    position: 9,
    rows: 2 ** 53 - 1,
    fields: {},
  }],
  ["bits above 128", {
    position: 9,
    rows: 2,
    fields: {
      login: { bits: 129 },
      signup: { bits: 1 },
      landing_page: { bits: 1 },
    },
  }],
  ["a field missing", { position: 9, rows: 2, fields: {} }],
  ["a negative position", { position: -1, rows: 2, fields: {} }],
];

for (const [name, state] of wrongStates) {
  Deno.test(`a state with ${name} is corrupt`, async () => {
    const bytes = await sealChanged((entries) =>
      entries.set(stateKey, hex(encodeCbor(state)))
    );
    const error = await assertRejects(
      () => openSealed(new MemorySource(bytes), { keyspace: "user_events" }),
      CairnError,
    );
    assertEquals([error.code, error.where.part], ["corrupt", "state"]);
  });
}

Deno.test("a state that claims more rows than there are allocates nothing by it", async () => {
  const schema = decodeSchema(parseHex(SMALL.get(hex(metaKey(1, "schema")))!));
  const state = decodeState(parseHex(SMALL.get(stateKey)!), schema);
  const bytes = await sealChanged((entries) => {
    const claimed = {
      position: 9,
      rows: 2 ** 50,
      fields: Object.fromEntries(
        [...state.fields].map(([field, { bits }]) => [field, { bits }]),
      ),
    };
    entries.set(stateKey, hex(encodeCbor(claimed)));
  });
  await using store = await openSealed(new MemorySource(bytes), {
    keyspace: "user_events",
  });
  await useAll(store).catch((error) => {
    assertEquals(error.code, "corrupt");
  });
  assert((await findings(store)).length > 0);
});

Deno.test("a chunk of another length is corrupt", async () => {
  for (const length of [0, 255, 257]) {
    const key = slotPrefix(
      slotPrefix(namePrefix(1, KIND.presence, encodeText("login")), 0),
      0,
    );
    const bytes = await sealChanged((entries) =>
      entries.set(hex(key), "ff".repeat(length))
    );
    await using store = await openSealed(new MemorySource(bytes), {
      keyspace: "user_events",
    });
    const index = (await store.index())!;
    const error = await assertRejects(
      () => index.trails({ field: "login" }),
      CairnError,
    );
    assertEquals([error.code, error.where.part], ["corrupt", "chunks"]);
  }
});

Deno.test("decodeKey() refuses whatever is not exactly a key", () => {
  const good = [
    "00000005636169726e",
    "001100056c6f67696e" + "00".repeat(32),
    "0025000161" + "00".repeat(16) + "0002abcd",
  ];
  for (const key of good) {
    decodeKey(parseHex(key));
    for (let end = 0; end < key.length; end += 2) {
      assertThrows(() => decodeKey(parseHex(key.slice(0, end))), CairnError);
    }
    assertThrows(() => decodeKey(parseHex(key + "00")), CairnError);
  }
  for (const wrong of ["0009000161", "0019000161" + "00".repeat(32)]) {
    const error = assertThrows(() => decodeKey(parseHex(wrong)), CairnError);
    assertEquals([error.code, error.where.part], ["corrupt", "keys"]);
  }
});

Deno.test("decodeSuperblock() refuses versions to come, and what is none", () => {
  const record = {
    format: "cairn-bitmap",
    version: 1,
    sealed: true,
    keyspaces: {},
  };
  decodeSuperblock(encodeCbor(record));
  const newer = assertThrows(
    () => decodeSuperblock(encodeCbor({ ...record, version: 2 })),
    CairnError,
  );
  assertEquals(newer.code, "unsupported");
  for (
    const wrong of [
      { ...record, format: "other" },
      { ...record, keyspaces: { a: 4096 } },
      { ...record, keyspaces: { a: 1, b: 1 } },
      [],
      { ...record, version: "1" },
    ]
  ) {
    const error = assertThrows(
      () => decodeSuperblock(encodeCbor(wrong)),
      CairnError,
    );
    assertEquals([error.code, error.where.part], ["corrupt", "superblock"]);
  }
  assertThrows(() => decodeSuperblock(Uint8Array.of(0x9b, 255, 255, 255, 255)));
});

Deno.test("bitmapCodec.detect() knows its files and no other tables", async () => {
  const probe = async (name: string) => {
    const bytes = await Deno.readFile(new URL(name, GOLDEN));
    return {
      head: bytes.subarray(0, 4096),
      tail: bytes.subarray(-4096),
      size: bytes.length,
    };
  };
  assert(bitmapCodec.detect(await probe("sealed-main.sst")));
  assert(bitmapCodec.detect(await probe("sealed-small.sst")));
  assert(!bitmapCodec.detect(await probe("schema.json")));
  const empty = new Uint8Array(0);
  assert(!bitmapCodec.detect({ head: empty, tail: empty, size: 0 }));
  assertEquals(SUPERBLOCK_KEY.length, 9);
});
