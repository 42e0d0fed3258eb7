/**
 * A worker of scans: decodes the trails that it is sent. Loaded by
 * `scan_workers.ts` as a thread of its own and by nobody else; so, unlike any
 * other module, it does something when it is loaded.
 *
 * Nothing in here waits: a scan without room for rows rests until there is
 * some, and others go on.
 *
 * @module
 */
import type { DecodeModel } from "../event_decoder.ts";
import { IdleDecoder } from "./_idle_decoder.ts";
import type { RowDecoder, RowPlan } from "./_row_decoder.ts";
import type { ScanRows } from "./scan_buffer.ts";
import {
  type ExtentMessage,
  packError,
  unpackExtent,
  unpackModel,
  type WorkerAnswer,
  type WorkerOrder,
} from "./_scan_messages.ts";
import {
  packRows,
  type Rooms,
  type RowsMessage,
  takeRoom,
} from "./_scan_rooms.ts";
import type { TrailExtent } from "./trail_scanner.ts";

/** What a worker has in the place of a window. */
interface WorkerScope {
  onmessage: ((event: { readonly data: WorkerOrder }) => void) | null;
  postMessage(answer: WorkerAnswer, transfer?: ArrayBuffer[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const scans = new Map<number, WorkerScan>();
const idleDecoder = new IdleDecoder();
let model: DecodeModel | undefined;

/** One scan's part here. */
class WorkerScan {
  readonly #scan: number;
  readonly #model: DecodeModel;
  readonly #plan: RowPlan;
  readonly #decoder: RowDecoder;
  readonly #rooms: Rooms;
  readonly #extents: ExtentMessage[] = [];
  #batches: Generator<ScanRows> | undefined;
  /** Rows that found no room yet. */
  #waiting: ScanRows | undefined;

  constructor(scan: number, plan: RowPlan, rooms: Rooms) {
    this.#scan = scan;
    this.#rooms = rooms;
    this.#model = model!;
    this.#plan = plan;
    this.#decoder = idleDecoder.take(this.#model, plan);
  }

  /** Ends it, and keeps what can be used again. */
  end(): void {
    if (this.#extents.length > 0) return;
    idleDecoder.keep(this.#model, this.#plan, this.#decoder);
  }

  /** Takes trails to decode. */
  add(extent: ExtentMessage): void {
    this.#extents.push(extent);
    this.goOn();
  }

  /** Works until there is nothing to do, or no room for what is done. */
  goOn(): void {
    while (this.#extents.length > 0) {
      this.#batches ??= this.#decode(unpackExtent(this.#extents[0]!));
      this.#waiting ??= this.#next();
      let rows: RowsMessage | undefined;
      if (this.#waiting !== undefined) {
        const room = takeRoom(this.#rooms);
        if (room === undefined) return;
        rows = packRows(this.#waiting, this.#rooms, room);
        try {
          // Looked at now, so that the last rows say that they are.
          this.#waiting = this.#next();
        } catch (error) {
          this.#tell(rows);
          throw error;
        }
      }
      if (this.#waiting === undefined) this.#tellDone(rows);
      else if (rows !== undefined) this.#tell(rows);
    }
  }

  *#decode(extent: TrailExtent): Generator<ScanRows> {
    yield* this.#decoder.decode(extent);
    yield* this.#decoder.flush();
  }

  #next(): ScanRows | undefined {
    const step = this.#batches!.next();
    return step.done ? undefined : step.value;
  }

  #tell(rows: RowsMessage): void {
    scope.postMessage({ kind: "rows", scan: this.#scan, rows });
  }

  #tellDone(rows: RowsMessage | undefined): void {
    this.#batches = undefined;
    const buffer = this.#extents.shift()!.lists.buffer as ArrayBuffer;
    const events = this.#decoder.takeEvents();
    scope.postMessage(
      { kind: "done", scan: this.#scan, rows, events, buffer },
      [buffer],
    );
  }
}

function obey(order: WorkerOrder): void {
  const { scan } = order;
  switch (order.kind) {
    case "scan":
      if (order.model !== undefined) model = unpackModel(order.model);
      scans.set(scan, new WorkerScan(scan, order.plan, order.rooms));
      break;
    case "decode":
      scans.get(scan)?.add(order.extent);
      break;
    case "wake":
      scans.get(scan)?.goOn();
      break;
    case "end":
      scans.get(scan)?.end();
      scans.delete(scan);
      break;
  }
}

scope.onmessage = ({ data }) => {
  try {
    obey(data);
  } catch (error) {
    scans.delete(data.scan);
    scope.postMessage({
      kind: "failed",
      scan: data.scan,
      error: packError(error),
    });
  }
};
scope.postMessage({ kind: "ready" });
