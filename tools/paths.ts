/**
 * Paths and URLs of files.
 *
 * @module
 */
export { fileURLToPath as fromFileUrl } from "node:url";
