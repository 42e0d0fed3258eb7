/**
 * Answers to the common questions by a plain scan through the contracts.
 *
 * @module
 */
import {
  columnValue,
  decodeText,
  equal,
  type EventBatch,
  Filter,
  type FilterTerm,
  formatHex,
  notEqual,
  spanValue,
  type Store,
  test,
  timeRange,
} from "@cairn/core";
import type { Question, Segment, Where, WhereTerm } from "./questions.ts";

/**
 * Answers one question.
 *
 * @param store A store of the bundled history.
 * @param question The question; its `expected` is not looked at.
 * @returns An answer of the same shape as `expected`.
 */
export async function answer(
  store: Store,
  question: Question,
): Promise<unknown> {
  switch (question.kind) {
    case "stats":
      return await answerStats(store);
    case "events":
      return await answerEvents(store, question.where);
    case "trails": {
      const keys = await allKeys(store);
      const trails = await segment(store, question.segment);
      const lines = [...trails].map((ordinal) => keys[ordinal]!).sort();
      return { count: lines.length, sha256: await digest(lines) };
    }
    case "funnel": {
      const deepest = await depths(store, question.steps, question.within);
      return {
        counts: question.steps.map((_, step) =>
          [...deepest.values()].filter((depth) => depth > step).length
        ),
      };
    }
    case "group":
      return await answerGroup(store, question);
  }
}

async function answerStats(store: Store): Promise<unknown> {
  const { events, trails, minTimestamp, maxTimestamp } = await store.stats();
  const distinct: Record<string, number> = {};
  for (const { name } of store.schema.fields) {
    const values = new Set<string>();
    for await (const batch of store.scan({ fields: [name] })) {
      for (let row = 0; row < batch.count; row++) {
        const value = columnValue(batch.columns[0]!, row);
        if (value !== null) values.add(formatHex(value));
      }
    }
    distinct[name] = values.size;
  }
  return {
    events,
    trails,
    minTime: minTimestamp,
    maxTime: maxTimestamp,
    distinct,
  };
}

async function answerEvents(store: Store, where: Where): Promise<unknown> {
  const keys = await allKeys(store);
  const lines: string[] = [];
  for await (const batch of store.scan({ filter: toFilter(where) })) {
    for (const { trail, timestamp, values } of batch.events()) {
      const cells = values.map((value) =>
        formatCell(decodeText(value ?? new Uint8Array(0))!)
      );
      lines.push([keys[trail]!, timestamp, ...cells].join(","));
    }
  }
  const encoder = new TextEncoder();
  const sorted = lines.map((line) => ({
    line,
    bytes: formatHex(encoder.encode(line)),
  }))
    .sort((a, b) => a.bytes < b.bytes ? -1 : a.bytes > b.bytes ? 1 : 0)
    .map(({ line }) => line);
  return { count: lines.length, sha256: await digest(sorted) };
}

async function answerGroup(
  store: Store,
  question: Question & { kind: "group" },
): Promise<unknown> {
  const { by, sum } = question;
  const fields = [
    ...by === "month" ? [] : [by],
    ...sum === undefined ? [] : [sum],
  ];
  const groups = new Map<string, number>();
  for await (
    const batch of store.scan({
      fields,
      filter: toFilter(question.where ?? []),
    })
  ) {
    for (const { timestamp, values } of batch.events()) {
      const key = by === "month"
        ? new Date(timestamp * 1000).toISOString().slice(0, 7)
        : toText(values[0]!);
      const amount = sum === undefined ? 1 : Number(toText(values.at(-1)!));
      groups.set(key, (groups.get(key) ?? 0) + amount);
    }
  }
  const sorted = [...groups].sort(([a, x], [b, y]) =>
    y - x || (a < b ? -1 : a > b ? 1 : 0)
  );
  return {
    groups: sorted.length,
    top: sorted.slice(0, 10),
    sha256: await digest(sorted.map(([key, value]) => `${key}=${value}`)),
  };
}

