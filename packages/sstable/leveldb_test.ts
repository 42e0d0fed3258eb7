import { assertEquals } from "@std/assert";
import { encodeText } from "@cairn/core";
import { TableWriter, type TableWriterOptions } from "./mod.ts";

/** Opens a table with LevelDB, checks all sums, prints keys and values in hex. */
const PROGRAM = `
#include <cstdio>
#include <string>
#include "leveldb/env.h"
#include "leveldb/iterator.h"
#include "leveldb/options.h"
#include "leveldb/table.h"

static void fail(const leveldb::Status& status) {
  if (status.ok()) return;
  fprintf(stderr, "%s\\n", status.ToString().c_str());
  _exit(1);
}

static void print(const leveldb::Slice& bytes) {
  for (size_t i = 0; i < bytes.size(); i++) printf("%02x", (unsigned char)bytes[i]);
}

int main(int, char** arguments) {
  leveldb::Env* env = leveldb::Env::Default();
  leveldb::RandomAccessFile* file;
  uint64_t size;
  fail(env->NewRandomAccessFile(arguments[1], &file));
  fail(env->GetFileSize(arguments[1], &size));
  leveldb::Options options;
  options.paranoid_checks = true;
  leveldb::Table* table;
  fail(leveldb::Table::Open(options, file, size, &table));
  leveldb::ReadOptions reading;
  reading.verify_checksums = true;
  leveldb::Iterator* it = table->NewIterator(reading);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    print(it->key());
    printf(" ");
    print(it->value());
    printf("\\n");
  }
  fail(it->status());
  std::string last;
  for (it->SeekToLast(); it->Valid(); it->Prev()) {
    std::string key = it->key().ToString();
    it->Seek(key);
    if (!it->Valid() || it->key() != leveldb::Slice(key)) return 2;
  }
  fail(it->status());
  delete it;
  delete table;
  return 0;
}
`;

/** Compiles the program; `undefined` where there is no compiler or no LevelDB. */
async function compile(folder: string): Promise<string | undefined> {
  const source = `${folder}/read.cc`;
  await Deno.writeTextFile(
    source,
    PROGRAM.replace("<cstdio>", "<cstdio>\n#include <unistd.h>"),
  );
  try {
    const { success } = await new Deno.Command("g++", {
      args: ["-O1", "-o", `${folder}/read`, source, "-lleveldb", "-lpthread"],
      stderr: "null",
    }).output();
    return success ? `${folder}/read` : undefined;
  } catch {
    return undefined;
  }
}

const toHex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

Deno.test("LevelDB opens the tables that TableWriter writes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const program = await compile(folder);
    if (program === undefined) {
      console.warn("LevelDB: no g++ or no libleveldb-dev to judge our tables");
      return;
    }
    const layouts: TableWriterOptions[] = [
      {},
      { compression: "snappy", blockBytes: 16_384 },
      { restartInterval: 1, blockBytes: 100 },
      { restartInterval: 1000, blockBytes: 1e7 },
    ];
    for (const options of layouts) {
      for (const count of [0, 1, 17, 3000]) {
        const pieces: Uint8Array[] = [];
        const writer = new TableWriter((bytes) => {
          pieces.push(bytes.slice());
        }, options);
        const lines: string[] = [];
        for (let i = 0; i < count; i++) {
          const key = encodeText(`k${String(i).padStart(5, "0")}`);
          const value = encodeText(`value ${i} `.repeat(i % 9));
          await writer.add(key, value);
          lines.push(`${toHex(key)} ${toHex(value)}\n`);
        }
        writer.addMetaBlock("ours", encodeText("passed over"));
        await writer.finish();
        const path = `${folder}/table.ldb`;
        await Deno.writeFile(
          path,
          Uint8Array.from(pieces.flatMap((piece) => [...piece])),
        );
        const { code, stdout, stderr } = await new Deno.Command(program, {
          args: [path],
        }).output();
        assertEquals(
          [code, new TextDecoder().decode(stderr)],
          [0, ""],
          JSON.stringify(options),
        );
        assertEquals(new TextDecoder().decode(stdout), lines.join(""));
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
