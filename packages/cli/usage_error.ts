/**
 * The error of a command that was typed wrong.
 *
 * @module
 */

/**
 * Says that the command line makes no sense; the command ends with code 2.
 * What is wrong with data or files is a `CairnError` instead, and code 1.
 */
export class UsageError extends Error {
  /** Makes an error. @param message What is wrong and what would be right. */
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}
