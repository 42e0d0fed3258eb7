/**
 * What the host and the kernel that decodes trails agree on: a walk over the codes that writes rows
 * of changes, and an expansion of the rows to columns.
 *
 * The memory holds, at the addresses that the kernel tells:
 *
 * - `first`: for each 12 bits of input a word `address << 8 | mask`: where in
 *   `second` to look, after adding the bits of `input >> 10` that the mask has.
 * - `second`: words `record << 8 | bits`: address of a record, bits of the code.
 * - `records`: 32 bytes each, see {@linkcode RECORD}.
 * - `data`: bytes of trails, at most {@linkcode DATA_BYTES}, and 8 more.
 * - `lanes`: four of 64 bytes, see {@linkcode LANE}.
 *
 * A row has its time in the first 8 bytes, scaled, as it adds up from the start
 * of the trail, and then 4 bytes for each column, scaled, or -1 for no change.
 * Slots of a record are offsets in the row; slot 0 is overwritten by the time
 * and so takes what nobody wants.
 *
 * @module
 */
/** Most bytes of trails at a time; {@linkcode DATA_PADDING} more must be there. */
export const DATA_BYTES = 1_048_576;
/** Bytes behind the data that the kernel may read. */
export const DATA_PADDING = 64;
/** Bytes of the table `second`. */
export const SECOND_BYTES = 524_288;
/** Bytes of the table of records. */
export const RECORDS_BYTES = 2_621_440;
/** Bits of input that the table `first` takes. */
export const FIRST_BITS = 12;
/** Longest code, in bits, that the kernel can take in one load. */
export const CODE_BITS_LIMIT = 57;

/** Offsets in a record. */
export const RECORD = {
  /** u64: value of the first item, times 2 to the scale of times. */
  value: 0,
  /** u64: which bits of the input are added to the value. */
  literal: 8,
  /**
   * u64: bits 0 to 31 value of the second item, times 2 to the scale of ids; 32
   * to 45 slot of the first item; 46 to 59 slot of the second; 62 set for a
   * symbol that must not occur; 63 set where an event begins.
   */
  effect: 16,
  /** u32: what the symbol does to the state of a filter. */
  stateEffect: 24,
  /** Bytes of a record. */
  byteLength: 32,
} as const;

/** Offsets in a lane; all u32 but the time, which is a u64. */
export const LANE = {
  /** The trail it is in, or will begin next. */
  next: 0,
  /** The first trail that is not its own. */
  last: 4,
  /** Bit of the data where it goes on. */
  position: 8,
  /** See {@linkcode LANE_STATUS}. */
  status: 12,
  /** Address of the row it is in; one row in front of the first at the start. */
  row: 16,
  /** First address behind its rows. */
  rowsEnd: 20,
  /** Scaled time of the row. */
  time: 24,
  /** 1 after damage. */
  failed: 32,
  /** Bit where it stops to look around. */
  end: 40,
  /** Bits of data that are there; it stops at or shortly behind. */
  limit: 44,
  /** Bytes of a lane. */
  byteLength: 64,
} as const;

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
   * event, how far times and ids are shifted to the left, and the addresses of
   * the lists of u32: where trails begin and end in the data, in bytes, and
   * where to note the address behind the last row of each.
   */
  configure(
    rowBytes: number,
    minEventBits: number,
    timeScale: number,
    idScale: number,
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
   * change". `carry` holds 16 bytes of the row before, and one row behind them
   * the largest scaled values allowed. Returns 0 when a time is 2^52 or more
   * above the base, or a value above its limit.
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
  /** The table of longer codes. */
  readonly second: number;
  /** The records. */
  readonly records: number;
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
