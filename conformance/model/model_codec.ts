/**
 * The plainest codec there could be, and so the oracle of the suite: rows of
 * JSON in memory, one array of events a trail, nothing clever anywhere.
 *
 * A file of it is one JSON text: `{"model":1,"fields":[..],"trails":[[key,
 * [[time, [value, ..]], ..]], ..]}`, keys and values in hex, no value `null`.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  type Codec,
  type Probe,
  readProbe,
  type Source,
  type Store,
} from "@cairn/core";
import { MAGIC, parseModel } from "./model_file.ts";
import { ModelStore } from "./model_store.ts";
import { MODEL_CAPABILITIES, ModelWriter } from "./model_writer.ts";

/** The model: slow, simple, right. It holds whole stores in memory. */
export const modelCodec: Codec = {
  name: "model",
  extensions: [".model.json"],
  capabilities: MODEL_CAPABILITIES,
  detect: (probe: Probe) =>
    new TextDecoder().decode(probe.head.subarray(0, MAGIC.length)) === MAGIC,
  create: (sink, schema, options) =>
    Promise.resolve(new ModelWriter(sink, schema, options?.signal)),
  open: openModel,
};

async function openModel(
  source: Source,
  options: AbortOptions = {},
): Promise<Store> {
  try {
    if (!modelCodec.detect(await readProbe(source))) {
      throw new CairnError("corrupt", "Cannot open model: no such magic", {
        where: { file: source.name, part: "magic", offset: 0 },
      });
    }
    const bytes = await source.read(0, source.size, options);
    return new ModelStore(source, parseModel(bytes, source.name));
  } catch (error) {
    await source.close();
    throw error;
  }
}
