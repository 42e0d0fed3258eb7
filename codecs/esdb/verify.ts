/**
 * Looking at everything in a store.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  decodeText,
  equalBytes,
  type Finding,
  formatHex,
  type Source,
  throwIfAborted,
} from "@cairn/core";
import { crc32c } from "@cairn/sstable";
import { NAME_COLON } from "./layout.ts";
import { type Manifest, readSpaceFacts, type SpaceFacts } from "./manifest.ts";
import { SectionTableEncoder } from "./section_table_encoder.ts";
import { SpaceDecoder } from "./space_decoder.ts";
import type { SpaceDirectory } from "./space_directory.ts";
import { loadSpaces, spaceId } from "./space_loader.ts";

/** Names of more bytes than this are cut in findings. */
const SHOWN_BYTES = 64;

/**
 * Looks at every byte of a store that means something.
 *
 * @param source The file.
 * @param directory Its space table.
 * @param manifest Our additions, if it has them.
 * @param options Stops it.
 */
export async function* verifyStore(
  source: Source,
  directory: SpaceDirectory,
  manifest: Manifest | undefined,
  options: AbortOptions,
): AsyncGenerator<Finding, void, undefined> {
  const table = await caught(
    Array.fromAsync(
      directory.table.verify({
        ...options,
        exact: manifest !== undefined,
      }),
    ),
  );
  if (table.finding !== undefined) yield table.finding;
  else yield* table.value!;
  const facts = manifest === undefined ? undefined : await caught(
    readSpaceFacts(directory.table, manifest.stats.trails, options),
  );
  if (facts?.finding !== undefined) yield facts.finding;
  const verifier = new SpaceVerifier(source, facts?.value);
  try {
    const loads = loadSpaces(source, directory.runs(options), {
      ...options,
      wholeBytes: Infinity,
    });
    for await (const spaces of loads) {
      for (let i = 0; i < spaces.count; i++) {
        throwIfAborted(options.signal);
        yield* verifier.verify(
          spaces.ordinals[i]!,
          spaceId(spaces, i),
          spaces.buffers[i]!,
          spaces.starts[i]!,
          spaces.lengths[i]!,
          spaces.offsets[i]!,
        );
      }
    }
    yield* verifier.finish(directory.tableOffset, manifest);
  } catch (error) {
    yield toFinding(error);
  }
}

/** Looks at one space after the other. */
class SpaceVerifier {
  readonly #file: string;
  readonly #facts: SpaceFacts | undefined;
  readonly #decoder: SpaceDecoder;
  readonly #tables = new SectionTableEncoder();
  /** Offset and length of each space. */
  readonly #places: [number, number][] = [];
  #events = 0;
  #oldest = Infinity;
  #newest = -Infinity;

  constructor(source: Source, facts: SpaceFacts | undefined) {
    this.#file = source.name;
    this.#facts = facts;
    this.#decoder = new SpaceDecoder(source.name);
  }

  *verify(
    ordinal: number,
    id: Uint8Array,
    bytes: Uint8Array,
    start: number,
    length: number,
    offset: number,
  ): Generator<Finding> {
    this.#places.push([offset, length]);
    const found = (detail: string, severity: Finding["severity"]): Finding => ({
      severity,
      detail: `Space ${shown(id)}: ${detail}`,
      where: { file: this.#file, part: "space", offset },
    });
    try {
      const decoder = this.#decoder;
      decoder.open(bytes, start, length, offset);
      const { sections } = decoder;
      if (this.#facts !== undefined) {
        const wrong = this.#checkSum(ordinal, bytes, start, length);
        if (wrong !== undefined) yield found(wrong, "corrupt");
      }
      for (let row = 0; row < sections.count; row++) {
        if (!sections.isEvents(row)) continue;
        const first = decoder.readEvents(row);
        if (!isDescending(decoder, first)) {
          yield found(
            `times of grouping ${
              shown(sections.nameOf(row))
            } rise: they were wrapped around when written`,
            "note",
          );
        }
      }
      yield* this.#checkCounts(ordinal, found);
      for (let row = 0; row < sections.count; row++) {
        if (!sections.isPostings(row)) continue;
        const wrong = this.#checkPostings(row);
        if (wrong !== undefined) {
          yield found(
            `postings of ${shown(sections.nameOf(row))} ${wrong.detail}`,
            wrong.severity,
          );
        }
      }
    } catch (error) {
      const { detail, where } = toFinding(error);
      yield {
        severity: "corrupt",
        detail: `Space ${shown(id)}: ${detail}`,
        where,
      };
    }
  }

  /** What only shows once all spaces are known. */
  *finish(
    tableOffset: number,
    manifest: Manifest | undefined,
  ): Generator<Finding> {
    const where = { file: this.#file, part: "space table" };
    this.#places.sort((a, b) => a[0] - b[0]);
    let end = 0;
    let gaps = 0;
    for (const [offset, length] of this.#places) {
      if (offset < end) {
        yield {
          severity: "corrupt",
          detail: "Spaces overlap",
          where: { ...where, offset },
        };
      } else gaps += offset - end;
      end = Math.max(end, offset + length);
    }
    gaps += tableOffset - end;
    if (manifest === undefined) return;
    if (gaps > 0) {
      yield {
        severity: "corrupt",
        detail: `Spaces do not fill the file: ${gaps} bytes are nobody's`,
        where,
      };
    }
    const { trails, events, minTimestamp, maxTimestamp } = manifest.stats;
    if (
      trails !== this.#places.length || events !== this.#events ||
      (minTimestamp ?? Infinity) !== this.#oldest ||
      (maxTimestamp ?? -Infinity) !== this.#newest
    ) {
      yield {
        severity: "corrupt",
        detail:
          `The manifest states ${trails} spaces and ${events} events, the file has ${this.#places.length} and ${this.#events}, or their times differ`,
        where: { ...where, part: "cairn.manifest" },
      };
    }
  }

  /** Our checksum, and the exact bytes of the section table. */
  #checkSum(
    ordinal: number,
    bytes: Uint8Array,
    start: number,
    length: number,
  ): string | undefined {
    const { sections } = this.#decoder;
    const tableStart = start + sections.tableOffset;
    const wanted = this.#facts!.checksums[ordinal];
    const sum = crc32c(bytes, start, tableStart);
    if (sum !== wanted) return `checksum ${sum}, ${wanted} wanted`;
    this.#tables.clear();
    for (let row = 0; row < sections.count; row++) {
      const { bytes: names, starts, ends } = sections.names;
      this.#tables.add(
        names[starts[row]!]!,
        names,
        starts[row]! + 1,
        ends[row]!,
        sections.offsets[row]!,
        sections.lengths[row]!,
      );
    }
    const table = { bytes: new Uint8Array(256), byteLength: 0 };
    this.#tables.finish(table);
    return equalBytes(
        table.bytes.subarray(0, table.byteLength),
        bytes.subarray(tableStart, start + length - 8),
      )
      ? undefined
      : "its section table is not as written";
  }

