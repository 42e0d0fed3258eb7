/**
 * Tables for people.
 *
 * @module
 */

/** How a table looks. */
export interface TableOptions {
  /** Columns of numbers, which stand to the right; by position. */
  readonly right?: readonly number[];
  /** Widest cell, in characters; longer ones are cut. 60 if left out. */
  readonly cellMax?: number;
}

/** Rows looked at to find the widths. */
const ROWS_MEASURED = 1000;

/**
 * Lays rows out in columns, two blanks apart.
 *
 * Widths are those of the first thousand rows; what is wider later on pushes
 * its row out.
 */
export class TableWriter {
  readonly #right: ReadonlySet<number>;
  readonly #cellMax: number;
  readonly #write: (text: string) => Promise<void>;
  #waiting: string[][] = [];
  #widths: number[] | undefined;

  /**
   * Makes a writer.
   *
   * @param write Where lines go, with their ends.
   * @param options How it looks.
   */
  constructor(
    write: (text: string) => Promise<void>,
    options: TableOptions = {},
  ) {
    this.#write = write;
    this.#right = new Set(options.right ?? []);
    this.#cellMax = options.cellMax ?? 60;
  }

  /** Takes a row. @param cells Any text. */
  async row(cells: readonly string[]): Promise<void> {
    const shown = cells.map((cell) => cut(plain(cell), this.#cellMax));
    if (this.#widths !== undefined) {
      await this.#write(this.#line(shown, this.#widths));
      return;
    }
    this.#waiting.push(shown);
    if (this.#waiting.length >= ROWS_MEASURED) await this.#release();
  }

  /** Writes what is left. */
  async finish(): Promise<void> {
    if (this.#widths === undefined) await this.#release();
  }

  async #release(): Promise<void> {
    const widths: number[] = [];
    for (const row of this.#waiting) {
      row.forEach((cell, i) => {
        widths[i] = Math.max(widths[i] ?? 0, width(cell));
      });
    }
    const lines = this.#waiting.map((row) => this.#line(row, widths)).join("");
    this.#waiting = [];
    this.#widths = widths;
    if (lines !== "") await this.#write(lines);
  }

  #line(cells: readonly string[], widths: readonly number[]): string {
    const padded = cells.map((cell, i) => {
      const gap = " ".repeat(Math.max(0, (widths[i] ?? 0) - width(cell)));
      return this.#right.has(i) ? gap + cell : cell + gap;
    });
    return `${padded.join("  ").trimEnd()}\n`;
  }
}

/**
 * Lays a few rows out.
 *
 * @param rows The rows; a first one of titles, if wanted.
 * @param options How it looks.
 */
export async function formatTable(
  rows: Iterable<readonly string[]>,
  options: TableOptions = {},
): Promise<string> {
  let text = "";
  const writer = new TableWriter((lines) => {
    text += lines;
    return Promise.resolve();
  }, options);
  for (const row of rows) await writer.row(row);
  await writer.finish();
  return text;
}

/** Shows control characters instead of obeying them. */
function plain(cell: string): string {
  // deno-lint-ignore no-control-regex -- finding them is the point
  return cell.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return short ??
      `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

function cut(cell: string, most: number): string {
  if (cell.length <= most) return cell;
  const characters = [...cell];
  return characters.length <= most
    ? cell
    : `${characters.slice(0, most - 1).join("")}…`;
}

function width(cell: string): number {
  return [...cell].length;
}
