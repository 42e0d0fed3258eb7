/**
 * Members into the one file of a package.
 *
 * Layout: docs/formats/traildb.md, part 3.2.
 *
 * @module
 */
import { CairnError, type Sink, throwIfAborted } from "@cairn/core";
import {
  encodeSums,
  MEMBER_SUMS,
  RangeSummer,
  SUM_RANGE_BYTES,
  sumsByteLength,
} from "../additions.ts";
import {
  MEMBER_TAR_TOC,
  TAR_BLOCK_BYTES,
  TAR_TRAILER_BYTES,
} from "../layout.ts";
import {
  encodeTarHeader,
  encodeTarToc,
  memberEnd,
  paddedLength,
  placeMember,
  type TarPlace,
  tarTocByteLength,
} from "./tar_writer.ts";
import { bytesMember, type Member } from "./write_members.ts";

/** Members that come before `tar.toc`: readers find it at a fixed place. */
const MEMBERS_BEFORE_TOC = 2;

/** How to write members. */
export interface WriteMembersOptions {
  /** Whether a member with checksums comes last. */
  readonly sums: boolean;
  /** Stops between two writes. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes a package; the caller finishes the sink.
 *
 * @param sink Where to.
 * @param members `version`, `info`, and all others but `tar.toc`, in order.
 * @param options Checksums and signal.
 */
export async function writePackage(
  sink: Sink,
  members: readonly Member[],
  options: WriteMembersOptions,
): Promise<void> {
  const plan = planPackage(members, options.sums);
  const summer = new RangeSummer();
  const write = async (bytes: Uint8Array, summed: boolean) => {
    throwIfAborted(options.signal);
    if (summed) summer.update(bytes);
    await sink.write(bytes);
  };
  for (let i = 0; i < plan.places.length; i++) {
    const place = plan.places[i]!;
    const isSums = options.sums && i === plan.places.length - 1;
    await write(encodeTarHeader(place.name, place.byteLength), options.sums);
    const member = isSums
      ? bytesMember(
        MEMBER_SUMS,
        encodeSums([{
          member: "",
          byteLength: place.offset,
          rangeBytes: SUM_RANGE_BYTES,
          sums: summer.finish(),
        }]),
      )
      : plan.members[i]!;
    let written = 0;
    for await (const piece of member.read()) {
      await write(piece, options.sums && !isSums);
      written += piece.length;
    }
    if (written !== place.byteLength) throw wrongLength(place, written);
    const padding = paddedLength(written) - written;
    if (padding > 0) {
      await write(new Uint8Array(padding), options.sums && !isSums);
    }
  }
  await write(new Uint8Array(TAR_TRAILER_BYTES), false);
}

/** Where everything goes, `tar.toc` included. */
function planPackage(
  members: readonly Member[],
  sums: boolean,
): { members: readonly Member[]; places: readonly TarPlace[] } {
  const names = members.map(({ name }) => name);
  const tocBytes = tarTocByteLength(sums ? [...names, MEMBER_SUMS] : names);
  const all = [
    ...members.slice(0, MEMBERS_BEFORE_TOC),
    {
      name: MEMBER_TAR_TOC,
      byteLength: tocBytes,
      read: () => [encodeTarToc(places, tocBytes)],
    },
    ...members.slice(MEMBERS_BEFORE_TOC),
  ];
  const places: TarPlace[] = [];
  let offset = 0;
  for (const { name, byteLength } of all) {
    const place = placeMember(name, offset, byteLength);
    places.push(place);
    offset = memberEnd(place);
  }
  if (sums) {
    const byteLength = sumsByteLength([{
      member: "",
      byteLength: offset + TAR_BLOCK_BYTES,
      rangeBytes: SUM_RANGE_BYTES,
    }]);
    places.push(placeMember(MEMBER_SUMS, offset, byteLength));
  }
  return { members: all, places };
}

function wrongLength(place: TarPlace, written: number): CairnError {
  return new CairnError(
    "io",
    `Cannot write member "${place.name}": ${written} bytes came back, ${place.byteLength} wanted`,
    { where: { part: place.name } },
  );
}
