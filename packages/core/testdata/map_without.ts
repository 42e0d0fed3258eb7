/**
 * Maps the file given, and prints code and reason of the error it gets. With
 * a second argument it first takes Deno itself away, as other runtimes do.
 */
import { openMappedFile } from "../mmap.ts";

const [path, without] = Deno.args as [string, string?];
const { log } = console;
if (without !== undefined) Reflect.deleteProperty(globalThis, "Deno");
const error = await openMappedFile(path).catch((error) => error);
log(`${error.code} ${error.reason}`);
