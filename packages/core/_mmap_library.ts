/**
 * The C calls that map a file, found through Deno's foreign functions.
 *
 * @module
 */
import { CairnError } from "./errors.ts";

const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  mmap: {
    parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"],
    result: "pointer",
  },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  madvise: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  getpagesize: { parameters: [], result: "i32" },
} as const;

/** The calls. */
export type MmapSymbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** Where the C library may be, by system; the first that opens is taken. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  linux: [
    "libc.so.6",
    "libc.musl-x86_64.so.1",
    "libc.musl-aarch64.so.1",
  ],
  darwin: ["libSystem.B.dylib"],
  freebsd: ["libc.so.7"],
};

/** Numbers of the C library that differ between systems. */
const CLOSE_ON_EXEC: Readonly<Record<string, number>> = {
  linux: 0o2000000,
  darwin: 0x1000000,
  freebsd: 0x100000,
};

/** The same everywhere: PROT_READ, MAP_SHARED, SEEK_END, MADV_*. */
export const MMAP = {
  protRead: 1,
  mapShared: 1,
  seekEnd: 2,
  adviceSoon: 3,
  adviceNoMore: 4,
} as const;

let loaded: MmapSymbols | undefined;

/**
 * Finds the calls, once for the process.
 *
 * @param file The file to be mapped, for errors.
 * @returns The calls and the flags to open a file with.
 * @throws {CairnError} `unsupported`, with reason `no-ffi` or
 * `ffi-not-permitted`.
 */
export function loadMmap(
  file: string,
): { readonly calls: MmapSymbols; readonly openFlags: number } {
  const runtime = (globalThis as { Deno?: typeof Deno }).Deno;
  const names = LIBRARIES[runtime?.build?.os ?? ""];
  if (runtime === undefined || names === undefined || !("dlopen" in runtime)) {
    throw noMapping(file, "no-ffi", "foreign functions are not there");
  }
  loaded ??= openLibrary(runtime, names, file);
  return { calls: loaded, openFlags: CLOSE_ON_EXEC[runtime.build.os] ?? 0 };
}

function openLibrary(
  runtime: typeof Deno,
  names: readonly string[],
  file: string,
): MmapSymbols {
  let cause: unknown;
  for (const name of names) {
    try {
      return runtime.dlopen(name, SYMBOLS).symbols;
    } catch (error) {
      const { NotCapable, PermissionDenied } = runtime.errors;
      if (error instanceof NotCapable || error instanceof PermissionDenied) {
        const wanted = "foreign functions are not permitted (--allow-ffi)";
        throw noMapping(file, "ffi-not-permitted", wanted, error);
      }
      cause = error;
    }
  }
  throw noMapping(file, "no-ffi", "there is no C library to call", cause);
}

function noMapping(
  file: string,
  reason: string,
  why: string,
  cause?: unknown,
): CairnError {
  return new CairnError("unsupported", `Cannot map file: ${why}`, {
    where: { file },
    reason,
    ...(cause === undefined ? {} : { cause }),
  });
}
