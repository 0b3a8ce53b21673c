/** What the compilers of the single constructs share: a compiled node, and the names in reach of it. */

import type { ASTNode } from "@marcbachmann/cel-js";
import type { CelType } from "./cel-type.ts";
import type { Run } from "./frame.ts";

/** A node with its type and the closure that evaluates it. */
export interface Compiled {
  readonly type: CelType;
  readonly run: Run;
  /** Nodes that one evaluation of it evaluates, loops counted once: what an iteration of a loop around it costs. */
  readonly weight: number;
}

/** A name that every expression at this place may use. */
export interface Root {
  readonly type: CelType;
  readonly run: Run;
  /** Whether it can be absent, so that `has(name)` asks something. */
  readonly has: ((frame: Parameters<Run>[0]) => boolean) | null;
}

export interface Names {
  readonly roots: ReadonlyMap<string, Root>;
  /** Names that exist elsewhere, and why not here. */
  readonly unavailable: ReadonlyMap<string, string>;
}

/** A variable that a macro binds. */
export interface Local {
  readonly name: string;
  readonly slot: number;
  readonly type: CelType;
}

/** What is learnt about an expression while it is compiled. */
export interface Facts {
  readonly reads: Set<string>;
  readonly statePaths: Set<string>;
  readonly eventFields: Set<string>;
}

export interface Compiling {
  readonly names: Names;
  /** Innermost last. */
  readonly locals: readonly Local[];
  readonly facts: Facts;
  /** Compiles a node inside. @throws {Refusal} */
  readonly inner: (node: ASTNode, at: Compiling) => Compiled;
}

export function localNamed(at: Compiling, name: string): Local | undefined {
  return at.locals.findLast((local) => local.name === name);
}

export function weightOf(...parts: readonly Compiled[]): number {
  return parts.reduce((sum, part) => sum + part.weight, 1);
}
