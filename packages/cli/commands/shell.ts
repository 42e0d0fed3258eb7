/**
 * `cairn shell`: one question after the other.
 *
 * @module
 */
import { Command } from "commander";
import { CairnError } from "@cairn/core";
import type { QueryEngine } from "@cairn/query";
import type { CommandContext } from "../command_context.ts";
import { formatError } from "../format_error.ts";
import { ANSWER_FORMATS, type AnswerFormat } from "../output/answer_text.ts";
import {
  addQueryFlags,
  answerQuery,
  openQueries,
  type QueryFlags,
} from "../query_flags.ts";
import { QueryTextError } from "../query_text_error.ts";
import { oneOf } from "../text/flag_value.ts";
import type { KeyStyle } from "../text/key_text.ts";
import { UsageError } from "../usage_error.ts";
import {
  addIndexFlags,
  addStoreFlags,
  keyStyleOf,
  type StoreFlags,
  withStore,
} from "./store_flags.ts";

interface ShellFlags extends StoreFlags, QueryFlags {}

/** Makes the command. @param context What it works with. */
export function shellCommand(context: CommandContext): Command {
  const command = new Command("shell")
    .description("ask a store one query after the other")
    .argument("<store>", "the store");
  return addStoreFlags(addIndexFlags(addQueryFlags(command)))
    .addHelpText("after", HELP)
    .action((path: string, flags: ShellFlags) => shell(context, path, flags));
}

const COMMANDS = `Write a query, on as many lines as you like, or one of:
  .fields           the fields there are
  .explain          tell how queries are answered, or stop telling
  .format FORMAT    print answers as table, json, csv or ndjson
  .help             this
  .quit             leave; so does the end of input`;

const HELP = `
${COMMANDS}

Examples:
  cairn shell shop.tdb
  echo '(count (all))' | cairn shell shop.tdb`;

async function shell(
  context: CommandContext,
  path: string,
  flags: ShellFlags,
): Promise<void> {
  await withStore(context, path, flags, async (opened) => {
    const { signal } = context.io;
    const engine = await openQueries(opened, flags, signal);
    const keyStyle = await keyStyleOf(opened, undefined, signal);
    const session = new Session(context, engine, keyStyle);
    if (context.io.stdinIsTerminal) {
      await context.say(`${opened.path}: write a query, or .help`);
    }
    let waiting = "";
    for await (
      const line of context.io.lines(() =>
        waiting === "" ? "cairn> " : "   ... "
      )
    ) {
      waiting = await session.take(
        waiting === "" ? line : `${waiting}\n${line}`,
      );
      if (session.isOver) return;
    }
    if (waiting !== "") await session.query(waiting);
  });
}

/** What a shell remembers between lines. */
class Session {
  isOver = false;
  readonly #context: CommandContext;
  readonly #engine: QueryEngine;
  readonly #keyStyle: KeyStyle;
  #format: AnswerFormat = "table";
  #explain = false;

  constructor(
    context: CommandContext,
    engine: QueryEngine,
    keyStyle: KeyStyle,
  ) {
    this.#context = context;
    this.#engine = engine;
    this.#keyStyle = keyStyle;
  }

  /** Takes what was typed so far; gives what waits for more lines. */
  async take(text: string): Promise<string> {
    if (text.trim() === "") return "";
    if (text.startsWith(".")) {
      await this.#command(text.trim());
      return "";
    }
    return await this.#tryQuery(text, true) ? "" : text;
  }

  /** Runs what is left at the end of input. */
  async query(text: string): Promise<void> {
    await this.#tryQuery(text, false);
  }

  /** Runs a query; says whether it was a whole one. */
  async #tryQuery(text: string, mayWait: boolean): Promise<boolean> {
    try {
      await answerQuery(this.#context, this.#engine, text, {
        format: this.#format,
        keyStyle: this.#keyStyle,
        explain: this.#explain,
      });
    } catch (error) {
      if (mayWait && isUnfinished(error)) return false;
      await this.#fail(error);
    }
    return true;
  }

  async #command(text: string): Promise<void> {
    const [name, argument] = text.split(/\s+/);
    try {
      switch (name) {
        case ".quit":
        case ".exit":
          this.isOver = true;
          return;
        case ".help":
          return await this.#context.say(COMMANDS);
        case ".explain":
          this.#explain = !this.#explain;
          return;
        case ".format":
          this.#format = oneOf(".format", argument ?? "", ANSWER_FORMATS);
          return;
        case ".fields":
          for (const field of this.#engine.schema.fields) {
            await this.#context.print(`${field.name} (${field.kind})\n`);
          }
          return;
        default:
          throw new UsageError(
            `There is no ${name}; .help tells what there is`,
          );
      }
    } catch (error) {
      await this.#fail(error);
    }
  }

  /** Says what went wrong; a shell goes on, and ends with 1 only for scripts. */
  async #fail(error: unknown): Promise<void> {
    const known = error instanceof CairnError || error instanceof UsageError ||
      error instanceof QueryTextError;
    if (!known || this.#context.io.signal.aborted) throw error;
    await this.#context.say(formatError(error, false));
    if (!this.#context.io.stdinIsTerminal) this.#context.exitCode = 1;
  }
}

function isUnfinished(error: unknown): boolean {
  return error instanceof QueryTextError &&
    error.cause instanceof CairnError && error.cause.reason === "eof";
}
