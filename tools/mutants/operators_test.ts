import { assert, assertEquals } from "@std/assert";
import { randomNumbers } from "../../conformance/dataset.ts";
import { maskCode } from "./mask.ts";
import {
  applyMutant,
  chooseMutants,
  findMutants,
  type Kind,
} from "./operators.ts";

const CODE = `/** A bound: a < b. */
export function take(a: number, b: number): number {
  const text = \`\${a} < \${b + 1}\`; // a < b
  if (a < b) throw new RangeError("a < b");
  const found = /a < b/.test(text);
  this.#sink.write(text);
  this.#sink.finish(found);
  this.#rows.push(a);
  return found ? a + 1 : b & 0x7f;
}
`;

/** What becomes of each line by one kind of mistake. */
function broken(kind: Kind): string[] {
  return findMutants("take.ts", CODE).filter((mutant) => mutant.kind === kind)
    .map((mutant) =>
      applyMutant(CODE, mutant).split("\n").slice(mutant.line - 1).find((
        line,
      ) => !CODE.split("\n").includes(line))!.trim()
    );
}

Deno.test("maskCode() leaves code alone, each character in its place", () => {
  const masked = maskCode(CODE);
  assertEquals(masked.length, CODE.length);
  assertEquals(masked.split("\n").length, CODE.split("\n").length);
  assertEquals(masked.match(/a < b/g)?.length, 1);
  assertEquals(maskCode("x / y; // z").trimEnd(), "x / y;");
  assertEquals(maskCode('f("\\"//")'), "f(      )");
});

Deno.test("findMutants() breaks code and neither words nor messages", () => {
  assertEquals(broken("wrong boundary"), [
    'if (a <= b) throw new RangeError("a < b");',
  ]);
  assertEquals(broken("swapped comparison"), [
    'if (a > b) throw new RangeError("a < b");',
  ]);
  assertEquals(broken("dropped check"), [
    'if (false) throw new RangeError("a < b");',
  ]);
  assertEquals(broken("dropped call or wait"), [
    "void 0;",
    "void 0;",
    "void 0;",
  ]);
  assertEquals(broken("wrong constant"), [
    "return found ? a + 2 : b & 0x7f;",
    "return found ? a + 1 : b & 128;",
  ]);
  assertEquals(broken("off by one").length, 1);
});

Deno.test("findMutants() turns the order of two calls round", () => {
  const swaps = findMutants("take.ts", CODE).filter(({ kind }) =>
    kind === "wrong order"
  );
  // The third call has nothing to do with the second.
  assertEquals(swaps.length, 1);
  assert(
    applyMutant(CODE, swaps[0]!).includes(
      "this.#sink.finish(found);\n  this.#sink.write(text);",
    ),
  );
});

Deno.test("chooseMutants() takes each line once, of each kind as many", () => {
  const all = ["a.ts", "b.ts", "c.ts"].flatMap((file) =>
    findMutants(file, CODE)
  );
  const chosen = chooseMutants(all, 9, randomNumbers(5));
  assertEquals(chosen.length, 9);
  assertEquals(
    new Set(chosen.map(({ file, line }) => `${file}:${line}`)).size,
    9,
  );
  assert(new Set(chosen.map(({ kind }) => kind)).size >= 4);
  assertEquals(chooseMutants(all, 9, randomNumbers(5)), chosen);
});
