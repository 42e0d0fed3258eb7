/**
 * Prefix codes from counts.
 *
 * @module
 */
import { CODE_BITS_MAX, CODEBOOK_ENTRIES } from "./layout.ts";

/** A code for each symbol, in the order of the counts. */
export interface HuffmanCode {
  /** The code of each symbol; its first bit is bit 0. */
  readonly codes: Uint16Array;
  /** The length of each code in bits; 0 for a symbol that has none. */
  readonly lengths: Uint8Array;
}

/**
 * Builds the code that the C program builds from the same counts: a tree from
 * two queues, cut off at 16 bits, so that rare symbols may have no code.
 *
 * @param counts Counts of the symbols, largest first; at most 65,536.
 * @returns The code.
 */
export function buildHuffmanCode(counts: Float64Array): HuffmanCode {
  const symbols = counts.length;
  const codes = new Uint16Array(symbols);
  const lengths = new Uint8Array(symbols);
  if (symbols === 0) return { codes, lengths };
  const { left, right } = buildTree(counts);
  // Nodes are numbered behind the symbols in order of their making: children
  // come before parents, so going backwards meets each parent first.
  const nodeCodes = new Uint32Array(left.length);
  const nodeDepths = new Uint8Array(left.length);
  const place = (child: number, code: number, depth: number) => {
    if (child < 0 || depth > CODE_BITS_MAX) return;
    if (child < symbols) {
      codes[child] = code;
      lengths[child] = depth;
    } else {
      nodeCodes[child - symbols] = code;
      nodeDepths[child - symbols] = depth;
    }
  };
  const root = left.length - 1;
  for (let node = root; node >= 0; node--) {
    const depth = nodeDepths[node]!;
    // Depth 0 of another node than the root means that it was never placed.
    if (depth === 0 && node !== root) continue;
    if (depth === CODE_BITS_MAX) continue;
    place(left[node]!, nodeCodes[node]!, depth + 1);
    place(right[node]!, nodeCodes[node]! | (1 << depth), depth + 1);
  }
  return { codes, lengths };
}

/** Children of each inner node: a symbol, a node plus the number of symbols, or -1. */
function buildTree(
  counts: Float64Array,
): { left: Int32Array; right: Int32Array } {
  const symbols = counts.length;
  const nodesMax = Math.max(1, symbols - 1);
  const left = new Int32Array(nodesMax);
  const right = new Int32Array(nodesMax).fill(-1);
  const weights = new Float64Array(nodesMax);
  let lastSymbol = symbols - 1;
  let firstNode = 0;
  let nodeCount = 0;
  // On equal weights a symbol goes first.
  const pop = (): number => {
    if (
      firstNode < nodeCount &&
      (lastSymbol < 0 || weights[firstNode]! < counts[lastSymbol]!)
    ) return symbols + firstNode++;
    return lastSymbol >= 0 ? lastSymbol-- : -1;
  };
  const weight = (child: number) =>
    child < 0
      ? 0
      : child < symbols
      ? counts[child]!
      : weights[child - symbols]!;
  while (lastSymbol >= 0 || nodeCount - firstNode > 1) {
    const a = pop();
    const b = pop();
    left[nodeCount] = a;
    right[nodeCount] = b;
    weights[nodeCount++] = weight(a) + weight(b);
  }
  return {
    left: left.subarray(0, nodeCount),
    right: right.subarray(0, nodeCount),
  };
}

/** What an entry of the codebook stands for, by symbol. */
export interface CodebookSymbols extends HuffmanCode {
  /** Four words a symbol: first item, low word first, then second item. */
  readonly itemWords: Uint32Array;
}

/** Words of a codebook entry. */
const ENTRY_WORDS = 5;

/**
 * Fills the table by which readers look up 16 bits at once.
 *
 * @param symbols Codes and items.
 * @returns The member `trails.codebook`, version 1.
 */
export function encodeCodebook(symbols: CodebookSymbols): Uint8Array {
  const { codes, lengths, itemWords } = symbols;
  const bytes = new Uint8Array(4 * ENTRY_WORDS * CODEBOOK_ENTRIES);
  const view = new DataView(bytes.buffer);
  for (let symbol = 0; symbol < codes.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    const step = 1 << length;
    for (let e = codes[symbol]!; e < CODEBOOK_ENTRIES; e += step) {
      const at = 4 * ENTRY_WORDS * e;
      for (let word = 0; word < 4; word++) {
        view.setUint32(at + 4 * word, itemWords[4 * symbol + word]!, true);
      }
      view.setUint32(at + 16, length, true);
    }
  }
  return bytes;
}
