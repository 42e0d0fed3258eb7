/**
 * The files that texts name: links of documents, and paths from the root.
 *
 * @module
 */

const LINK = /\]\(([^)\s#]+)(?:#[^)]*)?\)/g;
const PATH =
  /\b(?:docs|packages|codecs|conformance|tools|bench|examples)\/[\w./-]*\.(?:ts|md|json|c)\b/g;
/** A path that stands for many, such as `codecs/trail/NAME_test.ts` or `assembly/x.ts`. */
const PLACEHOLDER = /NAME|\/x(?:_\w+)?\.ts$/;

/**
 * Finds what a text names.
 *
 * @param path The text's own, from the root.
 * @param text The text.
 * @returns Paths from the root; folders without a slash at the end.
 */
export function namedFiles(path: string, text: string): string[] {
  const links = path.endsWith(".md") ? [...text.matchAll(LINK)] : [];
  const named = [
    ...links.map(([, target]) => target!).filter((target) =>
      !target.includes("://")
    ).map((target) => new URL(target, `file:///${path}`).pathname.slice(1)),
    ...[...text.matchAll(PATH)].map(([path]) => path),
  ].filter((target) => !PLACEHOLDER.test(target));
  return [...new Set(named.map((target) => target.replace(/\/$/, "")))];
}
