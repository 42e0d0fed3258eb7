/**
 * Remote files as sources, by HTTP range requests.
 *
 * @example Read a part of a remote file
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openHttp } from "@cairn/core/http";
 *
 * // A server that knows ranges; any fetch will do.
 * const fetch = () =>
 *   Promise.resolve(
 *     new Response(Uint8Array.of(1, 2, 3), {
 *       status: 206,
 *       headers: { "content-range": "bytes 0-2/3" },
 *     }),
 *   );
 * await using source = await openHttp("http://localhost/a", { fetch });
 * assertEquals(await source.read(1, 2), Uint8Array.of(2, 3));
 * ```
 *
 * @module
 */
export { HttpSource, openHttp, type OpenHttpOptions } from "./http_source.ts";
export type { ReadOptions, Source } from "./source.ts";
