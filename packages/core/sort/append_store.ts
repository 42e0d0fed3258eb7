/**
 * Taking over the events of another store.
 *
 * @module
 */
import type { ByteSpans, Column, IdColumn } from "../column.ts";
import { CairnError, throwIfAborted } from "../errors.ts";
import type { EventBatch } from "../event_batch.ts";
import { findField } from "../schema.ts";
import type { Store } from "../store.ts";
import type { AppendOptions, StoreWriter } from "../store_writer.ts";

/**
 * Adds all events of a store to a writer, whatever their codecs: the general
 * form of `StoreWriter.append`.
 *
 * @param writer Where they go, by `addBatch`.
 * @param store Where they come from; stays open.
 * @param options A filter and a signal.
 * @throws {CairnError} `invalid-input` when the store has a field that the
 * writer lacks; what scanning and adding throw.
 */
export async function appendStore(
  writer: Pick<StoreWriter, "schema" | "addBatch">,
  store: Store,
  options: AppendOptions = {},
): Promise<void> {
  const targets = store.schema.fields.map(({ name }) => {
    const target = findField(writer.schema, name);
    if (target < 0) {
      throw new CairnError(
        "invalid-input",
        `Cannot append store: its field "${name}" is not a field of the new store`,
        { reason: "unknown-field" },
      );
    }
    return target;
  });
  const packers = targets.map(() => new LexiconPacker());
  const scan = store.scan({
    ...(options.filter === undefined ? {} : { filter: options.filter }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  for await (const batch of scan) {
    throwIfAborted(options.signal);
    const empty = emptySpans(batch.count);
    const columns: ByteSpans[] = writer.schema.fields.map(() => empty);
    targets.forEach((target, source) => {
      columns[target] = packers[source]!.spans(batch.columns[source]!);
    });
    await writer.addBatch({
      count: batch.count,
      trailKeys: await rowKeys(store, batch, options),
      timestamps: batch.timestamps,
      columns,
    });
  }
}

/** Gives each row the span of its trail's key. */
async function rowKeys(
  store: Store,
  batch: EventBatch,
  options: AppendOptions,
): Promise<ByteSpans> {
  const { trailOrdinals, trailOffsets, count } = batch;
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const first = trailOrdinals[0] ?? 0;
  const end = (trailOrdinals.at(-1) ?? -1) + 1;
  if (count === 0) return emptySpans(0);
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  // A filter may leave few trails far apart; then keys come one by one.
  const dense = end - first <= 4 * trailOrdinals.length + 64;
  const keys = dense
    ? await store.keys({ start: first, end }, signal)
    : await sparseKeys(store, trailOrdinals, signal);
  for (let t = 0; t < trailOrdinals.length; t++) {
    const key = dense ? trailOrdinals[t]! - first : t;
    starts.fill(keys.starts[key]!, trailOffsets[t]!, trailOffsets[t + 1]!);
    ends.fill(keys.ends[key]!, trailOffsets[t]!, trailOffsets[t + 1]!);
  }
  return { bytes: keys.bytes, starts, ends };
}

async function sparseKeys(
  store: Store,
  ordinals: Uint32Array,
  options: { signal?: AbortSignal },
): Promise<ByteSpans> {
  const packer = new Packer(ordinals.length);
  for (const ordinal of ordinals) {
    const keys = await store.keys(
      { start: ordinal, end: ordinal + 1 },
      options,
    );
    packer.push(keys.bytes.subarray(keys.starts[0]!, keys.ends[0]!));
  }
  return packer.spans();
}

/** Collects byte strings one behind the other. */
class Packer {
  #bytes = new Uint8Array(4096);
  #byteLength = 0;
  #count = 0;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;

  constructor(countMax: number) {
    this.#starts = new Uint32Array(countMax);
    this.#ends = new Uint32Array(countMax);
  }

  push(value: Uint8Array): void {
    const end = this.#byteLength + value.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#byteLength));
      this.#bytes = grown;
    }
    this.#bytes.set(value, this.#byteLength);
    this.#starts[this.#count] = this.#byteLength;
    this.#ends[this.#count++] = end;
    this.#byteLength = end;
  }

  spans(): ByteSpans {
    return { bytes: this.#bytes, starts: this.#starts, ends: this.#ends };
  }
}

/** Turns a column into spans; of a lexicon only the ids that the batch has. */
class LexiconPacker {
  /** For each id, one more than its place in the batch's values; 0 if absent. */
  #places = new Uint32Array(0);

  spans(column: Column): ByteSpans {
    return column.kind === "bytes" ? column : this.#pack(column);
  }

  #pack(column: IdColumn): ByteSpans {
    const { ids, lexicon } = column;
    if (this.#places.length < lexicon.size) {
      this.#places = new Uint32Array(lexicon.size);
    }
    const places = this.#places;
    const distinct = new Uint32Array(ids.length);
    let distinctCount = 0;
    for (const id of ids) {
      if (id !== 0 && places[id] === 0) {
        distinct[distinctCount++] = id;
        places[id] = distinctCount;
      }
    }
    const packer = new Packer(distinctCount);
    for (let i = 0; i < distinctCount; i++) {
      packer.push(lexicon.value(distinct[i]!));
    }
    const packed = packer.spans();
    const starts = new Uint32Array(ids.length);
    const ends = new Uint32Array(ids.length);
    for (let row = 0; row < ids.length; row++) {
      const place = ids[row] === 0 ? 0 : places[ids[row]!]!;
      if (place === 0) continue;
      starts[row] = packed.starts[place - 1]!;
      ends[row] = packed.ends[place - 1]!;
    }
    for (let i = 0; i < distinctCount; i++) places[distinct[i]!] = 0;
    return { bytes: packed.bytes, starts, ends };
  }
}

function emptySpans(count: number): ByteSpans {
  const zeros = new Uint32Array(count);
  return { bytes: new Uint8Array(0), starts: zeros, ends: zeros };
}
