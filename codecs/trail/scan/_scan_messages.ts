/**
 * What a scan and its workers say to each other.
 *
 * Rows lie in shared memory: messages only say where. As buffers that change
 * hands they cost more, since a thread counts each as newly allocated and looks
 * for garbage; trails are a fifth of the bytes, and come so all the same,
 * because the kernel is slow to copy from shared memory.
 *
 * @module
 */
import {
  CairnError,
  type ErrorCode,
  type ErrorPlace,
  invariant,
} from "@cairn/core";
import type { DecodeModel } from "../event_decoder.ts";
import type { RowPlan } from "./_row_decoder.ts";
import type { Rooms, RowsMessage } from "./_scan_rooms.ts";
import type { TrailExtent } from "./trail_scanner.ts";

/** The parts of a model as they travel: the member without its source. */
export interface ModelMessage extends Omit<DecodeModel, "data"> {
  /** Where `trails.data` is, for errors. */
  readonly data: {
    readonly file: string;
    readonly name: string;
    readonly offset: number;
    readonly byteLength: number;
  };
}

/** What a worker is told. */
export type WorkerOrder =
  /** Begins a scan; the model is left out when it is the one of before. */
  | {
    readonly kind: "scan";
    readonly scan: number;
    readonly model?: ModelMessage;
    readonly plan: RowPlan;
    /** Where rows go; the columns that fit are the first of those decoded. */
    readonly rooms: Rooms;
  }
  /** Trails to decode; those of a scan are done one after the other. */
  | {
    readonly kind: "decode";
    readonly scan: number;
    readonly extent: ExtentMessage;
  }
  /** There is room again for a scan that had none. */
  | { readonly kind: "wake"; readonly scan: number }
  /** Ends a scan. */
  | { readonly kind: "end"; readonly scan: number };

/** What a worker answers. */
export type WorkerAnswer =
  | { readonly kind: "ready" }
  /** The next rows of the oldest trails that are not done. */
  | {
    readonly kind: "rows";
    readonly scan: number;
    readonly rows: RowsMessage;
  }
  /** The oldest trails are done. */
  | {
    readonly kind: "done";
    readonly scan: number;
    /** Their last rows, if there are any that have not come yet. */
    readonly rows: RowsMessage | undefined;
    /** Events decoded, where that is known. */
    readonly events: number | undefined;
    /** The buffer that the trails came in. */
    readonly buffer: ArrayBuffer;
  }
  | {
    readonly kind: "failed";
    readonly scan: number;
    readonly error: ErrorMessage;
  };

/** An extent on its way. */
export interface ExtentMessage {
  /** Ordinals, starts and ends, one list behind the other. */
  readonly lists: Float64Array;
  /** The bytes: in shared memory, or in a buffer that changes hands. */
  readonly bytes: Uint8Array;
  /** Where they begin in `trails.data`. */
  readonly offset: number;
}

/** An error as it travels. */
export interface ErrorMessage {
  /** Of a `CairnError`; other errors are broken beliefs of ours. */
  readonly code: ErrorCode | undefined;
  /** What happened. */
  readonly detail: string;
  /** Where. */
  readonly where: ErrorPlace;
  /** The finer word. */
  readonly reason: string | undefined;
}

/**
 * Makes an extent ready to travel.
 *
 * @param extent The extent.
 * @param buffer For its lists and, unless they are shared, bytes; at least as
 * long as `extentBytes` says.
 */
export function packExtent(
  extent: TrailExtent,
  buffer: ArrayBuffer,
): ExtentMessage {
  const { ordinals, starts, ends, bytes, offset } = extent;
  const count = ordinals.length;
  const lists = new Float64Array(buffer, 0, 3 * count);
  lists.set(ordinals);
  lists.set(starts, count);
  lists.set(ends, 2 * count);
  if (isShared(bytes)) return { lists, bytes, offset };
  const copy = new Uint8Array(buffer, lists.byteLength, bytes.length);
  copy.set(bytes);
  return { lists, bytes: copy, offset };
}

/** Bytes of an extent on its way. @param extent The extent. */
export function extentBytes({ ordinals, bytes }: TrailExtent): number {
  return 24 * ordinals.length + (isShared(bytes) ? 0 : bytes.length);
}

/** Makes an extent again. @param message The extent; its buffer is kept. */
export function unpackExtent(message: ExtentMessage): TrailExtent {
  const { lists, bytes, offset } = message;
  const count = lists.length / 3;
  return {
    ordinals: lists.subarray(0, count),
    starts: lists.subarray(count, 2 * count),
    ends: lists.subarray(2 * count),
    bytes: isShared(bytes) ? copyShared(bytes) : bytes,
    offset,
  };
}

/** Copies shared bytes at once, which is slow piece by piece. */
function copyShared(bytes: Uint8Array): Uint8Array {
  const shift = bytes.byteOffset % 8;
  const copy = new Uint8Array(shift + bytes.length).subarray(shift);
  copy.set(bytes);
  return copy;
}

/** Tells whether bytes can be seen by all threads. @param bytes Any. */
function isShared(bytes: Uint8Array): boolean {
  return bytes.buffer instanceof SharedArrayBuffer;
}

/** Makes a model ready to travel. @param model The file's. */
export function packModel(model: DecodeModel): ModelMessage {
  const { source, name, offset, byteLength } = model.data;
  return { ...model, data: { file: source.name, name, offset, byteLength } };
}

/** Makes a model again; its member cannot be read. */
export function unpackModel(message: ModelMessage): DecodeModel {
  const { file, name, offset, byteLength } = message.data;
  const close = () => Promise.resolve();
  const source = {
    name: file,
    size: offset + byteLength,
    read: () => invariant(false, "a worker does not read") as never,
    close,
    [Symbol.asyncDispose]: close,
  };
  return { ...message, data: { source, name, offset, byteLength } };
}

/** Makes an error ready to travel. @param error What was thrown. */
export function packError(error: unknown): ErrorMessage {
  if (error instanceof CairnError) {
    const { code, detail, where, reason } = error;
    return { code, detail, where, reason };
  }
  const detail = error instanceof Error
    ? error.stack ?? error.message
    : String(error);
  return { code: undefined, detail, where: {}, reason: undefined };
}

/** Makes the error again. @param message The error. */
export function unpackError(message: ErrorMessage): Error {
  const { code, detail, where, reason } = message;
  if (code === undefined) return new Error(detail);
  return new CairnError(code, detail, {
    where,
    ...(reason === undefined ? {} : { reason }),
  });
}
