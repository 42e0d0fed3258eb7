/**
 * Names of a store of events: its two keyspaces and their own fields.
 *
 * Layout: docs/formats/bitmap.md, part "A store of events".
 *
 * @module
 */

/** The keyspace of trails, and its number. */
export const TRAILS = { name: "trails", number: 1 } as const;
/** The keyspace of events, and its number. */
export const EVENTS = { name: "events", number: 2 } as const;
/** Counter of a trail's events. */
export const EVENTS_FIELD = ".events";
/** Flag of events that begin a trail. */
export const START_FIELD = ".start";
/** Counter of an event's time above the smallest. */
export const TIME_FIELD = ".time";
/** Before the name of a field: counter of its value id; no presence is no value. */
export const VALUE_PREFIX = ".value.";
/** Before the name of a field: its value ids as a set of numbers. */
export const EQUAL_PREFIX = ".equal.";
/** Member of the events' schema: names and types of the event fields. */
export const FIELDS_MEMBER = "event_fields";
/** Member of the events' schema: the smallest time. */
export const TIME_BASE_MEMBER = "time_base";
/** Member of the events' schema: the largest time. */
export const TIME_LAST_MEMBER = "time_last";
/** Member of the events' schema: fields with values that do not fit a key. */
export const LONG_MEMBER = "long_values";
/** Longest trail key: it must fit a key, with the length before it. */
export const TRAIL_KEY_BYTES_MAX = 0xffff - 2;
