/**
 * Inputs of a command as lines of text.
 *
 * @module
 */
import type { CommandContext } from "./command_context.ts";
import { gunzipped } from "./input/gunzip.ts";
import { fileInput, type InputFile, streamInput } from "./input/input_file.ts";
import { readLines } from "./read_lines.ts";

/**
 * Makes inputs of the arguments of a command.
 *
 * @param context Knows standard input.
 * @param names Paths; `-` is standard input.
 * @throws {CairnError} `not-found` or `io`.
 */
export async function openInputs(
  context: CommandContext,
  names: readonly string[],
): Promise<InputFile[]> {
  const files: InputFile[] = [];
  for (const name of names) {
    files.push(
      name === "-" ? streamInput("-", context.io.stdin) : await fileInput(name),
    );
  }
  return files;
}

/**
 * Reads the lines of inputs, one input after the other; gzip is unpacked.
 *
 * @param files The inputs.
 */
export async function* inputLines(
  files: readonly InputFile[],
): AsyncGenerator<string> {
  for (const file of files) {
    yield* readLines(gunzipped(file.open()), file.name);
  }
}
