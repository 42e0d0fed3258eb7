/**
 * Whether every id of a dictionary is found from its hash.
 *
 * @module
 */
import { formatHex } from "@cairn/core";
import { homeSlot } from "./dictionary.ts";
import { slotToBigint } from "./slot.ts";

/** Takes the ids of a dictionary by ascending slots. */
export class ProbeCheck {
  readonly #hashBits: number;
  #last = -1n;
  /** First slot of the run of taken slots that ends with the last. */
  #runStart = 0n;
  /** End of the run that begins with slot 0, if there is one. */
  #firstRunEnd: bigint | undefined;
  /** Ids of the run, to find those that are there twice. */
  #run = new Set<string>();
  /** Ids that began behind the place they were found: home, slot. */
  readonly #wrapped: [bigint, bigint][] = [];

  /** Begins. @param hashBits How many bits of hashes are kept. */
  constructor(hashBits: number) {
    this.#hashBits = hashBits;
  }

  /** Takes an id; gives what is wrong with it. @param slot Its slot. @param id The bytes. */
  add(slot: Uint8Array, id: Uint8Array): string | undefined {
    const at = slotToBigint(slot);
    if (at === this.#last) return `slot ${at} has two ids`;
    if (at >> BigInt(this.#hashBits) !== 0n) {
      return `slot ${at} has more than ${this.#hashBits} bits`;
    }
    if (at !== this.#last + 1n) {
      this.#endFirstRun();
      this.#runStart = at;
      this.#run.clear();
    }
    this.#last = at;
    const home = slotToBigint(homeSlot(id, this.#hashBits));
    if (home > at) this.#wrapped.push([home, at]);
    else if (home < this.#runStart) {
      return `slot ${at} is not found from its hash`;
    }
    const text = formatHex(id);
    if (this.#run.has(text)) return `an id has two slots, ${at} is one`;
    this.#run.add(text);
    return undefined;
  }

  /** Ends; gives what is wrong with ids whose search went past the last slot. */
  finish(): string | undefined {
    this.#endFirstRun();
    const end = 1n << BigInt(this.#hashBits);
    for (const [home, at] of this.#wrapped) {
      const reaches = this.#last === end - 1n && home >= this.#runStart &&
        this.#firstRunEnd !== undefined && at <= this.#firstRunEnd;
      if (!reaches) return `slot ${at} is not found from its hash`;
    }
    return undefined;
  }

  #endFirstRun(): void {
    if (
      this.#firstRunEnd === undefined && this.#runStart === 0n &&
      this.#last >= 0n
    ) {
      this.#firstRunEnd = this.#last;
    }
  }
}
