/** An expression that can't be compiled: thrown where it shows, and turned into a value at the compiler's border. */

import type { ASTNode } from "@marcbachmann/cel-js";

export class Refusal extends Error {
  /** Offset in the source of what is refused, in UTF-16 code units. */
  readonly start: number;
  constructor(message: string, start: number) {
    super(message);
    this.start = start;
  }
}

/** @throws {Refusal} always */
export function refuse(node: ASTNode, message: string): never {
  throw new Refusal(message, node.pos);
}

/** The expression's own text of a node, for messages. */
export function textOf(node: ASTNode): string {
  const text = node.input.slice(node.start, node.end);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

const MAX_SHOWN = 40;
