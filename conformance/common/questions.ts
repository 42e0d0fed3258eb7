/**
 * Questions over the bundled history, with answers from brute force over its
 * CSV; `golden/common/README.md` says what each kind means.
 *
 * @module
 */

/** A condition on one event. */
export type WhereTerm =
  | { readonly field: string; readonly equals: string; readonly not?: boolean }
  | { readonly field: string; readonly regex: string }
  | { readonly field: string; readonly greater: number }
  | { readonly from: number; readonly to: number };

/** Clauses that must all hold, each a list of alternatives. */
export type Where = readonly (readonly WhereTerm[])[];

/** A set of trails. */
export type Segment =
  | { readonly op: "has"; readonly where: Where; readonly moreThan?: number }
  | {
    readonly op: "sum";
    readonly where: Where;
    readonly field: string;
    readonly moreThan: number;
  }
  | {
    readonly op: "and" | "or" | "xor" | "not";
    readonly of: readonly Segment[];
  }
  | {
    readonly op: "sequence";
    readonly steps: readonly Where[];
    readonly within?: number;
  };

/** A question and its answer. */
export type Question =
  & { readonly name: string; readonly expected: unknown }
  & (
    | { readonly kind: "stats" }
    | { readonly kind: "events"; readonly where: Where }
    | { readonly kind: "trails"; readonly segment: Segment }
    | {
      readonly kind: "funnel";
      readonly steps: readonly Where[];
      readonly within?: number;
    }
    | {
      readonly kind: "group";
      readonly by: string;
      readonly sum?: string;
      readonly where?: Where;
    }
  );

/** Loads all questions over the history. */
export async function loadQuestions(): Promise<Question[]> {
  const url = new URL(
    "../golden/common/git-history.queries.json",
    import.meta.url,
  );
  return await (await fetch(url)).json();
}
