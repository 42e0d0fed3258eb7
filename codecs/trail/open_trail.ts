/**
 * Opening TrailDBs as stores.
 *
 * @module
 */
import {
  CairnError,
  type OpenOptions,
  type Probe,
  type Source,
} from "@cairn/core";
import { TrailIndexFile } from "./item_index.ts";
import { TAR_TOC_MAGIC, TAR_TOC_OFFSET } from "./layout.ts";
import { openPackage } from "./package_reader.ts";
import { ScanWorkers } from "./scan/scan_workers.ts";
import { TrailFile } from "./trail_file.ts";
import type { TrailMembers } from "./trail_members.ts";
import { TrailStore, type TrailStoreOptions } from "./trail_store.ts";

/** How to open a TrailDB. */
export interface TrailOpenOptions extends OpenOptions {
  /** The item index of the file; the store owns it. None if left out. */
  readonly index?: Source;
  /** Whether to decode in TypeScript alone; not if left out. */
  readonly reference?: boolean;
  /**
   * Threads that large scans are spread over: how many, which the store then
   * starts and ends, or workers of the caller, who closes them. None if left
   * out: scans stay on the caller's thread.
   */
  readonly workers?: number | ScanWorkers;
}

/**
 * Opens a package, the usual `.tdb` file.
 *
 * @example Open from memory
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSchema, MemorySink, MemorySource } from "@cairn/core";
 * import { createTrailStore, openTrailStore } from "@cairn/trail";
 *
 * const sink = new MemorySink();
 * await using writer = await createTrailStore(sink, createSchema(["page"]));
 * await writer.add(new Uint8Array(16), 5, [null]);
 * await writer.finish();
 * await using store = await openTrailStore(new MemorySource(sink.bytes()));
 * assertEquals((await store.stats()).events, 1);
 * ```
 * @param source The package; the store owns it.
 * @param options Its index, and how to decode.
 * @throws {CairnError} `corrupt`, `unsupported`, `io`.
 */
export async function openTrailStore(
  source: Source,
  options: TrailOpenOptions = {},
): Promise<TrailStore> {
  let members: TrailMembers;
  try {
    members = await openPackage(source, options);
  } catch (error) {
    await options.index?.close();
    await source.close();
    throw error instanceof CairnError ? error.within(source.name) : error;
  }
  return await openTrailMembers(members, options);
}

/**
 * Opens a TrailDB over its members.
 *
 * @param members The members; the store owns them.
 * @param options Its index, and how to decode.
 * @throws {CairnError} `corrupt`, `unsupported`, `io`.
 */
export async function openTrailMembers(
  members: TrailMembers,
  options: TrailOpenOptions = {},
): Promise<TrailStore> {
  let file: TrailFile | undefined;
  try {
    file = await TrailFile.open(members, options);
    const index = options.index === undefined
      ? undefined
      : await TrailIndexFile.open(options.index, file, options);
    return new TrailStore(file, {
      ...(index === undefined ? {} : { index }),
      reference: options.reference ?? false,
      ...chooseWorkers(options.workers),
    });
  } catch (error) {
    await options.index?.close();
    await file?.close();
    throw error;
  }
}

function chooseWorkers(
  workers: number | ScanWorkers | undefined,
): Pick<TrailStoreOptions, "workers" | "ownsWorkers"> {
  if (workers === undefined) return {};
  return typeof workers === "number"
    ? { workers: new ScanWorkers({ count: workers }), ownsWorkers: true }
    : { workers };
}

/** Tells whether a file looks like a package. @param probe Its first bytes. */
export function isTrailPackage(probe: Probe): boolean {
  const { head } = probe;
  for (let i = 0; i < TAR_TOC_MAGIC.length; i++) {
    if (head[TAR_TOC_OFFSET + i] !== TAR_TOC_MAGIC.charCodeAt(i)) return false;
  }
  return true;
}
