/**
 * Flags that only some codecs understand.
 *
 * @module
 */
import type { Command } from "commander";
import type { CodecEntry, CodecFlag, CodecTable } from "./codec_entry.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Adds the flags of all codecs, a group for each codec. A flag that several
 * codecs have appears once, with the first.
 *
 * @param command The command.
 * @param codecs The codecs there are.
 */
export function addCodecFlags(command: Command, codecs: CodecTable): Command {
  const added = new Set<string>();
  for (const { codec, writeFlags } of codecs) {
    command.optionsGroup(`Only for codec ${codec.name}:`);
    for (const { flags, description } of writeFlags) {
      if (added.has(flags)) continue;
      added.add(flags);
      command.option(flags, description);
    }
  }
  return command.optionsGroup("Other options:");
}

/**
 * Gives the options that a codec gets from its flags, by member.
 *
 * @param command The command with its flags parsed.
 * @param entry The codec.
 * @param codecs The codecs there are.
 * @throws {UsageError} When a flag was given that the codec does not
 * understand, or a value that it does not take.
 */
export function codecOptions(
  command: Command,
  entry: CodecEntry,
  codecs: CodecTable,
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const { codec, writeFlags } of codecs) {
    for (const flag of writeFlags) {
      const option = command.options.find(({ flags }) => flags === flag.flags)!;
      const name = option.attributeName();
      if (command.getOptionValueSource(name) !== "cli") continue;
      const own = entry.writeFlags.find(({ flags }) => flags === flag.flags);
      if (own === undefined) {
        throw new UsageError(
          `Cannot use ${option.long}: it is for codec ${codec.name}, and the store is of codec ${entry.codec.name}`,
        );
      }
      options[own.member] = valueOf(own, command.getOptionValue(name));
    }
  }
  return options;
}

/**
 * Tells the codec whose flags were given, where nothing else does.
 *
 * @param command The command with its flags parsed.
 * @param codecs The codecs there are.
 * @returns Its name; `undefined` unless just one codec has all that were given.
 */
export function codecOfFlags(
  command: Command,
  codecs: CodecTable,
): string | undefined {
  const all = new Set(
    codecs.flatMap(({ writeFlags }) => writeFlags.map(({ flags }) => flags)),
  );
  const given = command.options
    .filter((option) =>
      all.has(option.flags) &&
      command.getOptionValueSource(option.attributeName()) === "cli"
    )
    .map(({ flags }) => flags);
  const fitting = codecs.filter(({ writeFlags }) =>
    given.every((flag) => writeFlags.some(({ flags }) => flags === flag))
  );
  return given.length > 0 && fitting.length === 1
    ? fitting[0]!.codec.name
    : undefined;
}

function valueOf(flag: CodecFlag, value: string | boolean): unknown {
  return flag.parse === undefined ? value : flag.parse(value);
}
