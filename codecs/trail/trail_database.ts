/**
 * A TrailDB in its own terms: fields from 1, items, cursors, filters of trails.
 *
 * @module
 */
import {
  type AbortOptions,
  decodeText,
  EMPTY_BYTES,
  encodeText,
  type Filter,
  getField,
  type Source,
} from "@cairn/core";
import { EventFilter } from "./event_filter.ts";
import { itemField, itemValue, makeItem, type TrailItem } from "./items.ts";
import { MEMBER_TRAILS_DATA, TIME_FIELD_NAME } from "./layout.ts";
import { openTrailStore, type TrailOpenOptions } from "./open_trail.ts";
import { type CursorOptions, TrailCursor } from "./trail_cursor.ts";
import type { TrailLexicon } from "./trail_lexicon.ts";
import { getMember } from "./trail_members.ts";
import type { TrailStore } from "./trail_store.ts";

/** Which trails a view shows. */
export interface ViewOptions {
  /** Only these trails. */
  readonly allow?: Iterable<number>;
  /** All trails but these. */
  readonly deny?: Iterable<number>;
}

/**
 * What the C library calls a handle: everything it can tell, for those who
 * come from it or need times above 2^53. docs/traildb-functions.md maps its
 * functions to these.
 *
 * Lexicons must be loaded (`loadLexicons`) before items are turned into values
 * or back; everything else that does not return a promise is there at once.
 */
export class TrailDatabase implements AsyncDisposable {
  /** The same TrailDB as a store of the contracts. */
  readonly store: TrailStore;
  /** Filter of all trails that have none of their own. */
  filter: EventFilter | undefined;
  readonly #trailFilters: Map<number, EventFilter> = new Map();
  #others: EventFilter | undefined;
  readonly #lexicons: (TrailLexicon | undefined)[];

  /** Serves a store, which it owns. @param store The store. */
  constructor(store: TrailStore) {
    this.store = store;
    this.#lexicons = store.schema.fields.map(() => undefined);
  }

  /**
   * Opens a package. For paths and directories open a store and wrap it.
   *
   * @param source The package; owned.
   * @throws {CairnError} `corrupt`, `unsupported`, `io`.
   */
  static async open(
    source: Source,
    options: TrailOpenOptions = {},
  ): Promise<TrailDatabase> {
    return new TrailDatabase(await openTrailStore(source, options));
  }

  /** Number of trails. */
  get trailCount(): number {
    return this.store.file.info.trails;
  }

  /** Number of events. */
  get eventCount(): number {
    return this.store.file.info.events;
  }

  /** Number of fields, the time counted. */
  get fieldCount(): number {
    return this.store.schema.fields.length + 1;
  }

  /** Smallest time; 2^64 - 1 without events. */
  get minTime(): bigint {
    return this.store.file.info.minTime;
  }

  /** Largest time; 0 without events. */
  get maxTime(): bigint {
    return this.store.file.info.maxTime;
  }

  /** Version of the format: 0 or 1. */
  get version(): number {
    return this.store.file.version;
  }

  /**
   * Gets the name of a field; `undefined` when there is none.
   *
   * @param field Field id; 0 is `time`.
   */
  fieldName(field: number): string | undefined {
    return field === 0
      ? TIME_FIELD_NAME
      : this.store.schema.fields[field - 1]?.name;
  }

  /**
   * Gets a field's id by name.
   *
   * @throws {CairnError} `not-found`.
   */
  field(name: string): number {
    if (name === TIME_FIELD_NAME) return 0;
    return getField(this.store.schema, name) + 1;
  }

  /** Loads the lexicons of some fields, by name; of all if left out. */
  async loadLexicons(
    names?: readonly string[],
    options: AbortOptions = {},
  ): Promise<void> {
    const fields = names?.map((name) => getField(this.store.schema, name)) ??
      this.store.schema.fields.map((_, i) => i);
    await Promise.all(fields.map(async (field) => {
      this.#lexicons[field] = await this.store.file.lexicon(field, options);
    }));
  }

  /**
   * Counts the values of a field, the empty one included; 0 for the time and
   * for fields that there are not.
   */
  lexiconSize(field: number): number {
    return this.#isField(field) ? this.#lexicon(field).size : 0;
  }

