/** Reads CEL text into its syntax tree, within bounds, or says where it can't. */

import { Environment, ParseError } from "@marcbachmann/cel-js";
import type { ASTNode } from "@marcbachmann/cel-js";
import { Refusal } from "./refusal.ts";

export type { ASTNode };

const MAX_SOURCE_CHARACTERS = 2000;
const MAX_NODES = 500;
const MAX_NESTING = 40;

/**
 * The library's parser only. Its evaluator can't be metered from outside (`exists` and `||` catch what a counter throws)
 * and its checker compares objects by type name, which refuses `findings + [event.finding]`.
 */
const parser = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: false,
  limits: {
    maxAstNodes: MAX_NODES,
    maxDepth: MAX_NESTING,
    maxListElements: MAX_NODES,
    maxMapEntries: MAX_NODES,
    maxCallArguments: 8,
  },
});

/** @throws {Refusal} */
export function parseSource(source: string): ASTNode {
  if (source.length > MAX_SOURCE_CHARACTERS)
    throw new Refusal(
      `expected at most ${MAX_SOURCE_CHARACTERS} characters, found ${source.length}; move a part of it into a data field by assign`,
      0,
    );
  if (source.trim() === "") throw new Refusal("expected a CEL expression, found nothing", 0);
  try {
    return parser.parse(source).ast;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const message =
      error.code === "limit_exceeded"
        ? `expected at most ${MAX_NODES} names, values and operators, nested at most ${MAX_NESTING} deep`
        : `expected CEL: ${error.summary}`;
    throw new Refusal(message, error.range?.start ?? 0);
  }
}
