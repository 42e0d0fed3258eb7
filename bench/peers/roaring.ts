/**
 * roaring-wasm, for benches.
 *
 * @module
 */

// Not written out in the import: only those who run the bench fetch it.
const ROARING = "npm:roaring-wasm@1.1.0";

/** An operation on two sets. */
export type RoaringOperation = "and" | "or" | "andNot";

/** A roaring bitmap. */
export interface RoaringSet {
  /** Bytes of its portable form, with runs where they help. */
  bytes(): number;
  /** Makes the result of an operation and lets go of it. */
  make(operation: RoaringOperation, other: RoaringSet): void;
  /** Counts the members of the result of an operation. */
  count(operation: RoaringOperation, other: RoaringSet): number;
  /** Frees it. */
  dispose(): void;
}

/** Makes roaring bitmaps. */
export interface Roaring {
  /** Makes a set of ordinals below 2^32. */
  from(ordinals: Float64Array): RoaringSet;
}

/** Loads the library; `undefined` where it cannot be had. */
export async function openRoaring(): Promise<Roaring | undefined> {
  let library;
  try {
    library = await import(ROARING);
    await library.roaringLibraryInitialize();
  } catch (error) {
    console.warn(`roaring-wasm is left out: ${(error as Error).message}`);
    return undefined;
  }
  const { RoaringBitmap32 } = library;
  // deno-lint-ignore no-explicit-any -- the library is not there to be checked against
  const inner = new WeakMap<RoaringSet, any>();
  return {
    from(ordinals) {
      const set = new RoaringBitmap32(Uint32Array.from(ordinals));
      set.runOptimize();
      const made: RoaringSet = {
        bytes: () => set.getSerializationSizeInBytes("portable"),
        make: (operation, other) =>
          RoaringBitmap32[operation](set, inner.get(other)).dispose(),
        count(operation, other) {
          const result = RoaringBitmap32[operation](set, inner.get(other));
          const { size } = result;
          result.dispose();
          return size;
        },
        dispose: () => set.dispose(),
      };
      inner.set(made, set);
      return made;
    },
  };
}
