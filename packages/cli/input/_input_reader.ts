/**
 * Inputs, one after the other, into batches.
 *
 * @module
 */
import {
  CairnError,
  decodeText,
  type InputBatch,
  throwIfAborted,
} from "@cairn/core";
import {
  columnsByHeader,
  columnsByNumber,
  fieldNames,
  slotsByName,
} from "./_columns.ts";
import {
  type CsvColumns,
  type CsvDialect,
  CsvParser,
  headerEnd,
  splitHeader,
} from "./_csv_parser.ts";
import { JsonParser, memberNames } from "./_json_parser.ts";
import { guessFormat, type ReadSettings } from "./_read_settings.ts";
import type { BadRecord, RecordParser } from "./_record_parser.ts";
import { FIELD_SLOT, RowBuffer } from "./_row_buffer.ts";
import { TextBuffer } from "./_text_buffer.ts";
import type { EventPlace, EventReader, ReadProgress } from "./event_reader.ts";
import type { InputFile } from "./input_file.ts";

const LF = 0x0a;
const CR = 0x0d;

/** Names left out that are remembered: input can have any number of them. */
const LEFT_OUT_MAX = 64;

/** Reads events; made by `openEvents`, which calls `begin` first. */
export class InputReader implements EventReader {
  #fields: readonly string[] | undefined;
  readonly #leftOut = new Set<string>();
  #rows: RowBuffer | undefined;
  #bytesRead = 0;
  #events = 0;
  #skipped = 0;
  #text: TextBuffer | undefined;
  #parser: RecordParser | undefined;
  #file: InputFile;
  #begun = false;
  #closed = false;
  readonly #inputs: readonly InputFile[];
  readonly #settings: ReadSettings;

  constructor(inputs: readonly InputFile[], settings: ReadSettings) {
    this.#inputs = inputs;
    this.#settings = settings;
    this.#file = inputs[0]!;
  }

  get fields(): readonly string[] {
    return this.#fields ?? [];
  }

  get leftOut(): ReadonlySet<string> {
    return this.#leftOut;
  }

  get progress(): ReadProgress {
    let bytesTotal: number | undefined = 0;
    for (const { byteLength } of this.#inputs) {
      bytesTotal = bytesTotal === undefined || byteLength === undefined
        ? undefined
        : bytesTotal + byteLength;
    }
    return {
      bytesRead: this.#bytesRead,
      bytesTotal,
      events: this.#events,
      skipped: this.#skipped,
    };
  }

  /** Opens the first input and finds the fields. */
  begin(): Promise<void> {
    return this.#placed(() => this.#open(this.#inputs[0]!));
  }

  async *batches(): AsyncGenerator<InputBatch> {
    if (this.#begun || this.#closed) {
      throw new TypeError("Cannot read events: they have been read or closed");
    }
    this.#begun = true;
    try {
      for (const [i, file] of this.#inputs.entries()) {
        if (i > 0) await this.#placed(() => this.#open(file));
        while (true) {
          const batch = await this.#placed(() => this.#step());
          if (batch === undefined) break;
          this.#events += batch.count;
          yield batch;
        }
        await this.#text!.close();
        this.#settings.options.onProgress?.(this.progress);
      }
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  place(row: number): EventPlace {
    return { file: this.#file.name, line: this.#rows!.lines[row]! };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#text?.close();
  }

  /** Adds the input's name to errors. */
  async #placed<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof CairnError && error.code !== "aborted"
        ? error.within(this.#file.name)
        : error;
    }
  }

  /** Parses until there is a batch; `undefined` at the end of the input. */
  async #step(): Promise<InputBatch | undefined> {
    const text = this.#text!;
    const rows = this.#rows!;
    const parser = this.#parser!;
    while (true) {
      throwIfAborted(this.#settings.options.signal);
      text.start = parser.parse(text.bytes, text.start, text.end, text.final);
      if (rows.count > 0) return rows.take(text.bytes);
      if (text.final && text.start >= text.end) return undefined;
      if (text.end - text.start > this.#settings.rows.recordBytesMax) {
        await this.#skipLongRecord();
      } else await this.#fill();
    }
  }

  async #fill(): Promise<void> {
    await this.#text!.fill();
    this.#settings.options.onProgress?.(this.progress);
  }

  /** Opens an input and makes its parser. */
  async #open(file: InputFile): Promise<void> {
    this.#file = file;
    const text = new TextBuffer(file, (byteLength) => {
      this.#bytesRead += byteLength;
    });
    this.#text = text;
    await this.#fill();
    const { bytes } = text;
    if (
      text.end >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb &&
      bytes[2] === 0xbf
    ) text.start = 3;
    const format = this.#settings.options.format ??
      guessFormat(file.name, bytes.subarray(text.start, text.end));
    this.#parser = format === "csv"
      ? await this.#csvParser(file)
      : await this.#jsonParser();
  }

