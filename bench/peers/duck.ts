/**
 * DuckDB over the same CSV, for benches: one thread, a table of its own.
 *
 * @module
 */
import { stat } from "node:fs/promises";

// Not written out in the import: only those who run the bench fetch it.
const DUCKDB = "npm:@duckdb/node-api@1.5.5-r.5";

/** A database with the table `clicks`. */
export interface Duck {
  /** What reading the CSV took. */
  readonly buildSeconds: number;
  /** Asks for one number. */
  number(sql: string): Promise<number>;
  /** Bytes of the database file. */
  bytes(): Promise<number>;
  /** Closes it. */
  close(): void;
}

/** Loads a CSV; `undefined` where DuckDB cannot be had. */
export async function openDuck(
  path: string,
  csv: string,
): Promise<Duck | undefined> {
  let duckdb;
  try {
    duckdb = await import(DUCKDB);
  } catch (error) {
    console.warn(`DuckDB is left out: ${(error as Error).message}`);
    return undefined;
  }
  const instance = await duckdb.DuckDBInstance.create(path, { threads: "1" });
  const connection = await instance.connect();
  const start = performance.now();
  await connection.run(
    `CREATE TABLE clicks AS SELECT * FROM read_csv('${csv}', all_varchar = true)`,
  );
  await connection.run("CHECKPOINT");
  const buildSeconds = (performance.now() - start) / 1000;
  return {
    buildSeconds,
    async number(sql) {
      const reader = await connection.runAndReadAll(sql);
      return Number(reader.getRows()[0][0]);
    },
    bytes: async () => (await stat(path)).size,
    close: () => connection.closeSync(),
  };
}
