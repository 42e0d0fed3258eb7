/**
 * ESDB stores: events in spaces and groupings, with secondary indexes, in the
 * format of Customer.io's ESDB.
 *
 * @module
 */
export {
  createEsdb,
  type CreateEsdbOptions,
  type EsdbAddOptions,
  type EsdbLayout,
  EsdbWriter,
} from "./esdb_writer.ts";
export {
  Esdb,
  type EsdbBatch,
  type EsdbScanSpacesOptions,
  type EsdbSpacesOptions,
  openEsdb,
  type OpenEsdbOptions,
} from "./esdb.ts";
export { type EsdbIndexKey, type EsdbName, EsdbSpace } from "./esdb_space.ts";
export type { Manifest, ManifestSchema } from "./manifest.ts";
export { esdbCodec } from "./codec.ts";
export type { EsdbCreateOptions } from "./create_options.ts";
export { type EsdbEvent, EsdbEvents } from "./esdb_events.ts";
export type { EsdbScanOptions } from "./scan_order.ts";
