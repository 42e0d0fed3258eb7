/**
 * What the suite asserts with: small, so that it needs no library and runs
 * under any test runner.
 *
 * @module
 */
import { CairnError, type ErrorCode } from "@cairn/core";

/**
 * Fails unless a condition holds.
 *
 * @param condition What must hold.
 * @param message What it means when it does not.
 */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/**
 * Fails unless two plain values are the same, by their JSON.
 *
 * @param actual What came out.
 * @param expected What should have.
 * @param what What it is.
 */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [toText(actual), toText(expected)];
  if (a === b) return;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const near = (text: string) => text.slice(Math.max(0, at - 80), at + 160);
  throw new Error(
    `${what}: from character ${at} on, found\n  ${near(a)}\nwanted\n  ${
      near(b)
    }`,
  );
}

/**
 * Fails unless a promise is rejected with a `CairnError` of one of these codes.
 *
 * @param run What must fail.
 * @param codes The codes allowed.
 * @param what What it is.
 * @returns The error.
 */
export async function fails(
  run: () => unknown,
  codes: readonly ErrorCode[],
  what: string,
): Promise<CairnError> {
  try {
    await run();
  } catch (error) {
    check(
      error instanceof CairnError && codes.includes(error.code),
      `${what}: ${error}, an error of code ${codes.join(" or ")} wanted`,
    );
    return error;
  }
  throw new Error(`${what}: nothing was thrown, ${codes.join(" or ")} wanted`);
}

/**
 * Fails unless a call fails as a programmer's mistake does.
 *
 * @param run What must fail.
 * @param type `TypeError` or `RangeError`.
 * @param what What it is.
 */
export async function failsAs(
  run: () => unknown,
  type: typeof TypeError | typeof RangeError,
  what: string,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    check(error instanceof type, `${what}: ${error}, a ${type.name} wanted`);
    return;
  }
  throw new Error(`${what}: nothing was thrown, a ${type.name} wanted`);
}

function toText(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner) =>
      inner instanceof Map
        ? [...inner].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
        : typeof inner === "bigint"
        ? `${inner}n`
        : inner,
  ) ?? "undefined";
}
