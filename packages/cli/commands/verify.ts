/**
 * `cairn verify`: looks at every byte and says what is wrong.
 *
 * @module
 */
import { Command } from "commander";
import { CairnError, type Finding } from "@cairn/core";
import type { CommandContext } from "../command_context.ts";
import { openStore } from "../open_store.ts";
import { addStoreFlags, type StoreFlags } from "./store_flags.ts";

interface VerifyFlags extends StoreFlags {
  readonly json?: boolean;
}

/** Makes the command. @param context What it works with. */
export function verifyCommand(context: CommandContext): Command {
  return addStoreFlags(
    new Command("verify")
      .description("check a store for damage: every checksum, order and count")
      .argument("<store>", "the store")
      .option("--json", "print the findings as JSON"),
  ).addHelpText("after", HELP)
    .action((path: string, flags: VerifyFlags) => verify(context, path, flags));
}

const HELP = `
Prints one line for each thing found, with file, part and byte offset. Ends
with code 1 when something is corrupt; notes do not count. --json gives store,
sound and findings (severity, detail, where); past 10,000 of them, more counts
the rest.

Examples:
  cairn verify events.tdb
  cairn verify --json events.esdb`;

/** Findings kept for JSON; what a bad file says must not fill the memory. */
const FINDINGS_MAX = 10_000;

async function verify(
  context: CommandContext,
  path: string,
  flags: VerifyFlags,
): Promise<void> {
  const findings: Finding[] = [];
  let corrupt = 0;
  let more = 0;
  for await (const finding of findingsOf(context, path, flags)) {
    if (finding.severity === "corrupt") corrupt++;
    if (flags.json) {
      if (findings.length < FINDINGS_MAX) findings.push(finding);
      else more++;
    } else await context.print(`${formatFinding(finding)}\n`);
  }
  if (corrupt > 0) context.exitCode = 1;
  if (flags.json) {
    await context.printJson({
      store: path,
      sound: corrupt === 0,
      findings,
      ...(more === 0 ? {} : { more }),
    });
  } else {
    const verdict = corrupt === 0 ? "sound" : `${corrupt} corrupt`;
    await context.print(`${path}: ${verdict}\n`);
  }
}

/** The store's own findings; damage that keeps it from opening is one too. */
async function* findingsOf(
  context: CommandContext,
  path: string,
  flags: VerifyFlags,
): AsyncGenerator<Finding> {
  const { signal } = context.io;
  let last: string | undefined;
  try {
    const { store } = await openStore(context.codecs, path, {
      codec: flags.codec,
      keyspace: flags.keyspace,
      signal,
    });
    await using _store = store;
    for await (const finding of store.verify({ signal })) {
      last = formatFinding(finding);
      yield finding;
    }
  } catch (error) {
    if (!(error instanceof CairnError) || error.code !== "corrupt") throw error;
    const { detail, where } = error.within(path);
    const finding: Finding = { severity: "corrupt", detail, where };
    // What stopped it may have been reported already.
    if (formatFinding(finding) !== last) yield finding;
  }
}

function formatFinding({ severity, detail, where }: Finding): string {
  // The error knows how to write a place.
  return `${severity}: ${new CairnError("corrupt", detail, { where }).message}`;
}
