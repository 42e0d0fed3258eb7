/**
 * `cairn query`: a question to a store.
 *
 * @module
 */
import { Command } from "commander";
import { CairnError, concatBytes, decodeText } from "@cairn/core";
import type { CommandContext } from "../command_context.ts";
import { ANSWER_FORMATS } from "../output/answer_text.ts";
import {
  addQueryFlags,
  answerQuery,
  openQueries,
  type QueryFlags,
} from "../query_flags.ts";
import { oneOf } from "../text/flag_value.ts";
import {
  addIndexFlags,
  addStoreFlags,
  keyStyleOf,
  type StoreFlags,
  withStore,
} from "./store_flags.ts";

interface QueryCommandFlags extends StoreFlags, QueryFlags {
  readonly format: string;
  readonly explain?: boolean;
}

/** Makes the command. @param context What it works with. */
export function queryCommand(context: CommandContext): Command {
  const command = new Command("query")
    .description("ask which trails did what, and how much")
    .argument("<store>", "the store")
    .argument("<query>", "the query; - reads it from standard input")
    .option("--format <format>", "table, json, csv or ndjson", "table")
    .option("--explain", "also tell on standard error how it was answered");
  return addStoreFlags(addIndexFlags(addQueryFlags(command)))
    .addHelpText("after", HELP)
    .action((path: string, query: string, flags: QueryCommandFlags) =>
      runQuery(context, path, query, flags)
    );
}

const HELP = `
A query is a list in parentheses. A segment names trails: (slice "type") has any
value of type, (slice "type" (= "buy")) this one; and, or, xor and not combine
segments. (count S), (group-by "page" S), (top-n "page" 10 S), (sum "price" S)
and (select (fields "page") S) ask about a segment. The whole language is in
docs/query-language.md.

Examples:
  cairn query shop.tdb '(count (slice "type" (= "buy")))'
  cairn query shop.tdb '(top-n "page" 3 (slice "type" (= "view")))'
  cairn query shop.tdb --counter spent=price --format json \\
    '(and (slice "spent" (> 100)) (not (slice "page" (prefix "/help"))))'`;

async function runQuery(
  context: CommandContext,
  path: string,
  query: string,
  flags: QueryCommandFlags,
): Promise<void> {
  const format = oneOf("--format", flags.format, ANSWER_FORMATS);
  const { signal } = context.io;
  const text = query === "-" ? await readAll(context) : query;
  await withStore(context, path, flags, async (opened) => {
    const engine = await openQueries(opened, flags, signal);
    const keyStyle = await keyStyleOf(opened, undefined, signal);
    const explain = flags.explain ?? false;
    await answerQuery(context, engine, text, { format, keyStyle, explain });
  });
}

/** Most bytes of a query, as the language says. */
const QUERY_BYTES_MAX = 1 << 20;

async function readAll(context: CommandContext): Promise<string> {
  const parts: Uint8Array[] = [];
  let byteLength = 0;
  for await (const part of context.io.stdin()) {
    parts.push(part.slice());
    byteLength += part.length;
    // The parser says so itself; there is no need to read on.
    if (byteLength > QUERY_BYTES_MAX) break;
  }
  const text = decodeText(concatBytes(parts));
  if (text === undefined) {
    throw new CairnError(
      "invalid-input",
      "Cannot read query: it is not UTF-8",
      {
        where: { file: "-" },
      },
    );
  }
  return text;
}