  *#checkCounts(
    ordinal: number,
    found: (detail: string, severity: Finding["severity"]) => Finding,
  ): Generator<Finding> {
    const { count, timestamps } = this.#decoder.events;
    let oldest = Infinity;
    let newest = -Infinity;
    for (let row = 0; row < count; row++) {
      if (timestamps[row]! < oldest) oldest = timestamps[row]!;
      if (timestamps[row]! > newest) newest = timestamps[row]!;
    }
    this.#events += count;
    this.#oldest = Math.min(this.#oldest, oldest);
    this.#newest = Math.max(this.#newest, newest);
    const facts = this.#facts;
    if (
      facts !== undefined &&
      (facts.counts[ordinal] !== count || facts.oldest[ordinal] !== oldest ||
        facts.newest[ordinal] !== newest)
    ) {
      yield found("counts or times are not those of the manifest", "corrupt");
    }
  }

  #checkPostings(
    row: number,
  ): { detail: string; severity: Finding["severity"] } | undefined {
    const decoder = this.#decoder;
    const events = decoder.readPostings(row);
    const { timestamps } = decoder.events;
    const key = decoder.sections.nameOf(row);
    // Two names with colons may join to one key; then an event is there twice.
    const colons = key.reduce(
      (n, byte) => n + (byte === NAME_COLON ? 1 : 0),
      0,
    );
    const seen = new Uint8Array(decoder.events.count);
    let isDescending = true;
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!;
      seen[event]!++;
      if (seen[event]! > (colons > 1 ? colons : 1)) {
        return { detail: "name an event twice", severity: "corrupt" };
      }
      if (i > 0 && timestamps[event]! > timestamps[events[i - 1]!]!) {
        isDescending = false;
      }
    }
    if (events.length === 0) {
      return { detail: "name no event", severity: "corrupt" };
    }
    return isDescending ? undefined : {
      detail: "are not in the order of time",
      severity: this.#facts === undefined ? "note" : "corrupt",
    };
  }
}

function isDescending(decoder: SpaceDecoder, first: number): boolean {
  const { count, timestamps } = decoder.events;
  for (let row = first + 1; row < count; row++) {
    if (timestamps[row]! > timestamps[row - 1]!) return false;
  }
  return true;
}

/** Waits; damage becomes a finding. */
async function caught<T>(
  promise: Promise<T>,
): Promise<{ value?: T; finding?: Finding }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { finding: toFinding(error) };
  }
}

/** Damage as a finding; other errors go on. */
function toFinding(error: unknown): Finding {
  if (
    error instanceof CairnError &&
    ["corrupt", "unsupported", "limit"].includes(error.code)
  ) {
    return { severity: "corrupt", detail: error.detail, where: error.where };
  }
  throw error;
}

/** A name for people: text where it is, else hex. */
function shown(name: Uint8Array): string {
  const cut = name.subarray(0, SHOWN_BYTES);
  const text = decodeText(cut);
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  const readable = text !== undefined && !/[\x00-\x1f\x7f]/.test(text);
  return (readable ? JSON.stringify(text) : formatHex(cut)) +
    (cut.length < name.length ? "..." : "");
}
