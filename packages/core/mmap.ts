/**
 * Files mapped into memory as sources, for Deno on Unix with `--allow-ffi`.
 *
 * A file that is cut while it is mapped ends the process: read what
 * {@linkcode MappedFileSource} says before you use it.
 *
 * @example Read a mapped file
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openMappedFile } from "@cairn/core/mmap";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeFile(path, Uint8Array.of(1, 2, 3));
 * {
 *   await using source = await openMappedFile(path);
 *   assertEquals(await source.read(1, 2), Uint8Array.of(2, 3));
 * }
 * await Deno.remove(path);
 * ```
 *
 * @module
 */
export { MappedFileSource, openMappedFile } from "./mapped_file_source.ts";
export type { ReadOptions, Source } from "./source.ts";
