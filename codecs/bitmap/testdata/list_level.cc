// Lists a LevelDB: key and value in hex, a line each. Built by level_original_test.ts.
#include <cstdio>
#include <leveldb/db.h>

static void hex(const leveldb::Slice& bytes) {
  for (size_t i = 0; i < bytes.size(); i++) {
    std::printf("%02x", static_cast<unsigned char>(bytes[i]));
  }
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  leveldb::DB* db = nullptr;
  leveldb::Options options;
  options.paranoid_checks = true;
  leveldb::Status status = leveldb::DB::Open(options, argv[1], &db);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  leveldb::ReadOptions reading;
  reading.verify_checksums = true;
  leveldb::Iterator* at = db->NewIterator(reading);
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    hex(at->key());
    std::printf(" ");
    hex(at->value());
    std::printf("\n");
  }
  const bool sound = at->status().ok();
  delete at;
  delete db;
  return sound ? 0 : 1;
}
