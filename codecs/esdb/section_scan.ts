/**
 * Walking over the section tables of all spaces.
 *
 * @module
 */
import { type AbortOptions, throwIfAborted } from "@cairn/core";
import { type Esdb, partsOf } from "./esdb.ts";
import type { SectionTable } from "./section_table.ts";
import { SpaceDecoder } from "./space_decoder.ts";
import { loadSpaces } from "./space_loader.ts";
import { SpaceReader } from "./space_reader.ts";

/**
 * Gives the sections of each space, in the order of ids. Valid until the next
 * one is asked for.
 *
 * @param esdb The store.
 * @param options Stops it.
 */
export async function* eachSectionTable(
  esdb: Esdb,
  options: AbortOptions,
): AsyncGenerator<
  { readonly ordinal: number; readonly sections: SectionTable },
  void,
  undefined
> {
  const { source, directory } = partsOf(esdb);
  const { signal } = options;
  const abort = signal === undefined ? {} : { signal };
  const decoder = new SpaceDecoder(source.name);
  for await (const spaces of loadSpaces(source, directory.runs(abort), abort)) {
    throwIfAborted(signal);
    for (let i = 0; i < spaces.count; i++) {
      const ordinal = spaces.ordinals[i]!;
      const place = { offset: spaces.offsets[i]!, length: spaces.lengths[i]! };
      const bytes = spaces.buffers[i];
      if (bytes === undefined) {
        const { sections } = await SpaceReader.open(
          source,
          place,
          decoder,
          abort,
        );
        yield { ordinal, sections };
        continue;
      }
      decoder.open(bytes, spaces.starts[i]!, place.length, place.offset);
      yield { ordinal, sections: decoder.sections };
    }
  }
}
