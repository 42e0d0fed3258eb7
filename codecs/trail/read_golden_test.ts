import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CairnError,
  equal,
  Filter,
  type FilterClause,
  type FilterTerm,
  MemorySink,
  MemorySource,
  notEqual,
} from "@cairn/core";
import {
  GOLDEN,
  goldenEntries,
  hasGolden,
  readGolden,
  sha256,
} from "./testdata/golden.ts";
import { dumpDatabase, dumpStore } from "./testdata/normal_dump.ts";
import { EventFilter } from "./event_filter.ts";
import { openTrailMembers, openTrailStore } from "./open_trail.ts";
import { TrailDatabase } from "./trail_database.ts";
import { MemberMap } from "./trail_members.ts";
import type { TrailStore } from "./trail_store.ts";
import { writeItemIndex } from "./write_item_index.ts";

/** A condition of a recorded query. */
interface QueryTerm {
  readonly field?: string;
  readonly value?: string;
  readonly value_b64?: string;
  readonly negative?: boolean;
  readonly time_range?: readonly [string, string];
}

/** A recorded query. */
interface Query {
  readonly id: number;
  readonly cnf?: readonly (readonly QueryTerm[])[];
  readonly filter?: string;
  readonly uuids?: readonly string[];
  readonly count: number;
  readonly rows?: readonly number[];
  readonly rows_sha256?: string;
  readonly lines_sha256: string;
}

/** Opens an entry from memory, package or directory. */
async function openEntry(
  name: string,
  options: { reference?: boolean; index?: MemorySource } = {},
): Promise<TrailStore> {
  if (hasGolden(`${name}.tdb`)) {
    return await openTrailStore(
      new MemorySource(readGolden(`${name}.tdb`), { name }),
      options,
    );
  }
  const windows = [...Deno.readDirSync(new URL(`${name}.tdbdir/`, GOLDEN))]
    .map((entry) => entry.name.replace(/\.gz$/, ""))
    .map((member) => {
      const bytes = readGolden(`${name}.tdbdir/${member}`);
      const source = new MemorySource(bytes, { name: member });
      return { name: member, source, offset: 0, byteLength: bytes.length };
    });
  return await openTrailMembers(new MemberMap(name, windows), options);
}

/** Large entries are read by scans alone. */
const LARGE = 20_000;

for (const entry of goldenEntries()) {
  Deno.test(`a golden file reads as expected: ${entry.name}`, async () => {
    await using store = await openEntry(entry.name);
    const db = new TrailDatabase(store);
    assertEquals(store.schema.fields.map(({ name }) => name), entry.fields);
    assertEquals(db.trailCount, entry.stats.num_trails);
    assertEquals(db.eventCount, entry.stats.num_events);
    assertEquals(db.version, entry.stats.version);
    await db.loadLexicons();
    assertEquals(
      entry.fields.map((_, i) => db.lexiconSize(i + 1)),
      entry.stats.lexicon_sizes,
    );
    if (entry.stats.num_events <= LARGE) {
      const lines = await dumpDatabase(db);
      assertEquals(await digest(lines), entry.expected.sha256);
    }
    if (db.maxTime > BigInt(Number.MAX_SAFE_INTEGER) && db.eventCount > 0) {
      const error = await assertRejects(() => dumpStore(store), CairnError);
      assertEquals([error.code, error.reason], ["unsupported", "time-range"]);
      return;
    }
    const lines = await dumpStore(store);
    assertEquals(lines.length, entry.expected.lines);
    assertEquals(await digest(lines), entry.expected.sha256);
    assertEquals(await Array.fromAsync(store.verify()), []);
  });

  Deno.test(`golden queries give the recorded rows: ${entry.name}`, async () => {
    const queries: Query[] = readJson(`${entry.name}.queries.json`).queries;
    await using store = await openEntry(entry.name);
    const db = new TrailDatabase(store);
    if (entry.stats.num_events > 2 * LARGE) {
      return await scanQueries(store, queries);
    }
    const all = await dumpDatabase(db);
    for (const query of queries) {
      db.setView({});
      db.filter = query.cnf === undefined && query.filter === undefined
        ? undefined
        : query.cnf === undefined
        ? await db.bindFilter(parseFilter(query.filter!))
        : bindCnf(db, query.cnf);
      if (query.uuids !== undefined) {
        db.setView({ allow: await listTrails(db, query.uuids) });
      }
      const lines = await dumpDatabase(db);
      assertEquals(lines.length, query.count, `query ${query.id}`);
      assertEquals(
        await digest(lines),
        query.lines_sha256,
        `query ${query.id}`,
      );
      if (query.rows !== undefined) {
        assertEquals(lines, query.rows.map((row) => all[row]!));
      }
    }
    if (db.maxTime <= BigInt(Number.MAX_SAFE_INTEGER) || db.eventCount === 0) {
      await scanQueries(store, queries);
    }
  });
}

/** Answers queries by scans, with batches of odd sizes. */
async function scanQueries(
  store: TrailStore,
  queries: readonly Query[],
): Promise<void> {
  for (const query of queries) {
    if (query.uuids !== undefined) continue;
    const filter = query.cnf === undefined
      ? parseFilter(query.filter!)
      : new Filter(query.cnf.map((clause) => clause.map(toTerm)));
    const batchEvents = store.file.info.events > LARGE ? 65_536 : 77;
    const lines = await dumpStore(store, { filter, batchEvents });
    assertEquals(lines.length, query.count, `query ${query.id}`);
    assertEquals(await digest(lines), query.lines_sha256, `query ${query.id}`);
  }
}

