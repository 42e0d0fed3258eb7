/**
 * Clauses on files that lie.
 *
 * @module
 */
import { CairnError, equal, Filter, type Store } from "@cairn/core";
import { check } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import { randomNumbers } from "../dataset.ts";
import { mutate } from "../mutate.ts";
import type { Workbench } from "../workbench.ts";
import { checkPlace } from "./faults.ts";

/** Events that no damaged copy of a small file can truly hold. */
const EVENTS_MAX = 5_000_000;

/** Clauses on files that lie. */
export const HOSTILE_CLAUSES: readonly Clause[] = [{
  id: "hostile.cuts",
  text:
    "A file cut anywhere is opened with a clear error, or what it gives is checked.",
  async run(bench) {
    const bytes = await smallFile(bench);
    const step = Math.max(1, Math.floor(bytes.length / bench.effort.mutations));
    for (let end = 0; end < bytes.length; end += step) {
      await survives(bench, bytes.slice(0, end), `cut at ${end}`);
    }
  },
}, {
  id: "hostile.mutations",
  text:
    "A damaged file gives a clear error or an answer: never a crash, a hang, or memory out of proportion.",
  async run(bench) {
    const bytes = await smallFile(bench);
    for (let seed = 0; seed < bench.effort.mutations; seed++) {
      await survives(bench, mutate(bytes, seed), `seed ${seed}`);
    }
  },
}, {
  id: "hostile.random",
  text: "Random bytes are refused with a clear error.",
  async run(bench) {
    const random = randomNumbers(5);
    for (let i = 0; i < 100; i++) {
      const bytes = Uint8Array.from(
        { length: random(3000) },
        () => random(256),
      );
      await survives(bench, bytes, `random file ${i}`);
    }
  },
}];

/**
 * Does everything with a file that may be damaged.
 *
 * @param bench The codec under test.
 * @param bytes The file.
 * @param what What it is, for the message.
 * @returns What came of it: opened and read whole, or the error's code.
 */
export async function survives(
  bench: Workbench,
  bytes: Uint8Array,
  what: string,
): Promise<string> {
  try {
    await using store = await bench.open(bytes, "damaged");
    const work: (() => Promise<unknown>)[] = [
      () => count(store.scan()),
      () => count(store.scan({ order: "descending", fields: [] })),
      () => count(store.scan({ filter: firstFieldFilter(store) })),
      () => count(store.verify()),
      () => store.stats(),
      () => store.find(bench.mixed.events[0]!.key),
      async () => {
        const index = await store.index();
        const field = index?.fields[0];
        if (field) await index.trails({ field: field.name });
      },
    ];
    let outcome = "ok";
    for (const step of work) {
      try {
        await step();
      } catch (error) {
        outcome = codeOf(error, what);
      }
    }
    return outcome;
  } catch (error) {
    return codeOf(error, what);
  }

  async function count(items: AsyncIterable<unknown>): Promise<void> {
    let events = 0;
    for await (const item of items) {
      events += (item as { count?: number }).count ?? 1;
      check(
        events <= EVENTS_MAX,
        `${what}: ${events} events out of ${bytes.length} bytes`,
      );
    }
  }
}

/** Accepts of the first field no value, and one. */
function firstFieldFilter({ schema }: Store): Filter {
  const [field] = schema.fields;
  return field === undefined
    ? Filter.all
    : new Filter([[equal(field.name, null), equal(field.name, "a")]]);
}

function codeOf(error: unknown, what: string): string {
  if (
    error instanceof CairnError &&
    ["corrupt", "unsupported", "limit"].includes(error.code)
  ) {
    if (error.code === "corrupt") checkPlace(error.where, error.message);
    return error.code;
  }
  throw new Error(`${what}: ${error instanceof Error ? error.stack : error}`, {
    cause: error,
  });
}

async function smallFile(bench: Workbench): Promise<Uint8Array> {
  const { schema, events } = bench.mixed;
  return (await bench.write(schema, events.slice(0, 200))).bytes;
}
