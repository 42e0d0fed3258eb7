/**
 * A synthetic clickstream, the same for everyone: Zipf-distributed users,
 * pages and cities, one event after the other in time.
 *
 * `deno run -A bench/clickstream.ts EVENTS TRAILS FILE` writes it as CSV.
 *
 * @module
 */
import { open } from "node:fs/promises";

/** How large a clickstream to make. */
export interface ClickstreamSize {
  /** Number of events. */
  readonly events: number;
  /** Most trails that can appear; each event draws one of them. */
  readonly trails: number;
}

/** First line of the CSV. */
export const CLICKSTREAM_HEADER =
  "uuid,time,type,page,city,browser,referrer,price\n";

const EVENT_TYPES = [
  "page_view",
  "click",
  "scroll",
  "search",
  "add_to_cart",
  "signup",
  "purchase",
  "logout",
] as const;
const PAGE_VIEW = EVENT_TYPES.indexOf("page_view");
const PURCHASE = EVENT_TYPES.indexOf("purchase");

/** Time of the first event, give or take a second: 2020-01-01. */
const START_SECONDS = 1_577_836_800;
/** Events of one piece of CSV. */
const PIECE_EVENTS = 20_000;

/** Draws a number from 0 up to, but not including, 1. */
type Draw = () => number;

/** Makes Marsaglia's xorshift generator of 32 bits, with a fixed seed. */
function createDraw(): Draw {
  let state = 12_345;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

/**
 * Makes a sampler of ranks: rank `k`, from 0, has a weight of
 * `1 / (k + 1) ** exponent`.
 */
function createZipf(draw: Draw, count: number, exponent: number): Draw {
  const shares = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank++) {
    total += 1 / Math.pow(rank + 1, exponent);
    shares[rank] = total;
  }
  for (let rank = 0; rank < count; rank++) shares[rank]! /= total;
  return () => {
    const wanted = draw();
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (shares[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/**
 * Makes a clickstream as pieces of CSV, header first. Trail keys are UUIDs in
 * hex, times seconds that never fall.
 *
 * @param size How many events and trails.
 * @returns Text; joined, the whole file. ASCII only.
 */
export function* clickstreamCsv(size: ClickstreamSize): Generator<string> {
  // The order in which samplers are used decides the file: keep it.
  const draw = createDraw();
  const drawTrail = createZipf(draw, size.trails, 0.8);
  const drawPage = createZipf(draw, 5000, 1);
  const drawCity = createZipf(draw, 300, 1.1);
  const drawBrowser = createZipf(draw, 20, 1.2);
  const drawReferrer = createZipf(draw, 1000, 1.1);
  const drawType = createZipf(draw, EVENT_TYPES.length, 1);
  const usualBrowsers = new Uint16Array(size.trails).map(drawBrowser);
  const usualCities = new Uint16Array(size.trails).map(drawCity);
  let time = START_SECONDS;
  let piece = CLICKSTREAM_HEADER;
  for (let i = 1; i <= size.events; i++) {
    const trail = drawTrail();
    if (draw() < 0.3) time++;
    const type = drawType();
    const browser = draw() < 0.02 ? drawBrowser() : usualBrowsers[trail]!;
    const city = draw() < 0.02 ? drawCity() : usualCities[trail]!;
    const page = drawPage();
    const referrer = type === PAGE_VIEW && draw() < 0.2
      ? `ref${drawReferrer()}`
      : "";
    const price = type === PURCHASE ? (draw() * 500).toFixed(2) : "";
    const uuid = trail.toString(16).padStart(32, "0");
    piece += `${uuid},${time},${EVENT_TYPES[type]},/p/${page},city${city},` +
      `br${browser},${referrer},${price}\n`;
    if (i % PIECE_EVENTS === 0) {
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}

/** Writes a clickstream to a file. */
async function main(args: readonly string[]): Promise<void> {
  const [events, trails, path] = args;
  const size = { events: Number(events), trails: Number(trails) };
  if (
    !Number.isSafeInteger(size.events) || size.events < 0 ||
    !Number.isSafeInteger(size.trails) || size.trails < 1 ||
    path === undefined
  ) {
    console.error("Usage: deno run -A bench/clickstream.ts EVENTS TRAILS FILE");
    Deno.exit(2);
  }
  await using file = await open(path, "w");
  for (const piece of clickstreamCsv(size)) await file.write(piece);
}

if (import.meta.main) await main(Deno.args);