Deno.test("a cursor of what differs gives what C gives", async () => {
  await using store = await openEntry("only-diff");
  const lines = await dumpDatabase(new TrailDatabase(store), {
    onlyDiffItems: true,
  });
  const wanted = new TextDecoder().decode(
    readGolden("only-diff.expected-diff.ndjson"),
  ).trimEnd().split("\n");
  // The order of items is that of the file in both.
  assertEquals(lines, wanted);
});

Deno.test("writeItemIndex() gives the bytes that tdb index gives", async () => {
  for (
    const name of ["multi", "many-trails", "zero-events", "high-cardinality"]
  ) {
    await using store = await openEntry(name);
    const sink = new MemorySink();
    await writeItemIndex(sink, store, store.file);
    assertEquals(sink.bytes(), readGolden(`${name}.tdb.index`), name);
  }
});

Deno.test("scan() with an item index gives the same events", async () => {
  const queries: Query[] = readJson("multi.queries.json").queries;
  const index = new MemorySource(readGolden("multi.tdb.index"));
  await using store = await openEntry("multi", { index });
  await scanQueries(store, queries);
  assert((await store.index()) !== undefined);
});

Deno.test("variants read or are refused as recorded", async () => {
  const { files, base } = readJson("variants/variants.json");
  for (const { file, cairn } of files) {
    const bytes = readGolden(`variants/${file.replace(/\.gz$/, "")}`);
    let digestRead: string | undefined;
    let refused: CairnError | undefined;
    try {
      await using store = await openTrailStore(
        new MemorySource(bytes, { name: file }),
      );
      digestRead = await digest(await dumpStore(store));
      await store.find(new Uint8Array(16));
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      refused = error;
    }
    const wrong = `${file}: ${refused?.message ?? digestRead}`;
    if (cairn === "read") assertEquals(digestRead, base.sha256, wrong);
    if (cairn === "reject") assert(refused !== undefined, wrong);
    if (refused === undefined) assertEquals(digestRead, base.sha256, wrong);
    else assertEquals(refused.where.file, file);
  }
});

function bindCnf(
  db: TrailDatabase,
  cnf: readonly (readonly QueryTerm[])[],
): EventFilter {
  const filter = new EventFilter();
  cnf.forEach((clause, i) => {
    if (i > 0) filter.addClause();
    for (const term of clause) {
      if (term.time_range !== undefined) {
        const [start, end] = term.time_range;
        filter.addTimeRange(BigInt(start), BigInt(end));
        continue;
      }
      const names = db.store.schema.fields.map(({ name }) => name);
      const field = names.indexOf(term.field!) + 1;
      filter.addTerm(db.item(field, termValue(term)), {
        negated: term.negative ?? false,
      });
    }
  });
  return filter;
}

function toTerm(term: QueryTerm): FilterTerm {
  if (term.time_range !== undefined) {
    return {
      kind: "time",
      from: Number(term.time_range[0]),
      to: Number(term.time_range[1]),
    };
  }
  return (term.negative ? notEqual : equal)(term.field!, termValue(term));
}

function termValue(term: QueryTerm): Uint8Array {
  return term.value_b64 === undefined
    ? new TextEncoder().encode(term.value)
    : Uint8Array.from(atob(term.value_b64), (c) => c.charCodeAt(0));
}

/** The filter expression of the command, as far as the queries use it. */
function parseFilter(text: string): Filter {
  const clauses: FilterTerm[][] = [[]];
  for (const token of text.split(/[ \t\n]+/).filter((word) => word !== "")) {
    if (token.startsWith("&")) {
      clauses.push([]);
      continue;
    }
    const split = token.indexOf("=");
    const negated = token[split - 1] === "!";
    const name = token.slice(0, negated ? split - 1 : split);
    clauses[clauses.length - 1]!.push(
      (negated ? notEqual : equal)(name, token.slice(split + 1)),
    );
  }
  return new Filter(clauses as FilterClause[]);
}

async function listTrails(
  db: TrailDatabase,
  uuids: readonly string[],
): Promise<number[]> {
  const trails: number[] = [];
  for (const text of uuids) {
    if (!/^[0-9a-fA-F]{32}$/.test(text)) continue;
    const uuid = Uint8Array.from(
      text.match(/../g)!,
      (pair) => Number.parseInt(pair, 16),
    );
    const trail = await db.findTrail(uuid);
    if (trail !== undefined) trails.push(trail);
  }
  return trails;
}

/** Numbers beyond 2^53 as text. */
// deno-lint-ignore no-explicit-any -- recorded files of several shapes
function readJson(name: string): any {
  return JSON.parse(
    new TextDecoder().decode(readGolden(name))
      .replace(
        /"time_range": *\[(\d+), *(\d+)\]/g,
        '"time_range": ["$1", "$2"]',
      ),
  );
}

async function digest(lines: readonly string[]): Promise<string> {
  return await sha256(lines.map((line) => `${line}\n`).join(""));
}

Deno.test("openTrailStore() tells where a member should be that is not there", async () => {
  const error = await assertRejects(
    () =>
      openTrailStore(new MemorySource(readGolden("variants/bad-no-info.tdb"))),
    CairnError,
  );
  assertEquals([error.code, error.reason], ["corrupt", "missing-member"]);
  // The table of contents has no line for it.
  assertEquals([error.where.part, error.where.offset], ["info", 2560]);
});
