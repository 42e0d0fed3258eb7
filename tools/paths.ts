/**
 * Paths and URLs of files.
 *
 * @module
 */
import { cpSync } from "node:fs";

export {
  fileURLToPath as fromFileUrl,
  pathToFileURL as toFileUrl,
} from "node:url";

/** Copies a folder with all it holds. @param from The folder. @param to Made if missing. */
export function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
}
