import { assertEquals, assertStringIncludes } from "@std/assert";
import { builtInCodecs } from "../codecs.ts";
import { capturedRun, memoryCodecs } from "../testdata/captured_run.ts";
import { inFolder, writeStore } from "../testdata/sample_store.ts";

/** Makes three stores, merges, and gives the dump of what came out. */
async function merged(...args: string[]): Promise<string> {
  let text = "";
  await inFolder(async (folder) => {
    await writeAll(folder);
    const run = await capturedRun(
      [
        "merge",
        ...args.map((arg) => arg.replace(/^g(\d)$/, `${folder}/g$1.mem`)),
        "-o",
        `${folder}/m.mem`,
      ],
    );
    assertEquals([run.code, run.stdout], [0, ""], run.stderr);
    text = (await capturedRun(["dump", `${folder}/m`])).stdout;
  });
  return text;
}

async function writeAll(folder: string): Promise<void> {
  await writeStore(`${folder}/g1.mem`, [["k1", 1, "A", "n1"], [
    "k1",
    1,
    "B",
    "n2",
  ], ["k2", 5, "C", "n3"]], ["b", "a"]);
  await writeStore(`${folder}/g2.mem`, [["k1", 1, "D", "n4"], [
    "k3",
    0,
    "E",
    "n5",
  ]], ["a", "b"]);
  await writeStore(`${folder}/g3.mem`, [["k1", 1, "x1", "y1"]], ["Z", "_q"]);
}

Deno.test("cairn merge joins trails; earlier stores come first at equal times", async () => {
  assertEquals(
    await merged("g1", "g2"),
    "trail,time,a,b\nk1,1,n1,A\nk1,1,n2,B\nk1,1,D,n4\nk2,5,n3,C\nk3,0,E,n5\n",
  );
  assertEquals(
    await merged("--tdb-style", "g1", "g2"),
    "trail,time,a,b\nk1,1,D,n4\nk1,1,n1,A\nk1,1,n2,B\nk2,5,n3,C\nk3,0,E,n5\n",
  );
});

Deno.test("cairn merge keeps equal field lists, sorts the union of others", async () => {
  assertEquals(
    await merged("g1"),
    "trail,time,b,a\nk1,1,A,n1\nk1,1,B,n2\nk2,5,C,n3\n",
  );
  assertEquals(
    await merged("g1", "g3"),
    "trail,time,Z,_q,a,b\nk1,1,,,n1,A\nk1,1,,,n2,B\nk1,1,x1,y1,,\nk2,5,,,n3,C\n",
  );
});

Deno.test("cairn merge looks filters and trails up in each store", async () => {
  assertEquals(
    await merged("-F", "a=n1 Z=x1", "g1", "g3"),
    "trail,time,Z,_q,a,b\nk1,1,,,n1,A\nk1,1,x1,y1,,\n",
  );
  assertEquals(
    await merged("-F", "Z!=x1", "g1", "g3"),
    "trail,time,Z,_q,a,b\nk1,1,,,n1,A\nk1,1,,,n2,B\nk2,5,,,n3,C\n",
  );
  assertEquals(
    await merged("--trails", "k2", "g1"),
    "trail,time,b,a\nk2,5,C,n3\n",
  );
  assertEquals(
    await merged("--trails", "k1", "-F", "b=B", "g1"),
    "trail,time,b,a\nk1,1,B,n2\n",
  );
  assertEquals(
    await merged("--from", "2", "g1"),
    "trail,time,b,a\nk2,5,C,n3\n",
  );
});

Deno.test("cairn merge keeps the fields asked for", async () => {
  assertEquals(
    await merged("--fields", "a", "g1", "g2"),
    "trail,time,a\nk1,1,n1\nk1,1,n2\nk1,1,D\nk2,5,n3\nk3,0,E\n",
  );
});

Deno.test("cairn merge changes keys when told to", async () => {
  const hashed = await merged("--key", "hash", "--trails", "k2", "g1");
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode("k2"),
  );
  const hex = new Uint8Array(digest).toHex().slice(0, 32);
  assertEquals(hashed, `trail,time,b,a\n${hex},5,C,n3\n`);
  await inFolder(async (folder) => {
    const uuid = "00112233445566778899aabbccddeeff";
    await writeStore(`${folder}/a.mem`, [[uuid, 1]], []);
    const run = await capturedRun([
      "convert",
      `${folder}/a`,
      "--key",
      "uuid",
      "-o",
      `${folder}/b.mem`,
    ]);
    assertEquals(run.code, 0, run.stderr);
    const info = await capturedRun(["info", "--json", `${folder}/b`]);
    assertEquals(JSON.parse(info.stdout).keys, "uuid");
    const back = await capturedRun([
      "convert",
      `${folder}/b`,
      "--key",
      "text",
      "-o",
      `${folder}/c.mem`,
    ]);
    assertEquals(back.code, 0, back.stderr);
    assertEquals(
      (await capturedRun(["dump", `${folder}/c`])).stdout,
      `trail,time\n${uuid},1\n`,
    );
  });
});

