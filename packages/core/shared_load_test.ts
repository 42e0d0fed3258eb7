import { assertEquals, assertRejects } from "@std/assert";
import { CairnError, SharedLoad, throwIfAborted } from "@cairn/core";

/** A load that goes on when it is told to, and then looks at its signal. */
function slowLoad() {
  const gates: (() => void)[] = [];
  const shared = new SharedLoad(async ({ signal }) => {
    const load = gates.length;
    await new Promise<void>((resolve) => gates.push(resolve));
    throwIfAborted(signal);
    return load;
  });
  return { shared, gates };
}

Deno.test("SharedLoad.get() loads once for all who ask, then and later", async () => {
  const { shared, gates } = slowLoad();
  const all = Promise.all([shared.get(), shared.get(), shared.get()]);
  gates[0]!();
  assertEquals(await all, [0, 0, 0]);
  assertEquals(await shared.get(), 0);
  assertEquals(gates.length, 1);
});

Deno.test("SharedLoad.get() begins anew when the signal of who began ends the load", async () => {
  const { shared, gates } = slowLoad();
  const controller = new AbortController();
  const first = shared.get({ signal: controller.signal });
  const others = Promise.all([shared.get(), shared.get()]);
  controller.abort(new Error("enough"));
  gates[0]!();
  const error = await assertRejects(() => first, CairnError);
  assertEquals(error.code, "aborted");
  await Promise.resolve();
  gates[1]!();
  assertEquals(await others, [1, 1]);
  assertEquals(gates.length, 2);
});

Deno.test("SharedLoad.get() ends with the caller's own signal, loaded or not", async () => {
  const { shared, gates } = slowLoad();
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => shared.get({ signal }), CairnError);
  assertEquals(gates.length, 0);
  const loaded = shared.get();
  gates[0]!();
  await loaded;
  await assertRejects(() => shared.get({ signal }), CairnError);
});

Deno.test("SharedLoad.get() keeps no failure", async () => {
  let loads = 0;
  const shared = new SharedLoad(() => {
    if (loads++ === 0) return Promise.reject(new CairnError("io", "The disk"));
    return Promise.resolve(loads);
  });
  const both = await Promise.allSettled([shared.get(), shared.get()]);
  assertEquals(both.map(({ status }) => status), ["rejected", "rejected"]);
  assertEquals(await shared.get(), 2);
});
