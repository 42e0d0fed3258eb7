/**
 * Where a scanner keeps what in the memory of its kernel.
 *
 * @module
 */
import type { ScannerOptions } from "./trail_scanner.ts";

/** Lanes of the kernel. */
export const LANES = 4;
/** Most trails of a round. */
export const ROUND_TRAILS = 8192;
/** Bytes of rows of a lane, about: four fit the second-level cache. */
const LANE_ROW_BYTES = 262_144;
/** Parts of a lane's rows: as much as is given to it at a time. */
export const CHUNKS = 4;
/** Share of the part that its trails are meant to fill. */
const FILL = 0.8;

/** Addresses, and how much there is of what. */
export interface KernelMemory {
  /** Where trails begin in the data: a list of u32. */
  readonly starts: number;
  /** Where they end. */
  readonly ends: number;
  /** Where the rows of each end. */
  readonly rowEnds: number;
  /** The row before, behind it the bits that count, and the largest values. */
  readonly carry: number;
  /** The first row of each lane. */
  readonly rows: readonly number[];
  /** Times, on their way out. */
  readonly times: number;
  /** Each column, on its way out. */
  readonly columns: readonly number[];
  /** Where columns go that nobody wants. */
  readonly dropped: number;
  /** Where a filter notes which code last wrote to a slot, lane by lane. */
  readonly seen: number;
  /** Tables of values of a filter. */
  readonly valueTables: readonly number[];
  /** The first address behind all. */
  readonly end: number;
  /** Rows on their way out. */
  readonly outRows: number;
  /** Rows of a lane. */
  readonly laneRows: number;
  /** Bytes of trails that a lane is given at a time. */
  readonly chunkBytes: number;
}

/**
 * Lays out the memory.
 *
 * @param heap First address that may be used.
 * @param rowBytes Bytes of a row.
 * @param options What the scanner decodes.
 * @param tables Tables of values of a filter, if the kernel filters.
 */
export function planMemory(
  heap: number,
  rowBytes: number,
  options: ScannerOptions,
  tables: readonly Uint8Array[] | undefined,
): KernelMemory {
  const laneRows = Math.max(
    64,
    Math.min(
      Math.floor(LANE_ROW_BYTES / rowBytes),
      Math.max(256, options.batchRows),
    ),
  );
  const chunkBytes = Math.max(
    64,
    Math.floor(FILL * laneRows * options.eventBytes / CHUNKS),
  );
  const outRows = options.batchRows + 2 * laneRows;
  let end = Math.ceil(heap / 64) * 64;
  const allocate = (byteLength: number): number => {
    const start = end;
    // 64 more, so that arrays do not begin in the same set of the cache.
    end += Math.ceil(byteLength / 64) * 64 + 64;
    return start;
  };
  const places = {
    starts: allocate(4 * ROUND_TRAILS),
    ends: allocate(4 * ROUND_TRAILS),
    rowEnds: allocate(4 * ROUND_TRAILS),
    carry: allocate(3 * rowBytes),
    // A row in front, where a lane stands before its first event, and one
    // behind, for what nobody wants of its last.
    rows: Array.from(
      { length: LANES },
      () => allocate((laneRows + 2) * rowBytes) + rowBytes,
    ),
    times: allocate(8 * outRows),
    columns: options.fields.map(() => allocate(4 * outRows)),
    dropped: allocate(4 * laneRows + 16),
    seen: tables === undefined ? 0 : allocate(LANES * (rowBytes + 16)),
    valueTables: tables?.map((table) => allocate(table.length)) ?? [],
  };
  return { ...places, end, outRows, laneRows, chunkBytes };
}