Deno.test("cairn merge says what helps when keys do not fit", async () => {
  await inFolder(async (folder) => {
    const uuid = "00112233445566778899aabbccddeeff";
    await writeStore(`${folder}/a.mem`, [["k", 1], [uuid, 1]], []);
    const args = ["convert", `${folder}/a`, "-o", `${folder}/b.tdb`];
    const codecs = [...memoryCodecs, ...builtInCodecs];
    const run = await capturedRun(args, { codecs });
    assertEquals(run.code, 1);
    assertStringIncludes(run.stderr, "--key uuid");
    assertStringIncludes(run.stderr, `(file "${folder}/a.mem")`);
    const hashed = await capturedRun([...args, "--key", "hash"], { codecs });
    assertEquals(hashed.code, 0, hashed.stderr);
  });
});

Deno.test("cairn dump and convert know the unit of times that a store knows", async () => {
  await inFolder(async (folder) => {
    const run = async (args: string, stdin = "") => {
      const { code, stdout, stderr } = await capturedRun(
        args.replaceAll("F/", `${folder}/`).split(" "),
        { codecs: builtInCodecs, stdin },
      );
      assertEquals(code, 0, stderr);
      return stdout;
    };
    const csv = "trail,time,a\nann,2024-05-01,x\nbob,2024-07-01,x\n";
    await run("import - -o F/ms.cairn-bitmap --time-unit ms", csv);
    assertEquals(
      await run("dump F/ms.cairn-bitmap --from 2024-06-01 --no-header"),
      "bob,1719792000000,x\n",
    );
    await run("convert F/ms.cairn-bitmap -o F/b.cairn-bitmap --to 2024-06-01");
    const months = ["query", `${folder}/b.cairn-bitmap`, '(slice "a_2024_05")'];
    assertStringIncludes(
      (await capturedRun(months, { codecs: builtInCodecs })).stdout,
      "ann",
    );
    await run("import - -o F/s.cairn-bitmap", csv);
    const both = await capturedRun(
      ["merge", ...["ms", "s"].map((name) => `${folder}/${name}.cairn-bitmap`)]
        .concat("-o", `${folder}/c.cairn-bitmap`),
      { codecs: builtInCodecs },
    );
    assertEquals(both.code, 2);
    assertStringIncludes(both.stderr, "give --time-unit");
  });
});

Deno.test("cairn merge says what it wrote", async () => {
  await inFolder(async (folder) => {
    await writeAll(folder);
    const run = await capturedRun([
      "merge",
      `${folder}/g1`,
      `${folder}/g2`,
      "-o",
      `${folder}/m.mem`,
      "--json",
    ]);
    const { seconds, bytes, ...facts } = JSON.parse(run.stdout);
    assertEquals([typeof seconds, bytes], [
      "number",
      (await Deno.stat(`${folder}/m.mem`)).size,
    ]);
    assertEquals(facts, {
      store: `${folder}/m.mem`,
      codec: "memory",
      events: 5,
      trails: 3,
      skipped: 0,
    });
    assertEquals(run.stderr, "");
  });
});

Deno.test("cairn merge refuses what cannot be, and leaves nothing behind", async () => {
  await inFolder(async (folder) => {
    await writeAll(folder);
    const cases: [string[], number, string][] = [
      [[], 2, "missing required argument"],
      [["g1", "nope"], 1, "there is no such file"],
      [["g1", "-o", "g2.mem"], 1, "--replace"],
      [["g1", "-o", "m.xyz"], 2, "Cannot tell the codec"],
      [["g1", "--fields", "nope"], 2, 'Cannot keep field "nope"'],
      [["g1", "--types", "a:number"], 2, "NAME:TYPE"],
      [["g1", "--key", "uuid"], 1, "Cannot read UUID"],
      [["g1", "--trails", "zoe"], 1, 'Cannot find trail "zoe"'],
      [["g1", "--memory", "much"], 2, "Cannot read size"],
    ];
    for (const [args, code, said] of cases) {
      const paths = args.map((arg) =>
        /^(g\d|nope|[gm]\d?\.\w+)$/.test(arg) && !args.includes(`--fields`) ||
          /^g\d/.test(arg)
          ? `${folder}/${arg}`
          : arg
      );
      const output = args.includes("-o") ? [] : ["-o", `${folder}/m.mem`];
      const run = await capturedRun(["merge", ...paths, ...output]);
      assertEquals([run.code, run.stdout], [code, ""], args.join(" "));
      assertStringIncludes(run.stderr, said);
    }
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(names, ["g1.mem", "g2.mem", "g3.mem"]);
  });
});
