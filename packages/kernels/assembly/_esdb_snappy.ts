// Unpacking of Snappy's raw format. Up to 16 bytes more than needed are read
// and written: the host leaves that much room behind both regions.

const FULL: i32 = 1;
const UNUSUAL: i32 = 2;

/** Unpacks `i .. end` to `out`; gives where it ends there, or less than 0. */
export function unpackSnappy(i: i32, end: i32, out: i32, room: i32): i32 {
  let length: u32 = 0;
  for (let shift = 0;; shift += 7) {
    if (i >= end || shift > 28) return -UNUSUAL;
    const byte = <u32> load<u8>(i++);
    if (shift == 28 && byte > 15) return -UNUSUAL;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (length > <u32> room) return -FULL;
  let o = out;
  const stop = out + <i32> length;
  while (i < end) {
    const tag = <i32> load<u8>(i++);
    const type = tag & 3;
    let count: i32;
    if (type == 0) {
      count = (tag >> 2) + 1;
      if (count > 60) {
        const extra = count - 60;
        if (extra > 2 || extra > end - i) return -UNUSUAL;
        count = <i32> load<u8>(i) + 1;
        if (extra == 2) count += <i32> load<u8>(i + 1) << 8;
        i += extra;
      }
      if (count > end - i || count > stop - o) return -UNUSUAL;
      v128.store(o, v128.load(i));
      for (let done = 16; done < count; done += 16) {
        v128.store(o + done, v128.load(i + done));
      }
      i += count;
      o += count;
      continue;
    }
    let offset: i32;
    if (type == 1) {
      if (end - i < 1) return -UNUSUAL;
      count = (tag >> 2 & 7) + 4;
      offset = tag >> 5 << 8 | <i32> load<u8>(i++);
    } else if (type == 2) {
      if (end - i < 2) return -UNUSUAL;
      count = (tag >> 2) + 1;
      offset = <i32> load<u16>(i);
      i += 2;
    } else return -UNUSUAL;
    if (offset == 0 || offset > o - out || count > stop - o) return -UNUSUAL;
    const from = o - offset;
    if (offset >= 16) {
      v128.store(o, v128.load(from));
      for (let done = 16; done < count; done += 16) {
        v128.store(o + done, v128.load(from + done));
      }
    } else if (offset >= 8) {
      for (let done = 0; done < count; done += 8) {
        store<u64>(o + done, load<u64>(from + done));
      }
    } else {
      for (let done = 0; done < count; done++) {
        store<u8>(o + done, load<u8>(from + done));
      }
    }
    o += count;
  }
  return o == stop ? stop : -UNUSUAL;
}
