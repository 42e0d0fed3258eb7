/**
 * The original program, where it is installed.
 *
 * @module
 */

/** Runs `tdb` and gives what it printed; `undefined` where it is not found. */
export async function runTdb(
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<Uint8Array | undefined> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command("tdb", {
      args: [...args],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdin: "null",
    }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (!output.success) {
    const words = new TextDecoder().decode(output.stderr);
    throw new Error(`tdb ${args.join(" ")}: ${words}`);
  }
  return output.stdout;
}

/** Tells whether `tdb` is there, and says so on stderr where it is not. */
export async function hasTdb(what: string): Promise<boolean> {
  try {
    await new Deno.Command("tdb", { stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    console.warn(`tdb (Debian package traildb-cli) not found: ${what} not run`);
    return false;
  }
}
