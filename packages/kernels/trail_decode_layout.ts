/**
 * What the host and the kernel that decodes trails agree on: a walk over the codes that writes rows
 * of changes, and an expansion of the rows to columns.
 *
 * The memory holds, at the addresses that the kernel tells:
 *
 * - `first`: for each 12 bits of input a word `pointer << 9 | mask`: where in
 *   `entries` to look, after adding the bits of `input >> 8` that the mask has.
 * - `entries`: 16 bytes for each longer code, see {@linkcode ENTRY}.
 * - `data`: bytes of trails, at most {@linkcode DATA_BYTES}, and 8 more.
 * - `lanes`: four of 64 bytes, see {@linkcode LANE}.
 *
 * A row has 8 bytes for the time since the event before and then 4 bytes for
 * each column, or -1 for no change. All of them are scaled: values begin at a
 * bit that the kernel is told, and what is below and above them is of no
 * meaning, but for bit 2. That is 0 in whatever a symbol writes, so that nothing
 * looks like -1, and set in the time of the first row of a trail.
 *
 * Slots are offsets in the row. What nobody wants goes to the time of the next
 * row, which is written when that row begins.
 *
 * @module
 */
/** Most bytes of trails at a time; {@linkcode DATA_PADDING} more must be there. */
export const DATA_BYTES = 1_048_576;
/** Bytes behind the data that the kernel may read. */
export const DATA_PADDING = 64;
/** Bytes of the table of entries. */
export const ENTRIES_BYTES = 2_162_688;
/** Bits of input that the table `first` takes. */
export const FIRST_BITS = 12;
/** Bits of input that a load gives for sure, two in front of the code among them. */
export const WORD_BITS = 57;
/** Bits in front of a code in a load: what is written of a literal has them too. */
export const SPARE_BITS = 2;

/** An entry: what a symbol does. */
export const ENTRY = {
  /**
   * u64: what goes to the slots, scaled: the lower word to that of the first
   * item, the upper one to that of the second.
   */
  value: 0,
  /**
   * u64: bits 0 to 5 bits of the code; 6 set for a literal, which writes 64 bits
   * of input in the place of `value`; 8 to 21 second slot; 30 set for a symbol
   * that must not occur; 32 to 45 bytes of a row where an event begins, or 0; 50
   * to 63 first slot.
   */
  effect: 8,
  /** Bytes of an entry. */
  byteLength: 16,
} as const;

/** Offsets in a lane; all u32 but the time. */
export const LANE = {
  /** The trail it is in, or will begin next. */
  next: 0,
  /** The first trail that is not its own. */
  last: 4,
  /** Bit of the data where it goes on, less {@linkcode SPARE_BITS}. */
  position: 8,
  /** Address of the row it is in; one row in front of the first at the start. */
  row: 12,
  /** See {@linkcode LANE_STATUS}. */
  status: 16,
  /** First address behind its rows; the kernel may write to one row more. */
  rowsEnd: 20,
  /** 1 after damage. */
  failed: 24,
  /** Bit where it stops to look around, less {@linkcode SPARE_BITS}. */
  end: 28,
  /**
   * Bits of data that are there, at most {@linkcode NO_LIMIT}; it stops at or
   * shortly behind.
   */
  limit: 32,
  /** u64: scaled time of the event, for the kernel that filters. */
  time: 40,
  /** State of the event, for the kernel that filters. */
  state: 48,
  /** Bytes of a lane. */
  byteLength: 64,
} as const;

/** The limit of a lane whose data are all there. */
export const NO_LIMIT = 0x7fff_ffff;

/** Largest slot of a row, in bytes. */
export const SLOT_MAX = 0x3fff;

/** What a lane is doing. */
export const LANE_STATUS = {
  /** Between two trails, perhaps for want of rows. */
  idle: 0,
  /** Inside a trail, for want of rows or data; its row is not complete. */
  inside: 1,
  /** All its trails are done, or it failed. */
  done: 2,
} as const;

/** The functions of the kernel. Addresses are offsets in its memory. */
export interface TrailDecodeFunctions {
  /**
   * Says what is in place: bytes of a row (a multiple of 16), fewest bits of an
   * event, how far values are shifted to the left, and the addresses of the
   * lists of u32: where trails begin and end in the data, in bytes, and where to
   * note the address behind the last row of each.
   */
  configure(
    rowBytes: number,
    minEventBits: number,
    scale: number,
    starts: number,
    ends: number,
    rowEnds: number,
  ): void;
  /** Walks one lane until it stops. */
  walkOne(lane: number): void;
  /** Walks four lanes in turn until one stops; others end the rest. */
  walkFour(a: number, b: number, c: number, d: number): void;
  /** Walks two lanes in turn until one stops. */
  walkTwo(a: number, b: number): void;
  /**
   * Expands times and two columns of rows, and puts the rows back to "no
   * change". `carry` holds 16 bytes of the row before, the sum of times in place
   * of the time; one row behind them which bits of unscaled values count; two
   * rows behind the largest values. Returns 0 when a time is 2^52 or more above
   * the base, or a value above its limit.
   */
  expandTimes(
    rows: number,
    count: number,
    carry: number,
    timeBase: number,
    times: number,
    columnA: number,
    columnB: number,
  ): number;
  /** Expands four columns, the next 16 bytes of each row; as `expandTimes`. */
  expandFour(
    rows: number,
    count: number,
    carry: number,
    columnA: number,
    columnB: number,
    columnC: number,
    columnD: number,
  ): number;
}

/** Where the regions of the kernel's memory are. */
export interface TrailDecodeRegions {
  /** The table of 12 bits. */
  readonly first: number;
  /** The entries. */
  readonly entries: number;
  /** What an entry's address is more than the pointer to it. */
  readonly entryBias: number;
  /** The bytes of trails. */
  readonly data: number;
  /** The lanes. */
  readonly lanes: number;
  /** First address that the host may use for lists, rows and columns. */
  readonly heap: number;
}

/** A kernel with a memory of its own. */
export interface TrailDecodeKernel {
  /** Its functions. */
  readonly functions: TrailDecodeFunctions;
  /** Where its regions are. */
  readonly regions: TrailDecodeRegions;
  /** Whether this is the reference. */
  readonly isReference: boolean;
  /**
   * Makes the memory long enough and gives it; views of it from before are
   * void.
   */
  reserve(end: number): ArrayBuffer;
}
