/**
 * The list of subcommands, in the order of the help.
 *
 * @module
 */
import type { Command } from "commander";
import type { CommandContext } from "../command_context.ts";
import { addCommand } from "./add.ts";
import { dumpCommand } from "./dump.ts";
import { importCommand } from "./import.ts";
import { indexCommand } from "./index.ts";
import { infoCommand } from "./info.ts";
import { mergeCommand } from "./merge.ts";
import { queryCommand } from "./query.ts";
import { sealCommand } from "./seal.ts";
import { shellCommand } from "./shell.ts";
import { streamCommand } from "./stream.ts";
import { verifyCommand } from "./verify.ts";

/** Makes a subcommand. */
export type DefineCommand = (context: CommandContext) => Command;

/** The subcommands. */
export const commands: readonly DefineCommand[] = [
  importCommand,
  infoCommand,
  dumpCommand,
  queryCommand,
  shellCommand,
  verifyCommand,
  mergeCommand,
  indexCommand,
  addCommand,
  sealCommand,
  streamCommand,
];
