/**
 * Arguments of `tdb` as arguments of `cairn`, for the tests: docs/tdb-flags.md
 * as a program.
 *
 * @module
 */

/** Where relative paths begin. */
type Resolve = (path: string) => string;

/** Long flags, by short one. */
const SHORT: Readonly<Record<string, string>> = {
  "-c": "--csv",
  "-j": "--json",
  "-d": "--delimiter",
  "-i": "--input",
  "-o": "--output",
  "-f": "--fields",
  "-F": "--filter",
  "-T": "--threads",
  "-v": "--verbose",
};
const WITH_VALUE = new Set([
  "--delimiter",
  "--input",
  "--output",
  "--fields",
  "--filter",
  "--uuids",
  "--threads",
  "--tdb-format",
  "--index-path",
]);

/**
 * Translates.
 *
 * @param args Arguments of `tdb`.
 * @param folder Where relative paths begin.
 */
export function translateTdb(
  args: readonly string[],
  folder: string,
): string[] {
  const [command, ...rest] = args;
  const { flags, names } = parse(rest);
  const resolve: Resolve = (path) => path === "-" ? path : `${folder}/${path}`;
  switch (command) {
    case "make":
      return [
        "import",
        "--tdb-style",
        resolve(flags.get("--input") ?? "-"),
        ...outputOf(flags, resolve),
        ...common(flags, resolve),
        ...given(flags, "--skip-bad-input", "--skip-bad"),
        ...given(flags, "--no-bigrams", "--no-bigrams"),
      ];
    case "dump":
      return [
        "dump",
        "--tdb-style",
        resolve(flags.get("--input") ?? "a"),
        ...flags.has("--output") ? ["-o", resolve(flags.get("--output")!)] : [],
        ...common(flags, resolve),
        ...given(flags, "--json-no-empty", "--omit-empty"),
        ...given(flags, "--no-index", "--no-index"),
        ...given(flags, "--verbose", "--verbose"),
        ...flags.has("--index-path")
          ? ["--index", resolve(flags.get("--index-path")!)]
          : [],
      ];
    case "merge":
      flags.delete("--fields");
      return [
        "merge",
        "--tdb-style",
        "--replace",
        ...names.map(resolve),
        ...outputOf(flags, resolve),
        ...common(flags, resolve),
        ...given(flags, "--no-bigrams", "--no-bigrams"),
      ];
    case "index":
      return [
        "index",
        resolve(flags.get("--input") ?? "a"),
        ...flags.has("--output") ? ["-o", resolve(flags.get("--output")!)] : [],
        // There are no threads, so a number of them is unknown.
        ...flags.has("--threads") ? ["--threads"] : [],
      ];
    default:
      return [...args];
  }
}

function parse(args: readonly string[]) {
  const flags = new Map<string, string>();
  const names: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const flag = SHORT[arg] ?? arg;
    if (!flag.startsWith("-") || flag === "-") names.push(arg);
    else flags.set(flag, WITH_VALUE.has(flag) ? args[++i]! : "");
  }
  return { flags, names };
}

/** `tdb` names roots; a package gets the extension. */
function outputOf(
  flags: ReadonlyMap<string, string>,
  resolve: Resolve,
): string[] {
  const root = resolve(flags.get("--output") ?? "a");
  const format = flags.get("--tdb-format");
  const name = format === "dir" || root === "-" || root.endsWith(".tdb")
    ? root
    : `${root}.tdb`;
  return ["-o", name, ...format === undefined ? [] : ["--tdb-format", format]];
}

function common(
  flags: ReadonlyMap<string, string>,
  resolve: Resolve,
): string[] {
  const args: string[] = [];
  for (const [flag, value] of flags) {
    if (flag === "--json") args.push("--format", "ndjson");
    else if (flag === "--csv-header") args.push("--header");
    else if (flag === "--delimiter" || flag === "--fields") {
      args.push(flag, value);
    } else if (flag === "--filter" || flag === "--uuids") {
      // A file's name within: of a value, or of the whole list.
      args.push(flag, value.replace(/(^|=)@/g, (at) => at + resolve("")));
    } else if (flag === "--bogus" || flag === "-u") args.push("--bogus");
  }
  return args;
}

function given(
  flags: ReadonlyMap<string, string>,
  theirs: string,
  ours: string,
): string[] {
  return flags.has(theirs) ? [ours] : [];
}
