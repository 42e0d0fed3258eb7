/**
 * Rooms for rows on their way from a worker to the scan, in shared memory.
 *
 * @module
 */
import type { ScanRows } from "./scan_buffer.ts";

/** Rooms of one worker for one scan: one is read while others are filled. */
export interface Rooms {
  /** The rooms. */
  readonly buffers: readonly SharedArrayBuffer[];
  /** A word that says whether the worker rests, and one for each room in use. */
  readonly state: SharedArrayBuffer;
  /** Most rows of a room. */
  readonly rowsMax: number;
  /** Columns of the rows. */
  readonly columnCount: number;
}

/** Rows in one of the rooms, as a worker says where they are. */
export interface RowsMessage {
  /** Which room. */
  readonly room: number;
  /** How many rows it holds. */
  readonly rowCount: number;
  /** How many trails they are of. */
  readonly trailCount: number;
  /** Whether the last trail goes on in the next rows. */
  readonly goesOn: boolean;
  /** Bytes in front of each column. */
  readonly shift: number;
}

/** Bytes of a room: each row may be a trail of its own. */
export function roomBytes(rowsMax: number, columnCount: number): number {
  return 8 * rowsMax + (columnCount + 2) * listBytes(rowsMax);
}

/** Bytes of a list of words, one more than rows, where it may be shifted. */
function listBytes(rowsMax: number): number {
  return Math.ceil((4 * (rowsMax + 1) + ALIGNMENT) / ALIGNMENT) * ALIGNMENT;
}

/** What shared memory is copied by, where both sides lie the same way. */
const ALIGNMENT = 8;

/** Makes the words of some rooms. @param count How many. */
export function makeRoomState(count: number): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (1 + count));
}

/** Takes a room that is free; `undefined` when there is none, and notes that. */
export function takeRoom(rooms: Rooms): number | undefined {
  const words = new Int32Array(rooms.state);
  // Once more after the note, for one that is given back in between.
  for (let turn = 0; turn < 2; turn++) {
    for (let room = 0; room < rooms.buffers.length; room++) {
      if (Atomics.compareExchange(words, 1 + room, 0, 1) !== 0) continue;
      Atomics.store(words, 0, 0);
      return room;
    }
    Atomics.store(words, 0, 1);
  }
  return undefined;
}

/** Gives a room back. @returns Whether the worker rests and must be woken. */
export function giveRoom(rooms: Rooms, room: number): boolean {
  const words = new Int32Array(rooms.state);
  Atomics.store(words, 1 + room, 0);
  return Atomics.exchange(words, 0, 0) === 1;
}

/** Copies rows into a room. @param rows At most as many as it holds. */
export function packRows(
  rows: ScanRows,
  rooms: Rooms,
  room: number,
): RowsMessage {
  const message: RowsMessage = {
    room,
    rowCount: rows.times.length,
    trailCount: rows.trailOrdinals.length,
    goesOn: rows.goesOn,
    // Copying to shared memory goes byte by byte unless both sides lie alike.
    shift: (rows.columns[0]?.byteOffset ?? 0) % ALIGNMENT,
  };
  const views = unpackRows(message, rooms);
  views.times.set(rows.times);
  views.columns.forEach((column, i) => column.set(rows.columns[i]!));
  views.trailOrdinals.set(rows.trailOrdinals);
  views.trailOffsets.set(rows.trailOffsets);
  return message;
}

/** Gives rows as views of their room. */
export function unpackRows(message: RowsMessage, rooms: Rooms): ScanRows {
  const { room, rowCount, trailCount, goesOn, shift } = message;
  const { rowsMax, columnCount } = rooms;
  const buffer = rooms.buffers[room]!;
  let at = 8 * rowsMax;
  const take = (count: number, shift: number): Uint32Array => {
    const view = new Uint32Array(buffer, at + shift, count);
    at += listBytes(rowsMax);
    return view;
  };
  return {
    times: new Float64Array(buffer, 0, rowCount),
    columns: Array.from({ length: columnCount }, () => take(rowCount, shift)),
    trailOrdinals: take(trailCount, 0),
    trailOffsets: take(trailCount + 1, 0),
    goesOn,
  };
}