  /** Gets a value by field and id; `undefined` when there is none. */
  value(field: number, id: number): Uint8Array | undefined {
    if (!this.#isField(field)) return undefined;
    if (id === 0) return EMPTY_BYTES;
    const lexicon = this.#lexicon(field);
    return Number.isInteger(id) && id > 0 && id < lexicon.size
      ? lexicon.value(id)
      : undefined;
  }

  /** Gets the value of an item; `undefined` when there is none. */
  itemValue(item: TrailItem): Uint8Array | undefined {
    return this.value(itemField(item), itemValue(item));
  }

  /** Gets the value of an item as text; `undefined` when there is none or it is no UTF-8. */
  itemText(item: TrailItem): string | undefined {
    const value = this.itemValue(item);
    return value && decodeText(value);
  }

  /**
   * Gets the item of a value. The empty value has the item `(field, 0)`; what
   * there is not, has item 0, which never matches.
   */
  item(field: number, value: Uint8Array | string): TrailItem {
    const bytes = typeof value === "string" ? encodeText(value) : value;
    if (!this.#isField(field)) return 0n;
    const id = bytes.length === 0 ? 0 : this.#lexicon(field).find(bytes);
    return id === undefined ? 0n : makeItem(field, id);
  }

  /**
   * Gets the UUID of a trail.
   *
   * @throws {RangeError} When there is no such trail.
   */
  async uuid(trail: number, options: AbortOptions = {}): Promise<Uint8Array> {
    const { bytes } = await this.store.keys(
      { start: trail, end: trail + 1 },
      options,
    );
    return bytes;
  }

  /** Finds a trail by its UUID; `undefined` when there is none. */
  findTrail(
    uuid: Uint8Array,
    options: AbortOptions = {},
  ): Promise<number | undefined> {
    return this.store.find(uuid, options);
  }

  /** Gets the filter of a trail, if it has one of its own. */
  trailFilter(trail: number): EventFilter | undefined {
    return this.#trailFilters.get(trail);
  }

  /**
   * Sets the filter of one trail; `undefined` removes it.
   *
   * @throws {RangeError} When there is no such trail.
   */
  setTrailFilter(trail: number, filter: EventFilter | undefined): void {
    this.#assertTrail(trail);
    if (filter === undefined) this.#trailFilters.delete(trail);
    else this.#trailFilters.set(trail, filter);
  }

  /**
   * Shows some trails and hides the others, by filters that match all or none:
   * trails that are shown keep the filter of the database. Filters of single
   * trails that were set before are removed.
   *
   * @throws {RangeError} When there is no such trail.
   */
  setView(options: ViewOptions): void {
    const allow = options.allow && [...options.allow];
    const deny = options.deny === undefined ? [] : [...options.deny];
    for (const trail of [...allow ?? [], ...deny]) this.#assertTrail(trail);
    this.#trailFilters.clear();
    this.#others = undefined;
    if (allow !== undefined) {
      this.#others = EventFilter.matchNone();
      const shown = this.filter ?? EventFilter.matchAll();
      for (const trail of allow) this.#trailFilters.set(trail, shown);
    }
    for (const trail of deny) {
      this.#trailFilters.set(trail, EventFilter.matchNone());
    }
  }

  /** Whether a filter is set, of the database or of any trail. */
  get isFiltered(): boolean {
    return this.filter !== undefined || this.#others !== undefined ||
      this.#trailFilters.size > 0;
  }

  /** Makes a cursor. @param options How it reads. */
  cursor(options: CursorOptions = {}): TrailCursor {
    return new TrailCursor(
      this.store.file,
      (trail) => this.#trailFilters.get(trail) ?? this.#others ?? this.filter,
      options,
    );
  }

  /**
   * Binds a filter of names and bytes to this file. Terms that test values are
   * turned into the items of all values that pass.
   *
   * @param filter Any.
   */
  async bindFilter(
    filter: Filter,
    options: AbortOptions = {},
  ): Promise<EventFilter> {
    if (filter.matchesAll) return EventFilter.matchAll();
    const bound = new EventFilter();
    let first = true;
    for (const clause of filter.clauses) {
      if (!first) bound.addClause();
      first = false;
      for (const term of clause) {
        if (term.kind === "time") {
          const end = Number.isFinite(term.to)
            ? BigInt(Math.ceil(term.to))
            : 2n ** 64n;
          bound.addTimeRange(BigInt(Math.max(0, Math.ceil(term.from))), end);
          continue;
        }
        const field = this.store.schema.fields
          .findIndex(({ name }) => name === term.field) + 1;
        if (field > 0) await this.loadLexicons([term.field], options);
        if (term.kind === "equal") {
          const value = term.value ?? EMPTY_BYTES;
          bound.addTerm(this.item(field, value), { negated: term.negated });
          continue;
        }
        if (field === 0) continue;
        const lexicon = this.#lexicon(field);
        for (let id = 0; id < lexicon.size; id++) {
          if (term.test(id === 0 ? null : lexicon.value(id))) {
            bound.addTerm(makeItem(field, id));
          }
        }
      }
    }
    return bound;
  }

  /** Says that the trails will be read soon: a hint, where the source takes it. */
  willNeed(): void {
    this.#advise("soon");
  }

  /** Says that the trails will not be read for now. */
  dontNeed(): void {
    this.#advise("no-more");
  }

  /** Closes the store. */
  close(): Promise<void> {
    return this.store.close();
  }

  /** Closes the store. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #advise(need: "soon" | "no-more"): void {
    if (this.trailCount === 0) return;
    const { source, offset, byteLength } = getMember(
      this.store.file.members,
      MEMBER_TRAILS_DATA,
    );
    source.advise?.(offset, byteLength, need);
  }

  #isField(field: number): boolean {
    return Number.isInteger(field) && field > 0 && field < this.fieldCount;
  }

  #lexicon(field: number): TrailLexicon {
    const lexicon = this.#lexicons[field - 1];
    if (lexicon === undefined) {
      throw new TypeError(
        `Cannot look up values of field "${
          this.fieldName(field)
        }": its lexicon is not loaded`,
      );
    }
    return lexicon;
  }

  #assertTrail(trail: number): void {
    if (!Number.isInteger(trail) || trail < 0 || trail >= this.trailCount) {
      throw new RangeError(
        `Cannot find trail ${trail}: there are ${this.trailCount} trails`,
      );
    }
  }
}
