// CRC-32C (Castagnoli) of bytes that the host has put into memory.
// Reference: ../crc32c.ts

export { initialize, update } from "./_crc32c_tables";

/** First byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}
