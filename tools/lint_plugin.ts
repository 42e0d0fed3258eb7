/**
 * House rules that need the tree of the code: a plugin of `deno lint`.
 *
 * @module
 */

/** The longest a function may be; tests, which list cases, aside. */
const LINES_MAX = 70;
const FOR_TESTS = /_(test|fuzz|bench)\.ts$|\/testdata\/|\/bench\//;

type AnyFunction =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

const plugin: Deno.lint.Plugin = {
  name: "cairn",
  rules: {
    "function-length": {
      create(context) {
        if (FOR_TESTS.test(context.filename)) return {};
        const { text } = context.sourceCode;
        const check = (node: AnyFunction): void => {
          const lines = text.slice(...node.range).split("\n").length;
          if (lines <= LINES_MAX) return;
          const message = `${lines} lines, at most ${LINES_MAX}`;
          context.report({ node, message });
        };
        return {
          FunctionDeclaration: check,
          FunctionExpression: check,
          ArrowFunctionExpression: check,
        };
      },
    },
  },
};
export default plugin;
