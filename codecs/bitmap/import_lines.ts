/**
 * Lines of row events into a live index.
 *
 * @module
 */
import { type AbortOptions, CairnError, throwIfAborted } from "@cairn/core";
import type { BitmapIndex } from "./bitmap_index.ts";
import { parseRowEvent, type RowEvent } from "./row_event.ts";

/** How to import lines. */
export interface ImportLinesOptions extends AbortOptions {
  /** The keyspace of events that name none. */
  readonly keyspace?: string;
  /** Lines in a batch; 50,000 if left out. Batches are atomic; larger ones cost less. */
  readonly batchLines?: number;
  /**
   * Skip as many events of each keyspace as it has applied already, to go on
   * with a source after a stop; false if left out.
   */
  readonly resume?: boolean;
  /** Called for each bad line, which is then skipped; without it, one is an error. */
  readonly skipBad?: (error: CairnError) => void;
  /** Called after each batch with what is done so far. */
  readonly onBatch?: (summary: ImportLinesSummary) => void;
}

/** What an import did. */
export interface ImportLinesSummary {
  /** Lines read, empty ones too. */
  readonly lines: number;
  /** Events applied. */
  readonly events: number;
  /** Events skipped because they were applied before. */
  readonly resumed: number;
  /** Bad lines skipped. */
  readonly bad: number;
}

const BATCH_LINES = 50_000;

/**
 * Adds events to an index from lines of NDJSON: `row`, `ts`, `add`, `put`,
 * `mark`, and `keyspace` where there are several. Empty lines are passed over.
 *
 * @example Two lines
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BitmapIndex, importLines, parseKeyspaceSchema } from "@cairn/bitmap";
 *
 * await using index = await BitmapIndex.open();
 * await index.createKeyspace(parseKeyspaceSchema({
 *   name: "users",
 *   row_id: ["user"],
 *   fields: [{ name: "visit", type: "counter" }],
 * }));
 * const lines = ['{"row":["ann"],"add":{"visit":1}}', '{"row":["bob"]}'];
 * assertEquals((await importLines(index, lines)).events, 2);
 * ```
 * @param index Where to.
 * @param lines Without their line ends.
 * @param options Batches, resuming, bad lines.
 * @returns What was done.
 * @throws {CairnError} `invalid-input` with `where.line`, from 1: batches before
 * that of the bad line are in, its own is not. `limit`, `io`, `aborted`.
 */
export async function importLines(
  index: BitmapIndex,
  lines: Iterable<string> | AsyncIterable<string>,
  options: ImportLinesOptions = {},
): Promise<ImportLinesSummary> {
  const work = new LineImport(index, options);
  for await (const line of lines) {
    throwIfAborted(options.signal);
    await work.take(line);
  }
  await work.flush();
  return work.summary();
}

class LineImport {
  readonly #index: BitmapIndex;
  readonly #options: ImportLinesOptions;
  readonly #batchLines: number;
  readonly #skip = new Map<string, number>();
  #batch: RowEvent[] = [];
  #batchAt: number[] = [];
  #lines = 0;
  #events = 0;
  #resumed = 0;
  #bad = 0;

  constructor(index: BitmapIndex, options: ImportLinesOptions) {
    this.#index = index;
    this.#options = options;
    this.#batchLines = options.batchLines ?? BATCH_LINES;
    if (options.resume) {
      for (const [name, { state }] of index.keyspaces) {
        this.#skip.set(name, state.position);
      }
    }
  }

  async take(line: string): Promise<void> {
    this.#lines++;
    if (line.trim() === "") return;
    try {
      const parsed = parseRowEvent(line);
      const event = parsed.keyspace === undefined &&
          this.#options.keyspace !== undefined
        ? { ...parsed, keyspace: this.#options.keyspace }
        : parsed;
      if (this.#skipped(event)) return;
      this.#batch.push(event);
      this.#batchAt.push(this.#lines);
    } catch (error) {
      this.#refuse(atLine(error, this.#lines));
    }
    if (this.#batch.length >= this.#batchLines) await this.flush();
  }

  /** Applies what is collected; a bad event is taken out where that is wanted. */
  async flush(): Promise<void> {
    while (this.#batch.length > 0) {
      try {
        await this.#index.add(this.#batch);
        this.#events += this.#batch.length;
        this.#batch = [];
        this.#batchAt = [];
        this.#options.onBatch?.(this.summary());
      } catch (error) {
        const at = error instanceof CairnError ? error.where.line : undefined;
        if (at === undefined) throw error;
        this.#refuse(atLine(error, this.#batchAt[at - 1]!));
        this.#batch.splice(at - 1, 1);
        this.#batchAt.splice(at - 1, 1);
      }
    }
  }

  summary(): ImportLinesSummary {
    return {
      lines: this.#lines,
      events: this.#events,
      resumed: this.#resumed,
      bad: this.#bad,
    };
  }

  #skipped(event: RowEvent): boolean {
    if (this.#skip.size === 0) return false;
    const name = event.keyspace ?? this.#skip.keys().next().value!;
    const left = this.#skip.get(name) ?? 0;
    if (left === 0) return false;
    this.#skip.set(name, left - 1);
    this.#resumed++;
    return true;
  }

  #refuse(error: unknown): void {
    const { skipBad } = this.#options;
    if (!(error instanceof CairnError) || skipBad === undefined) throw error;
    this.#bad++;
    skipBad(error);
  }
}

function atLine(error: unknown, line: number): unknown {
  if (!(error instanceof CairnError)) return error;
  return new CairnError(error.code, error.detail, {
    where: { ...error.where, line },
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    cause: error.cause ?? error,
  });
}
