/**
 * The common questions as tests: whatever the codec, the bundled history gives
 * these answers.
 *
 * @module
 */
import { type Codec, MemorySink, MemorySource, type Store } from "@cairn/core";
import { same } from "./assertions.ts";
import { answer } from "./common/answers.ts";
import { loadHistory } from "./common/history.ts";
import { loadQuestions } from "./common/questions.ts";
import { toBatch } from "./clauses/writer.ts";

/** What to test, and with what. */
export interface CommonOptions {
  /** The codec under test. */
  readonly codec: Codec;
  /** Registers a test. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
}

/**
 * Registers one test that writes the bundled history with a codec and asks it
 * every common question.
 *
 * @param options The codec and the runner.
 */
export function testCommon({ codec, test }: CommonOptions): void {
  test(`${codec.name}: the common questions over a real history`, async () => {
    await using store = await writeHistory(codec);
    for (const question of await loadQuestions()) {
      same(await answer(store, question), question.expected, question.name);
    }
  });
}

/**
 * Writes the bundled history into memory with a codec and opens it.
 *
 * @param codec Any codec that takes keys of 16 bytes.
 * @returns The open store.
 */
export async function writeHistory(codec: Codec): Promise<Store> {
  const { schema, events } = await loadHistory();
  const sink = new MemorySink();
  await using writer = await codec.create(sink, schema);
  for (let at = 0; at < events.length; at += 10_000) {
    await writer.addBatch(toBatch(events.slice(at, at + 10_000)));
  }
  await writer.finish();
  return await codec.open(
    new MemorySource(sink.bytes(), { name: "git-history" }),
  );
}
