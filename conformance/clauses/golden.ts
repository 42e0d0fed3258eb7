/**
 * The logical datasets, whose answers are stored beside them.
 *
 * @module
 */
import { encodeText, parseHex, type Store } from "@cairn/core";
import { check, same } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import { type Dataset, plainTrails } from "../dataset.ts";
import {
  loadLogical,
  LOGICAL_NAMES,
  logicalDataset,
  type LogicalFile,
  logicalFilter,
} from "../logical.ts";
import { byKey, type Workbench } from "../workbench.ts";

/** Clauses on golden files. */
export const GOLDEN_CLAUSES: readonly Clause[] = [{
  id: "store.golden",
  text:
    "The logical datasets of `conformance/golden/logical` give the answers stored with them: reopened, scanned in both orders, filtered, looked up, indexed, merged, verified.",
  async run(bench) {
    for (const name of LOGICAL_NAMES) {
      const file = await loadLogical(name);
      const dataset = logicalDataset(file);
      await answersHold(bench, file, dataset, await written(bench, dataset), 1);
      await answersHold(bench, file, dataset, await merged(bench, dataset), 2);
    }
  },
}];

async function written(
  bench: Workbench,
  { schema, events }: Dataset,
): Promise<Uint8Array> {
  return (await bench.write(schema, events)).bytes;
}

/** A store into which the same store was appended twice. */
async function merged(bench: Workbench, dataset: Dataset): Promise<Uint8Array> {
  const sink = await bench.sink();
  await using writer = await bench.codec.create(sink, dataset.schema);
  await using store = await bench.open(await written(bench, dataset));
  await writer.append(store);
  await writer.append(store);
  await writer.finish();
  return await sink.bytes();
}

async function answersHold(
  bench: Workbench,
  file: LogicalFile,
  dataset: Dataset,
  bytes: Uint8Array,
  copies: number,
): Promise<void> {
  await using store = await bench.open(bytes);
  const sorted = [...plainTrails(dataset.events).entries()].flatMap((
    [key, { events }],
  ) =>
    Array.from({ length: copies }, () => events).flat().map((event) => ({
      key,
      ...event,
    }))
  );
  const expected = new Map(
    [...Map.groupBy(sorted, ({ key }) => key)].map(([key, events]) => [key, {
      key,
      events: events.map(({ timestamp, values }) => ({ timestamp, values }))
        .sort((a, b) => a.timestamp - b.timestamp),
    }]),
  );
  const what = `${file.name}, ${
    copies === 1 ? "written" : "merged with itself"
  }`;
  const trails = await bench.read(store);
  same(byKey(trails), expected, what);
  const reversed = await bench.read(store, { order: "descending" });
  reversed.forEach((trail) => trail.events.reverse());
  same(byKey(reversed), expected, `${what}, descending`);
  for (const { ordinal, key } of trails) {
    same(await store.find(parseHex(key)), ordinal, `${what}: find`);
  }
  await questionsHold(bench, file, { store, what, copies });
  for await (const finding of store.verify()) {
    check(
      finding.severity !== "corrupt",
      `${what}: verify says "${finding.detail}"`,
    );
  }
}

/** Asks the file's questions of scans and, where there is one, of the index. */
async function questionsHold(
  bench: Workbench,
  file: LogicalFile,
  asked: {
    readonly store: Store;
    readonly what: string;
    readonly copies: number;
  },
): Promise<void> {
  const { store, what, copies } = asked;
  const index = await store.index();
  for (const [q, question] of file.questions.entries()) {
    const kept = await bench.read(store, { filter: logicalFilter(question) });
    const counts = Object.fromEntries(
      kept.map(({ key, events }) => [key, events.length / copies]),
    );
    same(
      new Map(Object.entries(counts)),
      new Map(Object.entries(question.kept)),
      `${what}: question ${q}`,
    );
    const term = question.where.length === 1 && question.where[0]!.length === 1
      ? question.where[0]![0]!
      : undefined;
    if (index === undefined || term === undefined || !("equals" in term)) {
      continue;
    }
    if (term.not || term.equals === "") continue;
    const postings = await index.trails({
      field: term.field,
      condition: { kind: "in", values: [encodeText(term.equals)] },
    });
    const wanted = kept.map(({ ordinal }) => ordinal);
    if (postings?.exact) {
      same([...postings.bitmap], wanted, `${what}: index, question ${q}`);
      continue;
    }
    check(
      wanted.every((o) => postings?.bitmap.has(o) ?? true),
      `${what}: index, question ${q}`,
    );
  }
}
