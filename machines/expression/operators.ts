/** Operators with two sides, and minus: none of them takes a personal value. */

import type { ASTNode, BinaryOperator } from "@marcbachmann/cel-js";
import { refuseSealed } from "./access.ts";
import { compileArithmetic, compileNegation } from "./arithmetic.ts";
import { compileComparison } from "./comparison.ts";
import type { Compiled, Compiling } from "./compiling.ts";
import { textOf } from "./refusal.ts";

export function compileBinary(
  node: ASTNode,
  op: BinaryOperator,
  nodes: readonly [ASTNode, ASTNode],
  at: Compiling,
): Compiled {
  const left = compileOperand(nodes[0], at);
  const right = compileOperand(nodes[1], at);
  switch (op) {
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return compileArithmetic(node, op, left, right);
    default:
      return compileComparison(node, op, nodes, left, right);
  }
}

export function compileMinus(node: ASTNode, of: ASTNode, at: Compiling): Compiled {
  return compileNegation(node, of, compileOperand(of, at));
}

function compileOperand(node: ASTNode, at: Compiling): Compiled {
  const operand = at.inner(node, at);
  return operand.type.kind === "sealed" ? refuseSealed(node, textOf(node)) : operand;
}
