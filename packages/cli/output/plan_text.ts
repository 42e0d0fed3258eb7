/**
 * How a query was answered, in words.
 *
 * @module
 */
import type { QueryPlan } from "@cairn/query";
import { formatCount } from "../text/byte_size.ts";
import { formatTable } from "./table.ts";

/**
 * Writes a plan for people.
 *
 * @param plan The plan.
 */
export async function formatPlan(plan: QueryPlan): Promise<string> {
  const lines: string[] = [];
  lines.push(
    `${formatCount(plan.trailsFound)} of ${
      formatCount(plan.trailsTotal)
    } trails; ${STATEMENTS[plan.statement]}` +
      (plan.stoppedEarly ? "; stopped early" : ""),
  );
  let text = `${lines.join("\n")}\n`;
  if (plan.terms.length > 0) {
    text += await formatTable([
      ["term", "answered by", "exact", "chunks", "trails"],
      ...plan.terms.map((term) => [
        term.term,
        term.index === undefined
          ? term.source
          : `${term.source} (${term.index})`,
        term.exact ? "yes" : "no",
        formatCount(term.chunks),
        formatCount(term.trails),
      ]),
    ], { right: [3, 4] });
  }
  if (plan.scans.length > 0) {
    text += await formatTable([
      ["scan for", "fields", "trails", "seen", "events"],
      ...plan.scans.map((scan) => [
        scan.purpose,
        scan.fields.join(", "),
        formatCount(scan.trails),
        formatCount(scan.trailsSeen),
        formatCount(scan.events),
      ]),
    ], { right: [2, 3, 4] });
  }
  for (const { field, values } of plan.notNumbers) {
    text += `${
      formatCount(values)
    } values of "${field}" are no numbers and were passed over\n`;
  }
  return text;
}

const STATEMENTS: Readonly<Record<QueryPlan["statement"], string>> = {
  segment: "nothing else to ask",
  index: "the rest from an index",
  scan: "the rest by scanning",
  "index+scan": "the rest from an index and by scanning",
};