  async #csvParser(file: InputFile): Promise<RecordParser> {
    const dialect = this.#settings.dialect(file);
    const { options } = this.#settings;
    let columns: CsvColumns;
    let line = 1;
    if (this.#settings.header) {
      const header = await this.#readHeader(dialect);
      line += header.lines;
      this.#fields ??= fieldNames(options, header.names);
      columns = columnsByHeader(
        slotsByName(options, this.#fields),
        header.names,
      );
    } else {
      const fields = options.fields;
      if (fields === undefined) {
        throw new CairnError(
          "invalid-input",
          "Cannot read CSV: neither header nor fields, one of them wanted",
        );
      }
      this.#fields ??= fieldNames(options, []);
      columns = columnsByNumber(slotsByName(options, this.#fields), fields);
    }
    return new CsvParser(this.#makeRows(), columns, {
      dialect,
      line,
      onBad: this.#onBad,
    });
  }

  /** Reads the first record, which may be longer than the window. */
  async #readHeader(
    dialect: CsvDialect,
  ): Promise<{ names: string[]; lines: number }> {
    const text = this.#text!;
    let end: number;
    while (
      (end = headerEnd(text.bytes, text.start, text.end, dialect)) < 0 &&
      !text.final
    ) {
      this.#assertHeaderLength();
      await this.#fill();
    }
    const next = end < 0 ? text.end : end + 1;
    if (end < 0) end = text.end;
    const record = text.bytes.subarray(text.start, end);
    const header = decodeText(
      dialect.quotes && record.at(-1) === CR ? record.subarray(0, -1) : record,
    );
    text.start = next;
    const names = header === undefined || header === ""
      ? undefined
      : splitHeader(header, dialect);
    if (names === undefined) {
      const what = header === undefined
        ? "it is not UTF-8"
        : header === ""
        ? "it is empty"
        : "its quotes are wrong";
      throw new CairnError("invalid-input", `Cannot read header: ${what}`, {
        where: { line: 1 },
      });
    }
    return { names, lines: countLines(record) + 1 };
  }

  #assertHeaderLength(): void {
    const { start, end } = this.#text!;
    if (end - start <= this.#settings.rows.recordBytesMax) return;
    throw new CairnError(
      "limit",
      `Cannot read header: over ${this.#settings.rows.recordBytesMax} bytes`,
      { where: { line: 1 } },
    );
  }

  async #jsonParser(): Promise<RecordParser> {
    const { options } = this.#settings;
    this.#fields ??= fieldNames(
      options,
      options.fields === undefined ? await this.#firstNames() : [],
    );
    return new JsonParser(this.#makeRows(), {
      slots: slotsByName(options, this.#fields),
      slotCount: FIELD_SLOT + this.#fields.length,
      nested: options.nested ?? "text",
      rawStrings: options.rawStrings ?? false,
      blankIsBad: options.blankLines === "error",
      onBad: this.#onBad,
      onUnknown: options.fields === undefined ? this.#onUnknown : undefined,
    });
  }

  /** Gives the names of the first line that is an object; none without one. */
  async #firstNames(): Promise<string[]> {
    const text = this.#text!;
    let start = text.start;
    while (true) {
      let end = text.bytes.subarray(0, text.end).indexOf(LF, start);
      if (end < 0 && text.final) end = text.end;
      if (end < 0) {
        this.#assertHeaderLength();
        // Nothing was taken, so that filling moves nothing but a mark.
        start -= text.start;
        await this.#fill();
        continue;
      }
      const names = memberNames(text.bytes, start, end);
      if (names !== undefined) return names;
      if (end === text.end) return [];
      start = end + 1;
    }
  }

  #makeRows(): RowBuffer {
    return this.#rows ??= new RowBuffer({
      ...this.#settings.rows,
      fieldCount: this.#fields!.length,
    });
  }

  /** Reports a record that does not fit and drops it, up to a line end. */
  async #skipLongRecord(): Promise<void> {
    const text = this.#text!;
    const parser = this.#parser!;
    this.#onBad(text.bytes, {
      start: text.start,
      line: parser.line,
      fault: {
        at: text.start,
        what: `record of over ${this.#settings.rows.recordBytesMax} bytes`,
        code: "limit",
      },
    });
    while (true) {
      const window = text.bytes.subarray(text.start, text.end);
      const lineEnd = window.indexOf(LF, window.length - 1);
      parser.line += countLines(window);
      text.start = text.end;
      if (lineEnd >= 0 || text.final) return;
      await this.#fill();
      const next = text.bytes.subarray(text.start, text.end).indexOf(LF);
      if (next < 0) continue;
      parser.line++;
      text.start += next + 1;
      return;
    }
  }

  /** Remembers a name that only later lines have. */
  readonly #onUnknown = (name: string): void => {
    if (this.#leftOut.size < LEFT_OUT_MAX) this.#leftOut.add(name);
  };

  /** Throws for a bad record, or counts it. */
  readonly #onBad = (bytes: Uint8Array, bad: BadRecord): void => {
    const { start, line, fault } = bad;
    const before = bytes.subarray(start, fault.at);
    const lineStart = before.lastIndexOf(LF) + 1;
    const { options } = this.#settings;
    const error = new CairnError(
      fault.code,
      `Cannot read line: ${fault.what}`,
      {
        where: {
          file: this.#file.name,
          line: line + countLines(before),
          column: countCodePoints(before.subarray(lineStart)) + 1,
        },
      },
    );
    if (!(options.skipBad ?? false)) throw error;
    this.#skipped++;
    options.onBad?.(error);
  };
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    count++;
  }
  return count;
}

/** Counts bytes that begin a character. */
function countCodePoints(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if ((byte & 0xc0) !== 0x80) count++;
  return count;
}
