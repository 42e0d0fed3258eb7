import { CLAUSES, EFFORT, runSuite, Workbench } from "@cairn/conformance";
import { assert, assertEquals } from "@std/assert";
import { BROKEN_CODECS, CONTROL } from "./broken/broken_codecs.ts";
import { clearForgotten, LEAKING_CODECS } from "./broken/leaking_codecs.ts";

for (
  const { fault, caughtBy, codec } of [...BROKEN_CODECS, ...LEAKING_CODECS]
) {
  Deno.test(`${caughtBy} fails when ${fault}`, async () => {
    const clause = CLAUSES.find((clause) => clause.id === caughtBy)!;
    assertEquals(
      clause.excuse?.(codec.capabilities),
      undefined,
      "the clause is excused",
    );
    let failed = false;
    try {
      await clause.run(new Workbench(codec, EFFORT));
    } catch {
      failed = true;
    } finally {
      clearForgotten();
    }
    assert(failed, `the suite does not see that ${fault}`);
  });
}

Deno.test("the wrapping of the broken codecs alone breaks nothing", async () => {
  const failed = (await runSuite(CONTROL)).filter(({ outcome }) =>
    outcome === "fail"
  );
  assertEquals(failed.map(({ clause, detail }) => [clause.id, detail]), []);
});
