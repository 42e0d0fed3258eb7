/** A lexicon over a list, the plain way. */
import { decodeText, EMPTY_BYTES, encodeText, type Lexicon } from "../mod.ts";

/** Makes a lexicon of distinct texts, with ids from 1. */
export function listLexicon(texts: readonly string[]): Lexicon {
  return {
    size: texts.length + 1,
    value(id) {
      if (id === 0) return EMPTY_BYTES;
      if (!(id > 0 && id <= texts.length)) throw new RangeError(`No id ${id}`);
      return encodeText(texts[id - 1]!);
    },
    find(value) {
      if (value.length === 0) return 0;
      const at = texts.indexOf(decodeText(value)!);
      return at < 0 ? undefined : at + 1;
    },
  };
}
