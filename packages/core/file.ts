/**
 * Files on disk as sources, sinks and scratch room, over `node:fs`. Not for
 * browsers.
 *
 * @example Write a file, whole or not at all, and read it
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createFile, openFile } from "@cairn/core/file";
 *
 * const folder = await Deno.makeTempDir();
 * await using sink = await createFile(`${folder}/a.bin`);
 * await sink.write(Uint8Array.of(1, 2, 3));
 * await sink.finish();
 * await using source = await openFile(`${folder}/a.bin`);
 * assertEquals(await source.read(1, 2), Uint8Array.of(2, 3));
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @module
 */
export { FileSource, openFile } from "./file_source.ts";
export { createFile, type CreateFileOptions, FileSink } from "./file_sink.ts";
export { createScratch, type CreateScratchOptions } from "./file_scratch.ts";
export type { Scratch, ScratchFile } from "./scratch.ts";
export type { FinishOptions, Sink } from "./sink.ts";
export type { ReadOptions, Source } from "./source.ts";
