/**
 * The members of a TrailDB, in a package or a directory.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  type Source,
  throwIfAborted,
} from "@cairn/core";
import { TAR_TOC_OFFSET } from "./layout.ts";

/** A range of a source: one member. */
export interface MemberWindow {
  /** Name of the member. */
  readonly name: string;
  /** Where its bytes are. */
  readonly source: Source;
  /** Its first byte in the source. */
  readonly offset: number;
  /** Its length in bytes. */
  readonly byteLength: number;
}

/** The members of a TrailDB. It owns the sources. */
export interface TrailMembers extends AsyncDisposable {
  /** Name for messages: the path of the package or directory. */
  readonly name: string;
  /** Which container it is. */
  readonly container: "package" | "directory";
  /** The package itself; `undefined` for a directory. */
  readonly source: Source | undefined;
  /** All members, in the order of the file. */
  readonly windows: readonly MemberWindow[];
  /** Finds a member. @param name Its name. */
  find(name: string): MemberWindow | undefined;
  /** Closes all sources. May be called twice. */
  close(): Promise<void>;
}

/** Keeps windows by name; the first one of a name counts. */
export class MemberMap implements TrailMembers {
  readonly name: string;
  readonly container: "package" | "directory";
  readonly source: Source | undefined;
  readonly windows: readonly MemberWindow[];
  readonly #byName: Map<string, MemberWindow> = new Map();
  readonly #sources: readonly Source[];

  /**
   * Takes sources over.
   *
   * @param name Name for messages.
   * @param windows The members.
   * @param source The package; left out for a directory.
   */
  constructor(
    name: string,
    windows: readonly MemberWindow[],
    source?: Source,
  ) {
    this.name = name;
    this.container = source === undefined ? "directory" : "package";
    this.source = source;
    this.windows = windows;
    this.#sources = source === undefined
      ? windows.map((window) => window.source)
      : [source];
    for (const window of windows) {
      if (!this.#byName.has(window.name)) this.#byName.set(window.name, window);
    }
  }

  /** Finds a member. @param name Its name. */
  find(name: string): MemberWindow | undefined {
    return this.#byName.get(name);
  }

  /** Closes all sources. */
  async close(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.close()));
  }

  /** Closes all sources. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Gets a member that must be there.
 *
 * @param members Where to look.
 * @param name The member's name.
 * @throws {CairnError} `corrupt` when there is none.
 */
export function getMember(members: TrailMembers, name: string): MemberWindow {
  const window = members.find(name);
  if (window === undefined) {
    throw new CairnError(
      "corrupt",
      `Cannot find member "${name}": the ${members.container} has none`,
      {
        // It would stand in the table of contents.
        where: {
          file: members.name,
          part: name,
          offset: members.container === "package" ? TAR_TOC_OFFSET : 0,
        },
        reason: "missing-member",
      },
    );
  }
  return window;
}

/**
 * Reads a range of a member.
 *
 * @param window The member.
 * @param offset First byte, from the start of the member.
 * @param byteLength How many; the caller has checked them against the member.
 */
export function readWindow(
  window: MemberWindow,
  offset: number,
  byteLength: number,
  options: AbortOptions = {},
): Promise<Uint8Array> {
  throwIfAborted(options.signal);
  return window.source.read(window.offset + offset, byteLength, options);
}

/** Reads a whole member. @param window The member. */
export function readMember(
  window: MemberWindow,
  options: AbortOptions = {},
): Promise<Uint8Array> {
  return readWindow(window, 0, window.byteLength, options);
}

/**
 * Makes the error for damage in a member.
 *
 * @param window The member.
 * @param detail What is wrong.
 * @param offset Where, from the start of the member.
 */
export function corruptMember(
  window: MemberWindow,
  detail: string,
  offset = 0,
): CairnError {
  return new CairnError("corrupt", detail, {
    where: {
      file: window.source.name,
      part: window.name,
      offset: window.offset + offset,
    },
  });
}

/** Says where a member is, for errors. @param window The member. */
export function placeOf(
  window: MemberWindow,
): { file: string; part: string; offset: number } {
  return {
    file: window.source.name,
    part: window.name,
    offset: window.offset,
  };
}
