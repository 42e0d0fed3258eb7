/**
 * Opening of tables.
 *
 * @module
 */
import { CairnError, type Source } from "@cairn/core";
import { decodeFooter } from "./block.ts";
import { FOOTER_BYTES, TAIL_BYTES } from "./layout.ts";
import { Table } from "./table.ts";
import type { OpenTableOptions } from "./table_options.ts";

/**
 * Opens a table: one read of its end, whatever its size.
 *
 * The index block is decoded at first use; it mostly lies in the bytes that
 * were read. The table does not own the source.
 *
 * @param source Holds the table.
 * @param options Where it lies, the order of its keys.
 * @returns The table.
 * @throws {CairnError} `corrupt` with file, part and offset; `io`.
 */
export async function openTable(
  source: Source,
  options: OpenTableOptions = {},
): Promise<Table> {
  const offset = options.offset ?? 0;
  const length = options.length ?? source.size - offset;
  const part = options.part ?? "table";
  if (length < FOOTER_BYTES) {
    throw new CairnError(
      "corrupt",
      `Cannot read table: ${length} bytes, at least ${FOOTER_BYTES} wanted`,
      { where: { file: source.name, part, offset } },
    );
  }
  const tailLength = Math.min(
    length,
    Math.max(
      FOOTER_BYTES,
      options.tail?.length ?? options.tailBytes ?? TAIL_BYTES,
    ),
  );
  const tail = options.tail?.length === tailLength
    ? options.tail
    : await source.read(offset + length - tailLength, tailLength, options);
  const footer = decodeFooter(tail.subarray(tailLength - FOOTER_BYTES), {
    file: source.name,
    part,
    offset: offset + length - FOOTER_BYTES,
  }, length);
  return new Table(source, { ...options, offset, length, part }, footer, tail);
}