async function segment(store: Store, question: Segment): Promise<Set<number>> {
  switch (question.op) {
    case "has":
    case "sum": {
      const totals = new Map<number, number>();
      const fields = question.op === "sum" ? [question.field] : [];
      for await (
        const batch of store.scan({ fields, filter: toFilter(question.where) })
      ) {
        for (const { trail, values } of batch.events()) {
          const amount = question.op === "sum" ? Number(toText(values[0]!)) : 1;
          totals.set(trail, (totals.get(trail) ?? 0) + amount);
        }
      }
      const moreThan = question.moreThan ?? 0;
      return new Set(
        [...totals].filter(([, n]) => n > moreThan).map(([trail]) => trail),
      );
    }
    case "sequence": {
      const deepest = await depths(store, question.steps, question.within);
      const all = question.steps.length;
      return new Set(
        [...deepest].filter(([, depth]) => depth === all).map(([trail]) =>
          trail
        ),
      );
    }
    default: {
      const parts = await Promise.all(
        question.of.map((part) => segment(store, part)),
      );
      if (question.op === "not") {
        return (await allTrails(store)).difference(parts[0]!);
      }
      return parts.reduce((a, b) =>
        question.op === "and"
          ? a.intersection(b)
          : question.op === "or"
          ? a.union(b)
          : a.symmetricDifference(b)
      );
    }
  }
}

/** The deepest step that each trail reaches, from any event that matches the first. */
async function depths(
  store: Store,
  steps: readonly Where[],
  within = Infinity,
): Promise<Map<number, number>> {
  const names = store.schema.fields.map((field) => field.name);
  const matchers = steps.map((where) => rowMatcher(where, names));
  const deepest = new Map<number, number>();
  let trail = -1;
  let events: { timestamp: number; steps: boolean[] }[] = [];
  const flush = () => {
    if (trail < 0) return;
    const depth = Math.max(
      0,
      ...events.map((_, i) => depthFrom(events, i, steps.length, within)),
    );
    if (depth > 0) deepest.set(trail, depth);
    events = [];
  };
  for await (const batch of store.scan()) {
    let row = 0;
    for (const event of batch.events()) {
      if (event.trail !== trail) {
        flush();
        trail = event.trail;
      }
      events.push({
        timestamp: event.timestamp,
        steps: matchers.map((matches) => matches(batch, row, event.timestamp)),
      });
      row++;
    }
  }
  flush();
  return deepest;
}

function depthFrom(
  events: readonly { timestamp: number; steps: boolean[] }[],
  start: number,
  stepCount: number,
  within: number,
): number {
  if (!events[start]!.steps[0]) return 0;
  const until = events[start]!.timestamp + within;
  let depth = 1;
  for (let i = start + 1; i < events.length && depth < stepCount; i++) {
    if (events[i]!.timestamp > until) break;
    if (events[i]!.steps[depth]) depth++;
  }
  return depth;
}

/** Tests a row of a batch; the conditions are made ready once. */
function rowMatcher(where: Where, names: readonly string[]) {
  const clauses = where.map((clause) =>
    clause.map((term) =>
      "from" in term ? { ...term, field: -1, test: () => false } : {
        field: names.indexOf(term.field),
        test: toTest(term),
        from: 0,
        to: 0,
      }
    )
  );
  return (batch: EventBatch, row: number, timestamp: number): boolean =>
    clauses.every((clause) =>
      clause.some(({ field, test, from, to }) =>
        field < 0
          ? from <= timestamp && timestamp < to
          : test(columnValue(batch.columns[field]!, row))
      )
    );
}

function toFilter(where: Where): Filter {
  return new Filter(where.map((clause) => clause.map(toTerm)));
}

function toTerm(term: WhereTerm): FilterTerm {
  if ("from" in term) return timeRange(term.from, term.to);
  if ("equals" in term) {
    return (term.not ? notEqual : equal)(term.field, term.equals);
  }
  return test(term.field, JSON.stringify(term), toTest(term));
}

function toTest(
  term: Exclude<WhereTerm, { from: number }>,
): (value: Uint8Array | null) => boolean {
  if ("equals" in term) {
    return (value) => (toText(value) === term.equals) !== (term.not ?? false);
  }
  if ("regex" in term) {
    const pattern = new RegExp(term.regex, "u");
    return (value) => value !== null && pattern.test(toText(value));
  }
  return (value) => value !== null && Number(toText(value)) > term.greater;
}

async function allKeys(store: Store): Promise<string[]> {
  const { trails } = await store.stats();
  const keys = await store.keys({ start: 0, end: trails });
  return Array.from(
    { length: trails },
    (_, i) => formatHex(spanValue(keys, i)!),
  );
}

async function allTrails(store: Store): Promise<Set<number>> {
  const { trails } = await store.stats();
  return new Set(Array(trails).keys());
}

function toText(value: Uint8Array | null): string {
  return value === null ? "" : decodeText(value)!;
}

function formatCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function digest(lines: readonly string[]): Promise<string> {
  const text = lines.map((line) => `${line}\n`).join("");
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return formatHex(new Uint8Array(hash));
}
