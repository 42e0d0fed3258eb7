/**
 * The suite that every codec must pass: clause by clause of the contracts, with
 * datasets, properties, faults and hostile files.
 *
 * @module
 */
export {
  type ClauseResult,
  CLAUSES,
  runSuite,
  type StorageOptions,
  type SuiteOptions,
  testCodec,
  testStorage,
} from "./suite.ts";
export { STORAGE_CLAUSES, type StorageClause } from "./clauses/storage.ts";
export {
  type MadeSink,
  MEMORY_STORAGE,
  type Storage,
} from "./storage/storage.ts";
export {
  fileStorage,
  type FileStorageOptions,
} from "./storage/file_storage.ts";
export type { Clause, Contract } from "./clause.ts";
export { EFFORT, type Effort, type ReadTrail, Workbench } from "./workbench.ts";
export {
  type Dataset,
  type DatasetEvent,
  makeDatasets,
  makeKey,
  type PlainEvent,
  type PlainTrail,
  plainTrails,
} from "./dataset.ts";
export { modelCodec } from "./model/model_codec.ts";
export { type ByteRange, mutate } from "./mutate.ts";
export { CountingSource } from "./faults/counting_source.ts";
export { CountingScratch } from "./faults/counting_scratch.ts";
export { FaultySink } from "./faults/faulty_sink.ts";
export {
  FaultySource,
  type FaultySourceOptions,
} from "./faults/faulty_source.ts";
export {
  type CommonOptions,
  testCommon,
  writeHistory,
} from "./common_suite.ts";
export { answer } from "./common/answers.ts";
export { HISTORY_SCHEMA, loadHistory } from "./common/history.ts";
export {
  loadQuestions,
  type Question,
  type Segment,
  type Where,
  type WhereTerm,
} from "./common/questions.ts";
export { survives } from "./clauses/hostile.ts";
export { flipIsFound } from "./clauses/faults.ts";
