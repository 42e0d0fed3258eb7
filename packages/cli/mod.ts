/**
 * The command `cairn`, for programs that want to run it or to understand its
 * texts.
 *
 * @example Run the command in this process
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { runCairn } from "@cairn/cli";
 *
 * const output = { isTerminal: false, write: () => Promise.resolve() };
 * const code = await runCairn(["--version"], {
 *   stdin: async function* () {},
 *   lines: async function* () {},
 *   stdinIsTerminal: false,
 *   stdout: output,
 *   stderr: output,
 *   env: () => undefined,
 *   signal: new AbortController().signal,
 * });
 * assertEquals(code, 0);
 * ```
 *
 * @module
 */
export { runCairn, type RunOptions } from "./run.ts";
export type { ExitCode } from "./command_context.ts";
export {
  ClosedOutputError,
  type CommandIo,
  type CommandOutput,
} from "./command_io.ts";
export type {
  AddLinesOptions,
  AddLinesSummary,
  CodecEntry,
  CodecFlag,
  CodecTable,
  FolderStores,
  LiveStores,
  OpenPathOptions,
  SideIndexes,
  StreamAppender,
  StreamFiles,
  StreamImport,
  StreamImportOptions,
  StreamReadOptions,
  StreamRow,
  StreamRows,
  SyncPolicy,
} from "./codec_entry.ts";
export { builtInCodecs } from "./codecs.ts";
export { UsageError } from "./usage_error.ts";
export {
  parseFilterExpression,
  type ReadFile,
} from "./text/filter_expression.ts";
