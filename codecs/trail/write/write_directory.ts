/**
 * Members into a directory, which appears whole or not at all.
 *
 * Layout: docs/formats/traildb.md, part 3.1.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { platform } from "node:os";
import { basename, dirname, join } from "node:path";
import { CairnError, formatHex, throwIfAborted } from "@cairn/core";
import { createFile } from "@cairn/core/file";
import {
  encodeSums,
  MEMBER_SUMS,
  RangeSummer,
  SUM_RANGE_BYTES,
  type SummedPart,
} from "../additions.ts";
import type { WriteMembersOptions } from "./write_package.ts";
import { bytesMember, type Member } from "./write_members.ts";

/**
 * A directory being written, under another name beside its own.
 *
 * A process that is killed leaves `.NAME.cairn-XXXX.tmp`, which nobody reads
 * and anybody may delete.
 */
export class DirectoryOutput {
  /** The path it will have. */
  readonly path: string;
  readonly #temporary: string;
  #byteLength = 0;
  #state: "open" | "finished" | "aborted" = "open";

  private constructor(path: string, temporary: string) {
    this.path = path;
    this.#temporary = temporary;
  }

  /**
   * Begins a directory.
   *
   * @param path Where; nothing may be there, and the folder around it must be.
   * @throws {CairnError} `exists`, `not-found`, `io`.
   */
  static async create(path: string): Promise<DirectoryOutput> {
    const name = basename(path);
    const temporary = join(
      dirname(path),
      `.${name.slice(0, 64)}.cairn-${formatHex(randomBytes(8))}.tmp`,
    );
    await assertAbsent(path);
    await guard(path, "create directory", () => mkdir(temporary));
    return new DirectoryOutput(path, temporary);
  }

  /** Bytes written so far. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Writes members. @param members In any order. @param options Checksums and signal. */
  async write(
    members: readonly Member[],
    options: WriteMembersOptions,
  ): Promise<void> {
    const parts: SummedPart[] = [];
    for (const member of members) {
      parts.push(await this.#writeMember(member, options));
    }
    if (options.sums) {
      await this.#writeMember(
        bytesMember(MEMBER_SUMS, encodeSums(parts)),
        options,
      );
    }
  }

  /** Gives the directory its name. @throws {CairnError} `exists`, `io`. */
  async finish(): Promise<void> {
    await assertAbsent(this.path);
    await guard(this.path, "name directory", async () => {
      await syncFolder(this.#temporary);
      await rename(this.#temporary, this.path);
      this.#state = "finished";
      await syncFolder(dirname(this.path));
    });
  }

  /** Leaves nothing behind. Does nothing after `finish`; may be called twice. */
  async abort(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    await guard(
      this.path,
      "remove directory",
      () => rm(this.#temporary, { recursive: true, force: true }),
    );
  }

  async #writeMember(
    member: Member,
    options: WriteMembersOptions,
  ): Promise<SummedPart> {
    const summer = new RangeSummer();
    await using file = await createFile(join(this.#temporary, member.name));
    for await (const piece of member.read()) {
      throwIfAborted(options.signal);
      if (options.sums) summer.update(piece);
      await file.write(piece);
    }
    await file.finish();
    this.#byteLength += file.byteLength;
    return {
      member: member.name,
      byteLength: file.byteLength,
      rangeBytes: SUM_RANGE_BYTES,
      sums: summer.finish(),
    };
  }
}

async function assertAbsent(path: string): Promise<void> {
  const there = await guard(
    path,
    "look at directory",
    () =>
      lstat(path).then(() => true, (error) => {
        if (error.code === "ENOENT") return false;
        throw error;
      }),
  );
  if (there) {
    throw new CairnError(
      "exists",
      "Cannot create directory: there is something of that name",
      { where: { file: path } },
    );
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no way to open a folder; its names are journaled.
  if (platform() === "win32") return;
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function guard<T>(
  path: string,
  action: string,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof CairnError) throw cause;
    const code = (cause as { code?: unknown }).code;
    throw new CairnError(
      code === "ENOENT" ? "not-found" : "io",
      `Cannot ${action}: ${cause instanceof Error ? cause.message : cause}`,
      {
        where: { file: path },
        ...(typeof code === "string" ? { reason: code } : {}),
        cause,
      },
    );
  }
}
