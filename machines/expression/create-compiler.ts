/** Makes the expression compiler of one document: text in, a typed and bounded `Expression` or the reason why not out. */

import { ExpressionFailure } from "../evaluation.ts";
import type { Scope } from "../evaluation.ts";
import type { Json } from "../json.ts";
import { typeName } from "./cel-type.ts";
import { compileNode } from "./compile-node.ts";
import type {
  CompileResult,
  CompiledExpression,
  ExpressionCompiler,
  ExpressionError,
  ExpressionModel,
} from "./compiler.ts";
import type { Facts, Names } from "./compiling.ts";
import { Fault, MAX_STEPS, OverBudget } from "./frame.ts";
import type { Frame, Run } from "./frame.ts";
import { namesAt, typesOf } from "./names.ts";
import { parseSource } from "./parse.ts";
import { Refusal } from "./refusal.ts";
import { toJson } from "./result.ts";

export function expressionCompiler(model: ExpressionModel): ExpressionCompiler {
  const types = typesOf(model);
  return {
    at: (site) => {
      const names = namesAt(types, site);
      return { compile: (source) => compileSource(source, names) };
    },
  };
}

function compileSource(source: string, names: Names): CompileResult {
  const facts: Facts = { reads: new Set(), statePaths: new Set(), eventFields: new Set() };
  try {
    const { type, run } = compileNode(parseSource(source), {
      names,
      locals: [],
      facts,
      inner: compileNode,
    });
    const expression: CompiledExpression = {
      ...facts,
      source,
      type: typeName(type),
      resultType: type,
      evaluate: (scope) => evaluate(source, run, scope),
    };
    return { expression };
  } catch (error) {
    if (error instanceof Refusal) return { error: placed(error, source) };
    throw error;
  }
}

/** @throws {ExpressionFailure} */
function evaluate(source: string, run: Run, scope: Scope): Json {
  const frame: Frame = { scope, locals: [], stepsLeft: MAX_STEPS };
  try {
    return toJson(run(frame), frame);
  } catch (error) {
    if (error instanceof Fault || error instanceof OverBudget)
      throw new ExpressionFailure(source, `"${source}" fails: ${error.message}`, { cause: error });
    throw error;
  }
}

function placed({ message, start }: Refusal, source: string): ExpressionError {
  const before = source.slice(0, start);
  return {
    message,
    line: before.split("\n").length,
    column: start - before.lastIndexOf("\n"),
  };
}
