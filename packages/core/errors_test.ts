import { assert, assertEquals, assertThrows } from "@std/assert";
import { CairnError, invariant, throwIfAborted } from "@cairn/core";

Deno.test("CairnError says code, place, reason and cause", () => {
  const cause = new Error("disk");
  const where = { file: "a", part: "footer", offset: 3, line: 1, column: 2 };
  const error = new CairnError("io", "Cannot read", {
    where,
    reason: "EIO",
    cause,
  });
  assert(error instanceof Error);
  assertEquals(error.name, "CairnError");
  assertEquals([error.code, error.reason], ["io", "EIO"]);
  assertEquals([error.where, error.cause], [where, cause]);
  assertEquals(error.detail, "Cannot read");
  for (const word of ['"a"', '"footer"', "offset 3", "line 1", "column 2"]) {
    assert(error.message.includes(word), error.message);
  }
});

Deno.test("CairnError has no cause, reason or place unless given", () => {
  const error = new CairnError("corrupt", "Cannot read");
  assertEquals([error.reason, "cause" in error], [undefined, false]);
  assertEquals([error.where, error.message], [{}, "Cannot read"]);
  // An offset of 0 is a place too.
  const first = new CairnError("corrupt", "x", { where: { offset: 0 } });
  assert(first.message.includes("offset 0"));
});

Deno.test("CairnError.within() names the file once, and keeps all else", () => {
  const error = new CairnError("limit", "Cannot read", {
    where: { part: "p", offset: 1 },
    reason: "r",
  });
  const named = error.within("a");
  assertEquals(named.where, { file: "a", part: "p", offset: 1 });
  assertEquals([named.code, named.detail, named.reason], [
    "limit",
    "Cannot read",
    "r",
  ]);
  assert(named.cause === error);
  assert(named.within("b") === named);
  const caused = new CairnError("io", "x", { cause: "why" }).within("a");
  assertEquals(caused.cause, "why");
});

Deno.test("invariant() throws an Error that is no CairnError", () => {
  invariant(true, "holds");
  const error = assertThrows(() => invariant(false, "belief"), Error);
  assert(!(error instanceof CairnError));
});

Deno.test("throwIfAborted() gives the signal's reason as cause", () => {
  throwIfAborted(undefined);
  throwIfAborted(new AbortController().signal);
  const signal = AbortSignal.abort("enough");
  const error = assertThrows(() => throwIfAborted(signal), CairnError);
  assertEquals([error.code, error.cause], ["aborted", "enough"]);
});
