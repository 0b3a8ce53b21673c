/** CEL's macros over lists and the keys of maps, each iteration at its price, and `cel.bind`. */

import type { ASTNode } from "@marcbachmann/cel-js";
import * as cel from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";
import { weightOf } from "./compiling.ts";
import type { Compiled, Compiling } from "./compiling.ts";
import { Fault, absorbed, spend } from "./frame.ts";
import type { Frame, Run } from "./frame.ts";
import { requireBool, truth } from "./logic.ts";
import { refuse, textOf } from "./refusal.ts";
import { isList, isObject, kindOf } from "./value.ts";
import type { Value } from "./value.ts";

/** Names of the macros that are called on a list, with the numbers of their arguments. */
export const LIST_MACROS: ReadonlyMap<string, readonly number[]> = new Map([
  ["all", [2]],
  ["exists", [2]],
  ["exists_one", [2]],
  ["filter", [2]],
  ["map", [2, 3]],
]);

export function compileListMacro(
  node: ASTNode,
  name: string,
  of: ASTNode,
  args: readonly ASTNode[],
  at: Compiling,
): Compiled {
  const list = at.inner(of, at);
  const element = iteratedType(of, list.type);
  const variable = args[0];
  if (variable?.op !== "id")
    return refuse(node, `expected ${name}(name, ...), found no name first`);
  const slot = at.locals.length;
  const inside: Compiling = {
    ...at,
    locals: [...at.locals, { name: variable.args, slot, type: element }],
  };
  const bodies = args.slice(1).map((arg) => at.inner(arg, inside));
  const [first, second] = bodies;
  if (first === undefined) return refuse(node, `expected ${name}(name, expression)`);
  if (name !== "map" || second !== undefined) requireBool(args[1] ?? node, first);
  const perItem = weightOf(...bodies);
  const loop: Loop = { items: list.run, slot, perItem };
  const weight = weightOf(list);
  switch (name) {
    case "all":
      return { type: cel.BOOL, run: quantifier(loop, first.run, false), weight };
    case "exists":
      return { type: cel.BOOL, run: quantifier(loop, first.run, true), weight };
    case "exists_one":
      return { type: cel.BOOL, run: (frame) => kept(loop, first.run, frame).length === 1, weight };
    case "filter":
      return { type: cel.listOf(element), run: (frame) => kept(loop, first.run, frame), weight };
    default: {
      const result = second ?? first;
      const filter = second === undefined ? null : first.run;
      return { type: cel.listOf(result.type), run: mapping(loop, filter, result.run), weight };
    }
  }
}

/** `cel.bind(name, value, expression)`: the value is worked out once. */
export function compileBind(node: ASTNode, args: readonly ASTNode[], at: Compiling): Compiled {
  const [variable, value, body] = args;
  if (variable?.op !== "id" || !value || !body)
    return refuse(node, "expected cel.bind(name, value, expression)");
  const bound = at.inner(value, at);
  const slot = at.locals.length;
  const local = { name: variable.args, slot, type: bound.type };
  const result = at.inner(body, { ...at, locals: [...at.locals, local] });
  return {
    type: result.type,
    run: (frame) => {
      frame.locals[slot] = bound.run(frame);
      return result.run(frame);
    },
    weight: weightOf(bound, result),
  };
}

interface Loop {
  readonly items: Run;
  readonly slot: number;
  /** Steps that one iteration costs. */
  readonly perItem: number;
}

/** `exists` ends at the first true, `all` at the first false; an item that fails matters only when no other decides. */
function quantifier(loop: Loop, ask: Run, deciding: boolean): Run {
  return (frame) => {
    let fault: Fault | null = null;
    for (const item of iterated(loop.items(frame))) {
      spend(frame, loop.perItem);
      frame.locals[loop.slot] = item;
      try {
        if (truth(ask, frame) === deciding) return deciding;
      } catch (error) {
        fault = absorbed(frame, error);
      }
    }
    if (fault !== null) throw fault;
    return !deciding;
  };
}

function kept(loop: Loop, ask: Run, frame: Frame): readonly Value[] {
  return iterated(loop.items(frame)).filter((item) => {
    spend(frame, loop.perItem);
    frame.locals[loop.slot] = item;
    return truth(ask, frame);
  });
}

function mapping(loop: Loop, filter: Run | null, result: Run): Run {
  return (frame) => {
    const made: Value[] = [];
    for (const item of iterated(loop.items(frame))) {
      spend(frame, loop.perItem);
      frame.locals[loop.slot] = item;
      if (filter === null || truth(filter, frame)) made.push(result(frame));
    }
    return made;
  };
}

function iterated(value: Value): readonly Value[] {
  if (isList(value)) return value;
  if (isObject(value)) return Object.keys(value);
  throw new Fault(`expected a list to go through, found ${kindOf(value)}`);
}

function iteratedType(node: ASTNode, type: CelType): CelType {
  const over = cel.present(type);
  if (over.kind === "list") return over.of;
  if (over.kind === "object") return cel.STRING;
  if (over.kind === "dyn") return cel.DYN;
  return refuse(
    node,
    `expected a list or a map to go through; ${textOf(node)} is ${cel.typeName(type)}`,
  );
}
