/**
 * Ways to break code: off by one, a dropped check, a wrong order.
 *
 * @module
 */
import { closingBracket, maskCode } from "./mask.ts";

/** One kind of mistake. */
export type Kind =
  | "off by one"
  | "wrong boundary"
  | "swapped comparison"
  | "dropped check"
  | "wrong order"
  | "dropped call or wait"
  | "wrong constant"
  | "wrong condition"
  | "wrong sign";

/** A place, and what to put there. */
export interface Mutant {
  /** The file, relative to the codec. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** What kind of mistake it is. */
  readonly kind: Kind;
  /** First character that is replaced. */
  readonly start: number;
  /** End of what is replaced. */
  readonly end: number;
  /** What takes its place. */
  readonly replacement: string;
}

interface Operator {
  readonly kind: Kind;
  /** Looked for in code without strings and comments. */
  readonly pattern: RegExp;
  readonly replace: (found: RegExpExecArray) => string;
}

/** Statements that may change places: nothing in them is declared or left. */
const MOVABLE =
  "(?:await )?(?:this\\.#?|\\w)[\\w.#]*(?:\\[[^\\]\\n]*\\])?!?(?:\\([^\\n]*\\)| [-+|&^]?= [^\\n]*);";

const OPERATORS: readonly Operator[] = [
  literal("off by one", " \\+ 1\\b(?![.\\d])", [" + 2", ""]),
  literal("off by one", " - 1\\b(?![.\\d])", ["", " - 2"]),
  literal("off by one", "\\.length\\b(?! [-+]?= | [-+] 1\\b)", [
    ".length - 1",
  ]),
  literal("wrong boundary", " < ", [" <= "]),
  literal("wrong boundary", " <= ", [" < "]),
  literal("wrong boundary", " > ", [" >= "]),
  literal("wrong boundary", " >= ", [" > "]),
  literal("wrong boundary", "Math\\.min\\b", ["Math.max"]),
  literal("wrong boundary", "Math\\.max\\b", ["Math.min"]),
  literal("swapped comparison", " < ", [" > "]),
  literal("swapped comparison", " <= ", [" >= "]),
  literal("swapped comparison", " > ", [" < "]),
  literal("swapped comparison", " >= ", [" <= "]),
  literal("swapped comparison", " === ", [" !== "]),
  literal("swapped comparison", " !== ", [" === "]),
  literal("wrong order", "\\ba - b\\b", ["b - a"]),
  literal("wrong order", "\\.(?:reverse|toReversed)\\(\\)", [""]),
  {
    kind: "wrong order",
    pattern: /\b(compare\w*)\(([\w.#!]+), ([\w.#!]+)\)/g,
    replace: ([, name, a, b]) => `${name}(${b}, ${a})`,
  },
  {
    kind: "wrong order",
    pattern: new RegExp(`^( *)(${MOVABLE})\\n\\1(${MOVABLE})$`, "gm"),
    replace: ([, indent, a, b]) => `${indent}${b}\n${indent}${a}`,
  },
  {
    kind: "dropped call or wait",
    pattern: /^( *)(?:await )?(?:this\.)?[#\w][#\w.]*\([^\n]*\);$/gm,
    replace: ([, indent]) => `${indent}void 0;`,
  },
  literal("wrong condition", " && ", [" || "]),
  literal("wrong condition", " \\|\\| ", [" && "]),
  literal("wrong condition", "(?<=[( ])!(?=[\\w(])", [""]),
  literal("wrong condition", "\\btrue\\b", ["false"]),
  literal("wrong condition", "\\bfalse\\b", ["true"]),
  literal("wrong sign", " \\+= ", [" -= "]),
  literal("wrong sign", " -= ", [" += "]),
  literal("wrong sign", " \\+ (?!1\\b)", [" - "]),
  literal("wrong sign", " - (?!1\\b)", [" + "]),
  {
    kind: "wrong constant",
    pattern: /(?<![\w.#$-])(?:0x[\da-f_]+|\d[\d_]*)(?![\w.]|n\b)/g,
    replace: ([found]) => String(Number(found.replaceAll("_", "")) + 1),
  },
];

/** Sizes that change nothing but speed: no contract speaks of them. */
const NEUTRAL_CONSTANT =
  /buffer|cache|ahead|spare|room|capacity|batch_|piece|page|pause|grow/i;
/** The same where a limit is looked at, and where arrays grow. */
const NEUTRAL_LIMIT =
  /\b[A-Z_]*(BUFFER|CACHE|AHEAD|SPARE|PIECE|WINDOW|MEMORY)[A-Z_]*\b|wanted <= [\w.#]+\.length|=== this\.#\w+\.length\) /;
/** Lines that no run reaches, or that only say what went wrong. */
const NO_CODE =
  /^\s*(import|export (type|interface|\{)|type |interface |(static )?readonly [#\w]+[?]?: [^=]*;|super\()/;

/**
 * Finds every place where a mistake fits, and every mistake that fits there.
 *
 * @param file The file's name.
 * @param text Its text.
 */
export function findMutants(file: string, text: string): Mutant[] {
  const code = maskCode(text);
  const lines = text.split("\n");
  const starts = [0];
  for (const line of lines) starts.push(starts.at(-1)! + line.length + 1);
  const lineAt = (at: number) => starts.findLastIndex((s) => s <= at) + 1;
  const mutants: Mutant[] = [];
  const add = (kind: Kind, start: number, end: number, replacement: string) => {
    const line = lineAt(start + (text.slice(start).search(/\S/)));
    const words = lines[line - 1]!;
    if (NO_CODE.test(words)) return;
    if (kind === "wrong constant" && NEUTRAL_CONSTANT.test(words)) return;
    if (kind !== "dropped check" && NEUTRAL_LIMIT.test(words)) return;
    mutants.push({ file, line, kind, start, end, replacement });
  };
  for (const { kind, pattern, replace } of OPERATORS) {
    for (const found of code.matchAll(pattern)) {
      const end = found.index + found[0].length;
      // A statement's strings are blank in the mask: they come from the text.
      const whole = pattern.flags.includes("m")
        ? restore(found, text.slice(found.index, end))
        : found;
      const replacement = replace(whole);
      if (replacement !== whole[0] && !isIdleSwap(kind, whole)) {
        add(kind, found.index, end, replacement);
      }
    }
  }
  for (const { index } of code.matchAll(/\bif \(/g)) {
    const close = closingBracket(code, index + 3);
    const after = code.slice(close + 1, close + 80);
    if (/^ (\{\s*)?(throw|return|continue|break)\b/.test(after)) {
      add("dropped check", index + 4, close, "false");
    }
  }
  for (
    const { index, 0: call } of code.matchAll(
      /^ *(?:this\.)?#?(?:check|assert|throwIf|refuse|require)\w*\([^\n]*\);$/gm,
    )
  ) {
    add("dropped check", index, index + call.length, "");
  }
  return mutants;
}

/**
 * Chooses mutants, each kind as often as the others, each line once, and no
 * file more often than it must.
 *
 * @param all Every mutant.
 * @param count How many.
 * @param random Numbers below a bound.
 */
export function chooseMutants(
  all: readonly Mutant[],
  count: number,
  random: (below: number) => number,
): Mutant[] {
  const kinds = [...Map.groupBy(all, ({ kind }) => kind).values()].map((list) =>
    list.map((mutant) => ({ mutant, at: random(1e9) })).sort((a, b) =>
      a.at - b.at
    ).map(({ mutant }) => mutant)
  );
  const chosen: Mutant[] = [];
  const perFile = new Map<string, number>();
  const lines = new Set<string>();
  for (let most = 1; chosen.length < count && most <= all.length; most++) {
    for (let more = true; more && chosen.length < count;) {
      more = false;
      for (const list of kinds) {
        const at = list.findIndex(({ file, line }) =>
          (perFile.get(file) ?? 0) < most && !lines.has(`${file}:${line}`)
        );
        if (at < 0 || chosen.length === count) continue;
        const [mutant] = list.splice(at, 1);
        const { file, line } = mutant!;
        perFile.set(file, (perFile.get(file) ?? 0) + 1);
        lines.add(`${file}:${line}`);
        chosen.push(mutant!);
        more = true;
      }
    }
  }
  return chosen;
}

/** Applies a mutant. @param text The sound file. @param mutant The change. */
export function applyMutant(text: string, mutant: Mutant): string {
  return text.slice(0, mutant.start) + mutant.replacement +
    text.slice(mutant.end);
}

function literal(
  kind: Kind,
  pattern: string,
  replacements: readonly string[],
): Operator {
  let turn = 0;
  return {
    kind,
    pattern: new RegExp(pattern, "g"),
    replace: () => replacements[turn++ % replacements.length]!,
  };
}

/** Only calls that have something in common must come in their order. */
function isIdleSwap(kind: Kind, [, , a, b]: RegExpExecArray): boolean {
  if (kind !== "wrong order" || a === undefined || b === undefined) {
    return false;
  }
  if ([a, b].some((statement) => /^[^(]* [-+|&^]?= /.test(statement))) {
    return true;
  }
  const [first, second] = [a, b].map((statement) =>
    new Set(statement.replace(/[\w#]+\(/, "(").match(/#?[a-zA-Z_]\w*/g))
  );
  first!.delete("this");
  return first!.isDisjointFrom(second!);
}

function restore(found: RegExpExecArray, text: string): RegExpExecArray {
  let from = 0;
  const parts = [...found].map((part, i) => {
    if (i === 0) return text;
    const at = found[0].indexOf(part, from);
    if (i > 1) from = at + part.length;
    return text.slice(at, at + part.length);
  });
  return Object.assign([...parts], {
    index: found.index,
    input: found.input,
  }) as RegExpExecArray;
}
