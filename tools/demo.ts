/**
 * Shows what cairn does, on a real history: `deno task demo`.
 *
 * Runs the command in this process, on files in a temporary folder.
 *
 * @module
 */
import { runCairn } from "../packages/cli/mod.ts";
import { processIo } from "../packages/cli/process_io.ts";
import { fromFileUrl } from "./paths.ts";

const DATA = fromFileUrl(
  new URL("../conformance/golden/data/git-history.csv.gz", import.meta.url),
);

const io = processIo(new AbortController().signal);
const started = performance.now();
const folder = await Deno.makeTempDir({ prefix: "cairn-demo-" });
const home = Deno.cwd();
Deno.chdir(folder);
try {
  await demo();
} finally {
  Deno.chdir(home);
  await Deno.remove(folder, { recursive: true });
}
const seconds = (performance.now() - started) / 1000;
console.log(
  `\nThat took ${seconds.toFixed(1)} seconds; the files are gone again.\n` +
    "Go on with docs/guide.md and your own events.",
);

async function demo(): Promise<void> {
  const store = "git.esdb";
  await makeStore(store);
  await lookAtEvents(store);
  await convertStore(store, "git.tdb");
  await askAboutTrails("git.tdb");
}

async function makeStore(store: string): Promise<void> {
  tell(
    "The history of Git itself, as a CSV file: who changed which file and when,",
    "a line for each, 2005 to 2026. An author is a trail: the order of what one",
    "author did is what cairn keeps together. Make a store of it:",
  );
  await cairn(
    "import",
    DATA,
    "--trail",
    "uuid",
    "--time",
    "time",
    "--types",
    "added:integer,deleted:integer",
    "-o",
    store,
  );

  tell("What is in there?");
  await cairn("info", store);
}

async function lookAtEvents(store: string): Promise<void> {
  tell("One author's first changes (the name is a hash):");
  const trail = "22ce9a82fdc620cabf61d64ecf921ccf";
  await cairn(
    "dump",
    store,
    "--trails",
    trail,
    "--limit",
    "5",
    "--format",
    "table",
  );

  tell(
    "Files deleted in Documentation or in t (the tests) during 2012. Terms side",
    "by side are alternatives, & means and:",
  );
  await cairn(
    "dump",
    store,
    "--filter",
    "action=D & area=Documentation area=t",
    "--from",
    "2012-01-01",
    "--to",
    "2013-01-01",
    "--fields",
    "action,path,deleted",
    "--format",
    "table",
  );

  tell("Is the file sound? Every checksum, order and count is looked at:");
  await cairn("verify", store);
}

async function convertStore(from: string, store: string): Promise<void> {
  tell(
    "Another way of storing: TrailDB's files are smaller and made for passes over",
    "everything. Its trails have keys of 16 bytes, which these are, in hex. An index",
    "beside it lets a filter skip authors:",
  );
  await cairn("convert", from, "-o", store, "--key", "uuid");
  await cairn("index", store);
  await cairn(
    "dump",
    store,
    "--verbose",
    "--filter",
    "path=builtin/log.c",
    "--from",
    "2026-01-01",
    "--limit",
    "5",
    "--fields",
    "action,added,deleted",
    "--format",
    "table",
  );
}

async function askAboutTrails(store: string): Promise<void> {
  tell(
    "Now questions about authors instead of events. How many have deleted files,",
    "and worked on Documentation, but never on the tests?",
  );
  await cairn(
    "query",
    store,
    '(count (and (slice "action" (= "D")) (slice "area" (= "Documentation")) (not (slice "area" (= "t")))))',
  );

  tell("Which parts of Git have had the most authors?");
  await cairn("query", store, '(top-n "area" 5)');

  tell(
    "A bitmap store answers such questions without looking at events. This one also",
    "adds up the lines that each author added:",
  );
  await cairn(
    "convert",
    store,
    "-o",
    "git.cairn-bitmap",
    "--fields",
    "action,area,added",
    "--counter",
    "lines=added",
    "--quantum",
    "lines=Y",
  );
  await cairn(
    "query",
    "git.cairn-bitmap",
    "--explain",
    '(top-n "lines_2012" 3 (slice "area" (= "Documentation")))',
  );
}

/** Says what comes next. */
function tell(...lines: string[]): void {
  console.log(`\n${lines.map((line) => `# ${line}`).join("\n")}`);
}

/** Shows a command and runs it. */
async function cairn(...args: string[]): Promise<void> {
  const shown = args.map((arg) =>
    shorten(/^[\w./,:=-]+$/.test(arg) ? arg : `'${arg}'`)
  );
  console.log(`$ cairn ${shown.join(" ")}`);
  const code = await runCairn(args, io);
  if (code !== 0) {
    console.error(`cairn ended with code ${code}`);
    Deno.exit(code);
  }
}

/** Leaves out folders that say nothing. */
function shorten(arg: string): string {
  return arg.replace(DATA, "git-history.csv.gz");
}
