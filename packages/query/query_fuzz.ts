/**
 * Damages golden queries and runs what is left of them: an answer or a
 * `CairnError` that says where, in little time.
 *
 * `deno run -A packages/query/query_fuzz.ts [SEED] [SECONDS]`
 *
 * @module
 */
import { CairnError, createSchema, encodeText, invariant } from "@cairn/core";
import { openQuery, parseQuery, printQuery } from "./mod.ts";
import { readGoldenJson } from "./testdata/golden.ts";
import { ModelStore } from "./testdata/model_store.ts";

const SLOW_MS = 2000;
const PIECES = [
  ...'()"#;\\ \n\u0007é😀*{}[]|',
  ...[
    "(and ",
    "(not ",
    "(slice ",
    '"page"',
    "(regex ",
    "(all)",
    "(in ",
    "{1000}",
  ],
  ...["(a*)*", "0x", "18446744073709551616", "\\u{", "_2013_05", "(group-by "],
];

/**
 * Fuzzes for a while.
 *
 * @param seed What is drawn depends on nothing else.
 * @param seconds How long.
 * @returns How many queries were tried.
 */
export async function fuzz(seed: number, seconds: number): Promise<number> {
  const files = ["parse-cases", "parse-errors", "queries", "bind-errors"];
  const queries = files.flatMap((file) =>
    readGoldenJson<{ query: string }[]>(`bitmap/${file}.json`)
  ).map(({ query }) => query);
  const names = ["visit", "revenue", "ad_campaign", "page", "a", "b"];
  const value = encodeText("mopub-01");
  await using store = new ModelStore(
    createSchema(names),
    [{ key: value, events: [{ time: 1, values: names.map(() => value) }] }],
  );
  const engine = await openQuery(store, { unknownFields: "empty" });
  let state = seed | 1;
  const draw = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const until = performance.now() + 1000 * seconds;
  let tried = 0;
  for (; performance.now() < until; tried++) {
    let text = queries[draw(queries.length)]!;
    for (let edits = draw(4); edits >= 0; edits--) {
      const at = draw(text.length + 1);
      const piece = draw(3) === 0
        ? text.slice(draw(text.length + 1)).slice(0, 30)
        : PIECES[draw(PIECES.length)]!;
      text = text.slice(0, at) + piece.repeat(draw(3)) +
        text.slice(at + draw(6));
    }
    const began = performance.now();
    try {
      const tree = parseQuery(text);
      const again = printQuery(parseQuery(printQuery(tree)));
      invariant(again === printQuery(tree), `printed twice: ${text}`);
      await engine.run(text);
    } catch (error) {
      if (!(error instanceof CairnError)) {
        throw new Error(text, { cause: error });
      }
      const { line = 0, column = 0 } = error.where;
      const shown = [...text.split("\n")[line - 1] ?? ""];
      invariant(
        error.code === "invalid-input" && column >= 1 &&
          column <= shown.length + 1,
        `a place in the text: ${text}`,
      );
    }
    invariant(performance.now() - began < SLOW_MS, `little time: ${text}`);
  }
  return tried;
}

if (import.meta.main) {
  const [seed = "1", seconds = "10"] = Deno.args;
  console.log(`${await fuzz(Number(seed), Number(seconds))} queries`);
}
