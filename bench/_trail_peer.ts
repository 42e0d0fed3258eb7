/**
 * C TrailDB as a peer: `bench/peers/scan.c`, compiled where `cc` and
 * `libtraildb-dev` are found.
 *
 * @module
 */

/** What one run of the peer says. */
export interface PeerAnswer {
  /** Events that it saw. */
  readonly events: number;
  /** Its best pass. */
  readonly seconds: number;
}

/**
 * Compiles the C side; says so where it cannot.
 *
 * @param output Where the program goes.
 */
export async function compileTrailPeer(
  output: string,
): Promise<string | undefined> {
  const source = new URL("peers/scan.c", import.meta.url);
  try {
    const { success } = await new Deno.Command("cc", {
      args: ["-O2", "-o", output, source.pathname, "-ltraildb"],
      stderr: "null",
    }).output();
    if (success) return output;
  } catch {
    // No compiler: the same as no library.
  }
  console.warn("C TrailDB is not here: only our side is measured");
  return undefined;
}

/**
 * Runs two passes of the C side.
 *
 * @param peer The program.
 * @param path The `.tdb`.
 * @param words The filter, as `tdb` takes it; none decodes everything.
 */
export async function runTrailPeer(
  peer: string,
  path: string,
  words: readonly string[],
): Promise<PeerAnswer> {
  const { stdout, success } = await new Deno.Command(peer, {
    args: [path, "2", ...words],
  }).output();
  if (!success) throw new Error("The C side failed");
  const [head = "", ...times] = new TextDecoder().decode(stdout).trim().split(
    "\n",
  );
  return {
    events: Number(head.split(" ")[1]),
    seconds: Math.min(...times.map(Number)),
  };
}
