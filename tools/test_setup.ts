/**
 * Loaded before the tests: a fixed seed for properties where `CAIRN_SEED` names
 * one, so that a run of CI can be repeated. Without it every run draws anew, and
 * fast-check prints the seed of a failure.
 *
 * @module
 */
import fc from "fast-check";

const seed = Deno.env.get("CAIRN_SEED");
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
