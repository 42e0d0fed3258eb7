/**
 * Writes the golden files that are ours to write, and the manifest of all:
 * `deno task golden`. It says what changed. With `--check` it writes nothing
 * and fails when something would change.
 *
 * - `golden/logical/*.json`: datasets with questions and brute-force answers;
 * - `golden/ours/CODEC/*`: what each codec writes of them, so that a change of
 *   a layout is seen (packages are stored as gzip);
 * - `golden/manifest.json`: length and SHA-256 of every golden file.
 *
 * @module
 */
import {
  makeDatasets,
  modelCodec,
  plainTrails,
  Workbench,
} from "@cairn/conformance";
import { createSchema, decodeText, formatHex } from "@cairn/core";
import { gzipSync } from "fflate";
import { plainMatch } from "../conformance/clauses/scan.ts";
import type { Dataset } from "../conformance/dataset.ts";
import {
  LOGICAL_NAMES,
  logicalDataset,
  type LogicalFile,
  logicalFilter,
  type LogicalTerm,
} from "../conformance/logical.ts";
import { CODECS } from "./fuzz/codecs.ts";

const golden = new URL("../conformance/golden/", import.meta.url);
const checkOnly = Deno.args.includes("--check");
const changed: string[] = [];

for (const name of LOGICAL_NAMES) {
  const file = logicalFile(name);
  await put(`logical/${name}.json`, formatFile(file));
  for (const [codec, implementation] of CODECS) {
    const bench = new Workbench(implementation);
    const { schema, events } = logicalDataset(file);
    const { bytes } = await bench.write(schema, events);
    const packed = bytes.length > 65_536;
    await put(
      `ours/${codec}/${name}${implementation.extensions[0]}${
        packed ? ".gz" : ""
      }`,
      packed ? gzipSync(bytes, { mtime: 0 }) : bytes,
    );
  }
}
await put("manifest.json", new TextEncoder().encode(await manifest()));
for (const line of changed) console.log(line);
console.log(`Golden files: ${changed.length} changed`);
Deno.exit(checkOnly && changed.length > 0 ? 1 : 0);

async function put(path: string, bytes: Uint8Array): Promise<void> {
  const url = new URL(path, golden);
  const before = await Deno.readFile(url).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (
    before?.length === bytes.length &&
    bytes.every((byte, i) => byte === before[i])
  ) return;
  const first = before?.findIndex((byte, i) => byte !== bytes[i]);
  changed.push(
    before === undefined
      ? `new: ${path}, ${bytes.length} bytes`
      : `changed: ${path}, ${before.length} -> ${bytes.length} bytes, first at ${
        first === -1 ? before.length : first
      }`,
  );
  if (checkOnly) return;
  await Deno.mkdir(new URL(".", url), { recursive: true });
  await Deno.writeFile(url, bytes);
}

function logicalFile(name: string): LogicalFile {
  const capabilities = {
    ...modelCodec.capabilities,
    trailKeyBytes: { min: 16, max: 16 },
  };
  const made = makeDatasets({ ...capabilities, emptyEvents: false }).find((d) =>
    d.name === name
  )!;
  const dataset: Dataset = {
    ...made,
    schema: createSchema(["action", "page", "where"]),
    // Events without a value are not for every codec.
    events: made.events.filter((event) =>
      event.values.some((value) => value?.length)
    ).slice(0, 200),
  };
  const times = dataset.events.map((event) => event.timestamp);
  const middle = Math.round((Math.min(...times) + Math.max(...times)) / 2) + 1;
  const wheres: LogicalTerm[][][] = [
    [],
    [[]],
    [[{ field: "action", equals: "a" }]],
    [[{ field: "action", equals: "a", not: true }]],
    [[{ field: "page", equals: "" }]],
    [[{ field: "page", equals: "v3" }]],
    [[{ field: "where", equals: "no such value" }]],
    [[{ from: 0, to: middle }]],
    [[{ field: "action", equals: "b" }, { field: "page", equals: "v7" }], [{
      from: 2,
      to: middle,
    }]],
  ];
  const draft: LogicalFile = {
    name,
    reason: dataset.reason,
    fields: dataset.schema.fields.map((field) => [field.name, field.type]),
    events: dataset.events.map((event) => [
      formatHex(event.key),
      event.timestamp,
      event.values.map((value) =>
        value === null || value.length === 0
          ? null
          : decodeText(value) ?? { hex: formatHex(value) }
      ),
    ]),
    questions: wheres.map((where) => ({ where, kept: {} })),
  };
  return {
    ...draft,
    questions: draft.questions.map((question) => {
      const filter = logicalFilter(question);
      const kept = plainTrails(
        dataset.events.filter((e) => plainMatch(dataset, filter, e)),
      );
      return {
        where: question.where,
        kept: Object.fromEntries(
          [...kept].sort().map(([key, { events }]) => [key, events.length]),
        ),
      };
    }),
  };
}

/** JSON with a line for each event and question, so that a person can read it. */
function formatFile(file: LogicalFile): Uint8Array {
  const list = (items: readonly unknown[]) =>
    `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(",\n")}\n  ]`;
  return new TextEncoder().encode(
    `{\n  "name": ${JSON.stringify(file.name)},\n  "reason": ${
      JSON.stringify(file.reason)
    },\n` +
      `  "fields": ${JSON.stringify(file.fields)},\n  "events": ${
        list(file.events)
      },\n` +
      `  "questions": ${list(file.questions)}\n}\n`,
  );
}

async function manifest(): Promise<string> {
  const lines: string[] = [];
  for (const path of (await listFiles("")).sort()) {
    if (path === "manifest.json") continue;
    const bytes = await Deno.readFile(new URL(path, golden));
    const digest = formatHex(
      new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)),
    );
    lines.push(`  ${JSON.stringify(path)}: [${bytes.length}, "${digest}"]`);
  }
  return `{\n${lines.join(",\n")}\n}\n`;
}

async function listFiles(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, golden))
  ) {
    if (isDirectory) paths.push(...await listFiles(`${folder}${name}/`));
    else paths.push(`${folder}${name}`);
  }
  return paths;
}
