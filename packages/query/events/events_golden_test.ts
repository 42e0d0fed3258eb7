import { assertEquals } from "@std/assert";
import {
  type Bitmap,
  createSchema,
  decodeText,
  encodeText,
  equal,
  Filter,
  type FilterTerm,
  formatHex,
  notEqual,
  parseHex,
  spanValue,
  type Store,
  timeRange,
} from "@cairn/core";
import {
  countEvents,
  findTrails,
  funnel,
  greaterThan,
  groupEvents,
  matchesPattern,
  type TrailSegment,
} from "../mod.ts";
import { readGoldenJson } from "../testdata/golden.ts";
import { type ModelEvent, ModelStore } from "../testdata/model_store.ts";

type Where = readonly (readonly {
  readonly field: string;
  readonly equals?: string;
  readonly not?: boolean;
  readonly regex?: string;
  readonly greater?: number;
  readonly from?: number;
  readonly to?: number;
}[])[];

interface Segment {
  readonly op: "has" | "sum" | "sequence" | "and" | "or" | "xor" | "not";
  readonly where?: Where;
  readonly moreThan?: number;
  readonly field?: string;
  readonly steps?: readonly Where[];
  readonly within?: number;
  readonly of?: readonly Segment[];
}

interface GoldenCase {
  readonly kind: "stats" | "events" | "trails" | "funnel" | "group";
  readonly name: string;
  readonly where?: Where;
  readonly segment?: Segment;
  readonly steps?: readonly Where[];
  readonly within?: number;
  readonly by?: string;
  readonly sum?: string;
  readonly expected: {
    readonly count?: number;
    readonly counts?: readonly number[];
    readonly groups?: number;
    readonly sha256?: string;
    readonly events?: number;
    readonly trails?: number;
  };
}

async function readHistory(columns: "ids" | "bytes"): Promise<ModelStore> {
  const url = new URL(
    "../../../conformance/golden/data/git-history.csv.gz",
    import.meta.url,
  );
  const file = await Deno.open(url);
  const text = await new Response(
    file.readable.pipeThrough(new DecompressionStream("gzip")),
  ).text();
  const [head, ...lines] = text.trimEnd().split("\n");
  const names = head!.trimEnd().split(",").slice(2);
  const trails = new Map<string, ModelEvent[]>();
  const values = new Map<string, Uint8Array>();
  for (const line of lines) {
    const [uuid, time, ...cells] = splitCsv(line.trimEnd());
    let events = trails.get(uuid!);
    if (events === undefined) trails.set(uuid!, events = []);
    events.push({
      time: Number(time),
      values: cells.map((cell) => {
        if (cell === "") return null;
        let value = values.get(cell);
        if (value === undefined) values.set(cell, value = encodeText(cell));
        return value;
      }),
    });
  }
  return new ModelStore(
    createSchema(names),
    [...trails].map(([uuid, events]) => ({
      key: parseHex(uuid),
      events: events.sort((a, b) => a.time - b.time),
    })),
    { columns, batchEvents: 4096 },
  );
}

function splitCsv(line: string): string[] {
  if (!line.includes('"')) return line.split(",");
  const cells = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
  return cells.slice(0, 9).map((cell) => {
    const bare = cell.replace(/,$/, "");
    return bare.startsWith('"')
      ? bare.slice(1, -1).replaceAll('""', '"')
      : bare;
  });
}

function toFilter(where: Where = []): Filter {
  return new Filter(where.map((clause) =>
    clause.map((term): FilterTerm => {
      const { field, equals, not, regex, greater, from, to } = term;
      if (from !== undefined) return timeRange(from, to!);
      if (regex !== undefined) return matchesPattern(field, regex);
      if (greater !== undefined) return greaterThan(field, greater);
      return not ? notEqual(field, equals!) : equal(field, equals!);
    })
  ));
}

function toSegment(segment: Segment): TrailSegment {
  const { op, moreThan } = segment;
  switch (op) {
    case "has":
      return {
        op,
        where: toFilter(segment.where),
        ...(moreThan === undefined ? {} : { moreThan }),
      };
    case "sum":
      return {
        op,
        where: toFilter(segment.where),
        field: segment.field!,
        moreThan: moreThan!,
      };
    case "sequence":
      return {
        op,
        steps: segment.steps!.map(toFilter),
        ...(segment.within === undefined ? {} : { within: segment.within }),
      };
    case "not":
      return { op, of: toSegment(segment.of![0]!) };
    default:
      return { op, of: segment.of!.map(toSegment) };
  }
}

async function digest(lines: readonly string[]): Promise<string> {
  const bytes = encodeText(lines.map((line) => `${line}\n`).join(""));
  const hash = await crypto.subtle.digest("SHA-256", bytes as BufferSource);
  return formatHex(new Uint8Array(hash));
}

async function keysOf(store: Store, trails: Bitmap): Promise<string[]> {
  const keys: string[] = [];
  for (const trail of trails) {
    const key = await store.keys({ start: trail, end: trail + 1 });
    keys.push(formatHex(spanValue(key, 0)!));
  }
  return keys.sort();
}

async function answer(store: Store, golden: GoldenCase): Promise<unknown> {
  switch (golden.kind) {
    case "stats": {
      const { events, trails } = await store.stats();
      return { events, trails };
    }
    case "events":
      return { count: await countEvents(store, toFilter(golden.where)) };
    case "trails": {
      const trails = await findTrails(store, toSegment(golden.segment!));
      return {
        count: trails.count(),
        sha256: await digest(await keysOf(store, trails)),
      };
    }
    case "funnel":
      return await funnel(store, golden.steps!.map(toFilter), {
        ...(golden.within === undefined ? {} : { within: golden.within }),
      });
    case "group": {
      const groups = await groupEvents(
        store,
        golden.by === "month" ? { period: "month" } : { field: golden.by! },
        {
          where: toFilter(golden.where),
          ...(golden.sum === undefined ? {} : { sum: golden.sum }),
        },
      );
      const shown = groups.map(({ key, count, sum }) => ({
        key: typeof key === "string" ? key : decodeText(key!)!,
        value: Number(sum ?? count),
      }));
      shown.sort((a, b) => b.value - a.value || (a.key < b.key ? -1 : 1));
      return {
        groups: groups.length,
        sha256: await digest(shown.map(({ key, value }) => `${key}=${value}`)),
      };
    }
  }
}

Deno.test("events are counted, grouped and followed as the golden answers say", async () => {
  const cases = readGoldenJson<GoldenCase[]>(
    "common/git-history.queries.json",
  );
  for (const columns of ["ids", "bytes"] as const) {
    await using store = await readHistory(columns);
    for (const [i, golden] of cases.entries()) {
      // Of bytes some are enough: the kinds of questions are the same.
      if (columns === "bytes" && i % 3 !== 2) continue;
      const got = await answer(store, golden) as Record<string, unknown>;
      const expected = golden.expected as Record<string, unknown>;
      for (const [name, value] of Object.entries(got)) {
        assertEquals(value, expected[name], `${golden.name} ${name}`);
      }
    }
  }
});
