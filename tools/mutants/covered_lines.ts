/**
 * Which lines of a codec a run has reached.
 *
 * @module
 */

/**
 * Reads what `deno coverage --lcov` wrote.
 *
 * @param text Its output.
 * @param folder The codec's folder, absolute.
 * @returns Lines reached and lines in all, by file relative to the folder.
 */
export function coveredLines(
  text: string,
  folder: string,
): Map<string, { reached: Set<number>; lines: number }> {
  const files = new Map<string, { reached: Set<number>; lines: number }>();
  for (const record of text.split("end_of_record")) {
    const path = /^SF:(.*)$/m.exec(record)?.[1];
    if (path === undefined || !path.startsWith(`${folder}/`)) continue;
    const reached = new Set<number>();
    let lines = 0;
    for (const [, line, count] of record.matchAll(/^DA:(\d+),(\d+)/gm)) {
      lines++;
      if (Number(count) > 0) reached.add(Number(line));
    }
    files.set(path.slice(folder.length + 1), { reached, lines });
  }
  return files;
}
