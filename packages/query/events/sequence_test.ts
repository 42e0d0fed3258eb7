import { assertEquals, assertRejects } from "@std/assert";
import {
  CairnError,
  createSchema,
  encodeText,
  equal,
  Filter,
} from "@cairn/core";
import { ModelStore } from "../testdata/model_store.ts";
import { findSequence, funnel } from "./sequence.ts";

const SCHEMA = createSchema(["type"]);

/** A trail a text: each letter an event, times counting from 0 unless given. */
function makeStore(trails: readonly string[], times?: readonly number[]) {
  return new ModelStore(
    SCHEMA,
    trails.map((text, i) => ({
      key: encodeText(`${i}`),
      events: [...text].map((type, at) => ({
        time: times?.[at] ?? at,
        values: [encodeText(type)],
      })),
    })),
  );
}

const step = (type: string): Filter => new Filter([[equal("type", type)]]);
const steps = (text: string): Filter[] => [...text].map(step);

async function countsOf(
  trail: string,
  text: string,
  within?: number,
  times?: readonly number[],
): Promise<readonly number[]> {
  await using store = makeStore([trail], times);
  const options = within === undefined ? {} : { within };
  return (await funnel(store, steps(text), options)).counts;
}

Deno.test("funnel() takes an event for one step only", async () => {
  assertEquals(await countsOf("a", "aa"), [1, 0]);
  assertEquals(await countsOf("aa", "aa"), [1, 1]);
  assertEquals(await countsOf("aba", "aba"), [1, 1, 1]);
});

Deno.test("funnel() wants steps in the trail's order", async () => {
  assertEquals(await countsOf("ba", "ab"), [1, 0]);
  assertEquals(await countsOf("xaxcxbx", "abc"), [1, 1, 0]);
});

Deno.test("funnel() tries every beginning", async () => {
  // From the first a, c comes too late; from the second, in time.
  assertEquals(await countsOf("a....ab.c", "abc", 3), [1, 1, 1]);
  // The second a leads no further than the first.
  assertEquals(await countsOf("ab.a....c", "abc", 8), [1, 1, 1]);
  assertEquals(await countsOf("ab......c", "abc", 7), [1, 1, 0]);
});

Deno.test("funnel() counts the bound from the first step, itself included", async () => {
  assertEquals(await countsOf("abc", "abc", 2), [1, 1, 1]);
  assertEquals(await countsOf("abc", "abc", 1), [1, 1, 0]);
  assertEquals(await countsOf("ab", "ab", 0), [1, 0]);
  assertEquals(await countsOf("ab", "ab", 0, [5, 5]), [1, 1]);
  assertEquals(await countsOf("ba", "ab", 0, [5, 5]), [1, 0]);
});

Deno.test("funnel() takes 31 steps and no more", async () => {
  assertEquals(
    await countsOf("a".repeat(31), "a".repeat(31)),
    Array(31).fill(1),
  );
  assertEquals((await countsOf("a".repeat(30), "a".repeat(31)))[30], 0);
  for (const [count, code] of [[0, "invalid-input"], [32, "limit"]] as const) {
    const error = await assertRejects(
      () => countsOf("a", "a".repeat(count)),
      CairnError,
    );
    assertEquals(error.code, code);
  }
});

Deno.test("findSequence() gives the trails that reach all steps", async () => {
  await using store = makeStore(["ab", "ba", "aab", "", "b"]);
  assertEquals([...await findSequence(store, steps("ab"))], [0, 2]);
});
