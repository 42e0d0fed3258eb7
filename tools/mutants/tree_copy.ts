/**
 * A copy of the tree to break: the tree itself is never touched.
 *
 * @module
 */
import { toFileUrl } from "../paths.ts";
import { cpSync, rmSync, symlinkSync } from "node:fs";

/** What is copied; the rest is linked or not needed. */
const COPIED = ["packages", "codecs", "conformance", "tools", "deno.json"];
/** What nothing changes. */
const LINKED = ["node_modules", "conformance/golden"];

/** A copy in the system's folder for temporary files, removed at the end. */
export class TreeCopy implements Disposable {
  /** The copy's folder. */
  readonly folder: string;
  readonly #root: string;

  /** Copies. @param root The tree, with a slash at its end. */
  constructor(root: string) {
    this.#root = root;
    this.folder = Deno.realPathSync(
      Deno.makeTempDirSync({ prefix: "cairn-mutants-" }),
    );
    for (const name of COPIED) {
      cpSync(`${root}${name}`, `${this.folder}/${name}`, {
        recursive: true,
        filter: (path) =>
          !LINKED.some((linked) => path.startsWith(`${root}${linked}`)) &&
          !path.includes("node_modules"),
      });
    }
    for (const name of LINKED) {
      symlinkSync(`${root}${name}`, `${this.folder}/${name}`);
    }
    this.#writeImportMap();
  }

  /** Options by which `deno` finds everything within the copy. */
  get importMap(): string {
    return `--import-map=${this.folder}/import_map.json`;
  }

  /** Tests import `@std/assert`; the thin layer needs no network. */
  #writeImportMap(): void {
    const { imports } = JSON.parse(
      Deno.readTextFileSync(`${this.#root}deno.json`),
    );
    imports["@std/assert"] =
      toFileUrl(`${this.folder}/tools/offline/assert.ts`).href;
    Deno.writeTextFileSync(
      `${this.folder}/import_map.json`,
      JSON.stringify({ imports }),
    );
  }

  /** Removes the copy. */
  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
