/** `&&`, `||` and `!`: CEL's, commutative. A side that fails doesn't matter when the other side decides alone. */

import type { ASTNode } from "@marcbachmann/cel-js";
import * as cel from "./cel-type.ts";
import { weightOf } from "./compiling.ts";
import type { Compiled, Compiling } from "./compiling.ts";
import { Fault, absorbed } from "./frame.ts";
import type { Frame, Run } from "./frame.ts";
import { refuse, textOf } from "./refusal.ts";

export function compileLogic(
  op: "&&" | "||",
  nodes: readonly [ASTNode, ASTNode],
  at: Compiling,
): Compiled {
  const left = at.inner(nodes[0], at);
  const right = at.inner(nodes[1], at);
  requireBool(nodes[0], left);
  requireBool(nodes[1], right);
  const deciding = op === "||";
  return {
    type: cel.BOOL,
    run: (frame) => {
      let first: boolean;
      try {
        first = truth(left.run, frame);
      } catch (error) {
        const fault = absorbed(frame, error);
        if (truth(right.run, frame) === deciding) return deciding;
        throw fault;
      }
      return first === deciding ? deciding : truth(right.run, frame);
    },
    weight: weightOf(left, right),
  };
}

export function compileNot(node: ASTNode, at: Compiling): Compiled {
  const operand = at.inner(node, at);
  requireBool(node, operand);
  return {
    type: cel.BOOL,
    run: (frame) => !truth(operand.run, frame),
    weight: weightOf(operand),
  };
}

/** @throws {Refusal} when it can't be true or false */
export function requireBool(node: ASTNode, { type }: Compiled): void {
  const { kind } = cel.present(type);
  if (kind === "bool" || kind === "dyn") return;
  refuse(node, `expected a condition, true or false; ${textOf(node)} is ${cel.typeName(type)}`);
}

export function truth(run: Run, frame: Frame): boolean {
  const value = run(frame);
  if (typeof value === "boolean") return value;
  throw new Fault("a condition is neither true nor false");
}
