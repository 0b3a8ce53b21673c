/** Splits a condition at its outermost `&&`: one conjunct that is false makes the whole false, whatever the others hold. */

import { serialize } from "@marcbachmann/cel-js";
import type { ASTNode } from "./parse.ts";
import { parseSource } from "./parse.ts";

/** @param source of an expression that compiles */
export function conjunctsOf(source: string): readonly string[] {
  const parts: string[] = [];
  const visit = (node: ASTNode): void => {
    if (node.op === "&&") node.args.forEach(visit);
    // Written anew: a node's range in the text may leave out half of its parentheses.
    else parts.push(serialize(node));
  };
  visit(parseSource(source));
  return parts;
}
