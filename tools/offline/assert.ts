/**
 * The part of `@std/assert` that our tests use, over `node:assert`, for
 * machines that cannot reach JSR.
 *
 * @module
 */
import nodeAssert from "node:assert/strict";

/** Any class of errors, abstract ones included. */
// deno-lint-ignore no-explicit-any -- a constructor's parameters are contravariant
type ErrorClass<E extends Error = Error> = abstract new (...args: any[]) => E;

export { AssertionError } from "node:assert";

/** Fails unless the condition is truthy. */
export function assert(condition: unknown, message = ""): asserts condition {
  nodeAssert.ok(condition, message);
}

/** Fails unless the condition is falsy. */
export function assertFalse(condition: unknown, message = ""): void {
  nodeAssert.ok(!condition, message);
}

/** Fails unless both are deeply equal. */
export function assertEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** Fails when both are deeply equal. */
export function assertNotEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Fails unless both are the same, by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  nodeAssert.strictEqual(actual, expected, message);
}

/** Fails when both are the same, by `Object.is`. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.notStrictEqual(actual, expected, message);
}

/** Fails when the value is `null` or `undefined`. */
export function assertExists<T>(
  actual: T,
  message = "null or undefined",
): asserts actual is NonNullable<T> {
  nodeAssert.ok(actual !== null && actual !== undefined, message);
}

/** Fails unless the numbers are close. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = 1e-7,
): void {
  nodeAssert.ok(
    Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance,
    `${actual} is not close to ${expected}`,
  );
}

/** Fails unless the value is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  // deno-lint-ignore no-explicit-any -- a constructor's parameters are contravariant
  type: abstract new (...args: any[]) => T,
  message = `not an instance of ${type.name}`,
): asserts actual is T {
  nodeAssert.ok(actual instanceof type, message);
}

/** Fails unless the text has the part. */
export function assertStringIncludes(actual: string, expected: string): void {
  nodeAssert.ok(actual.includes(expected), `"${actual}" lacks "${expected}"`);
}

/** Fails unless the text matches the pattern. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void {
  nodeAssert.match(actual, expected, message);
}

/** Fails when the text matches the pattern. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void {
  nodeAssert.doesNotMatch(actual, expected, message);
}

/** Fails unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T): void {
  nodeAssert.ok(actual > expected, `${actual} > ${expected} wanted`);
}

/** Fails unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T): void {
  nodeAssert.ok(actual >= expected, `${actual} >= ${expected} wanted`);
}

/** Fails unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T): void {
  nodeAssert.ok(actual < expected, `${actual} < ${expected} wanted`);
}

/** Fails unless `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T): void {
  nodeAssert.ok(actual <= expected, `${actual} <= ${expected} wanted`);
}

/** Fails unless every expected element is there. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
): void {
  for (const wanted of Array.from(expected)) {
    nodeAssert.ok(Array.from(actual).includes(wanted), `${wanted} is missing`);
  }
}

/** Fails, always. */
export function fail(message = "failed"): never {
  nodeAssert.fail(message);
}

/** Fails unless the function throws; gives the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  type?: ErrorClass<E>,
  messageIncludes?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checkError(error, type, messageIncludes);
  }
  nodeAssert.fail("nothing was thrown");
}

/** Fails unless the promise is rejected; gives the error. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  type?: ErrorClass<E>,
  messageIncludes?: string,
): Promise<E> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    throw new nodeAssert.AssertionError({
      message: `thrown, not rejected: ${error}`,
    });
  }
  try {
    await promise;
  } catch (error) {
    return checkError(error, type, messageIncludes);
  }
  nodeAssert.fail("the promise was not rejected");
}

function checkError<E extends Error>(
  error: unknown,
  type: ErrorClass<E> | undefined,
  messageIncludes: string | undefined,
): E {
  if (type !== undefined && !(error instanceof type)) {
    nodeAssert.fail(`not a ${type.name}: ${error}`);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (messageIncludes !== undefined && !message.includes(messageIncludes)) {
    nodeAssert.fail(`"${message}" lacks "${messageIncludes}"`);
  }
  return error as E;
}
