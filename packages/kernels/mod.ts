/**
 * Hot loops as WebAssembly, each beside a TypeScript reference of the same
 * function that does the work where WebAssembly is not at hand.
 *
 * @module
 */
export { crc32c, crc32cReference } from "./crc32c.ts";
