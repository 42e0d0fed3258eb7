/**
 * Errors of damage as findings.
 *
 * @module
 */
import { CairnError, type Finding } from "@cairn/core";

/** Makes a finding of an error of damage; throws any other. @param error Any. */
export function asFinding(error: unknown): Finding {
  if (
    !(error instanceof CairnError) ||
    error.code !== "corrupt" && error.code !== "limit"
  ) throw error;
  return { severity: "corrupt", detail: error.detail, where: error.where };
}
