import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import {
  createSchema,
  encodeText,
  MemorySink,
  MemorySource,
  parseUuid,
} from "@cairn/core";
import { openTrailStore } from "../open_trail.ts";
import { writeItemIndex } from "../write_item_index.ts";
import { createTrailDirectory, createTrailStore } from "./trail_writer.ts";
import type { TrailCreateOptions } from "../create_options.ts";
import {
  arbitraryInput,
  dumpModel,
  type ModelInput,
  sortEvents,
} from "../testdata/model.ts";
import { hasTdb, runTdb } from "../testdata/original.ts";
import {
  goldenEntries,
  goldenEvents,
  readGolden,
} from "../testdata/golden_input.ts";

const RUNS = Number(Deno.env.get("CAIRN_TEST_RUNS") ?? 60);

async function write(
  input: ModelInput,
  options: TrailCreateOptions,
): Promise<Uint8Array> {
  const sink = new MemorySink();
  const schema = createSchema(input.fields);
  await using writer = await createTrailStore(sink, schema, options);
  for (const { uuid, time, values } of input.events) {
    await writer.add(parseUuid(uuid), time, values.map(encodeText));
  }
  await writer.finish();
  return sink.bytes();
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  return a.findIndex((byte, i) => byte !== b[i]);
}

function tooLate(input: ModelInput): boolean {
  const times = input.events.map(({ time }) => time);
  return times.length > 0 && Math.min(...times) > 2 ** 47 - 2;
}

Deno.test("createTrailStore() writes what tdb make writes from random input", async () => {
  if (!await hasTdb("comparison of bytes")) return;
  const folder = await Deno.makeTempDir();
  try {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        arbitraryInput(),
        fc.boolean(),
        async (input, bigrams) => {
          fc.pre(!tooLate(input));
          const root = `${folder}/${run++}`;
          await Deno.writeTextFile(`${root}.csv`, dumpModel(input.events));
          const fields = ["uuid", "time", ...input.fields].join(",");
          const flags = bigrams ? [] : ["--no-bigrams"];
          await runTdb([
            ...["make", "-d", ",", "-f", fields, ...flags],
            ...["-i", `${root}.csv`, "-o", root],
          ]);
          const theirs = await Deno.readFile(`${root}.tdb`);
          const ours = await write(input, {
            bigrams,
            additions: false,
            equalTimes: "reversed",
          });
          await Deno.remove(`${root}.tdb`);
          assertEquals(firstDifference(ours, theirs), -1);
        },
      ),
      { numRuns: RUNS },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("createTrailStore() writes files that tdb dump reads, additions and all", async () => {
  if (!await hasTdb("dump of our files")) return;
  const folder = await Deno.makeTempDir();
  try {
    await fc.assert(
      fc.asyncProperty(
        arbitraryInput(),
        fc.constantFrom("input" as const, "reversed" as const),
        fc.boolean(),
        async (input, equalTimes, bigrams) => {
          fc.pre(!tooLate(input));
          await Deno.writeFile(
            `${folder}/a.tdb`,
            await write(input, { equalTimes, bigrams }),
          );
          const dump = await runTdb(["dump", "-d", ",", "-i", `${folder}/a`]);
          assertEquals(
            new TextDecoder().decode(dump),
            dumpModel(sortEvents(input.events, equalTimes)),
          );
        },
      ),
      { numRuns: RUNS },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("createTrailDirectory() writes directories that tdb dump reads", async () => {
  if (!await hasTdb("dump of our directories")) return;
  const folder = await Deno.makeTempDir();
  try {
    const events = Array.from({ length: 500 }, (_, i) => ({
      uuid: (i % 7).toString(16).padStart(32, "0"),
      time: 1000 + i,
      values: [`v${i % 3}`, i % 5 === 0 ? "" : `w${i}`],
    }));
    const writer = await createTrailDirectory(
      `${folder}/made`,
      createSchema(["a", { name: "b", type: "text" }]),
    );
    for (const { uuid, time, values } of events) {
      await writer.add(parseUuid(uuid), time, values.map(encodeText));
    }
    await writer.finish();
    const dump = await runTdb(["dump", "-d", ",", "-i", `${folder}/made`]);
    assertEquals(
      new TextDecoder().decode(dump),
      dumpModel(sortEvents(events, "input")),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("createTrailStore() with additions gives tdb dump the golden events", async () => {
  if (!await hasTdb("dump of golden events")) return;
  const folder = await Deno.makeTempDir();
  try {
    for (const entry of goldenEntries) {
      const { name, files, fields, made } = entry;
      const isInput = files.some(({ path }) =>
        path.startsWith(`${name}.input`)
      );
      // The large ones add nothing here; times above 2^53 have no additions;
      // the tool writes JSON and CSV that cannot tell these values apart.
      const odd = [
        "sampled",
        "time-chain",
        "binary",
        "unicode",
        "cli-json-raw",
      ];
      if (!isInput || made.with.includes("pre-0.5") || odd.includes(name)) {
        continue;
      }
      const golden = files.find(({ path }) => path.startsWith(`${name}.tdb`))!;
      if (golden.path.includes("/")) continue;
      const sink = new MemorySink();
      const schema = createSchema(fields);
      await using writer = await createTrailStore(sink, schema, {
        equalTimes: "reversed",
      });
      for (const { uuid, time, values } of goldenEvents(entry)) {
        await writer.add(uuid, Number(time), values);
      }
      await writer.finish();
      await Deno.writeFile(`${folder}/ours.tdb`, sink.bytes());
      await Deno.writeFile(`${folder}/theirs.tdb`, readGolden(`${name}.tdb`));
      const ours = await runTdb(["dump", "-i", `${folder}/ours`]);
      const theirs = await runTdb(["dump", "-i", `${folder}/theirs`]);
      assertEquals(firstDifference(ours!, theirs!), -1, name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeItemIndex() gives the bytes that tdb index gives, of 300 fields too", async () => {
  if (!await hasTdb("comparison of indexes")) return;
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["many-fields", "bigrams", "zero-fields"]) {
      const bytes = readGolden(`${name}.tdb`);
      const path = `${folder}/${name}.tdb`;
      await Deno.writeFile(path, bytes);
      await runTdb(["index", "-i", path]);
      const sink = new MemorySink();
      await using store = await openTrailStore(new MemorySource(bytes));
      await writeItemIndex(sink, store, store.file);
      assertEquals(sink.bytes(), await Deno.readFile(`${path}.index`), name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
