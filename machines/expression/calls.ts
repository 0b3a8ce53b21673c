/** Compiles calls: macros, `inState`, and the functions of the table, whose arguments are checked before and while it runs. */

import type { ASTNode } from "@marcbachmann/cel-js";
import { compileHas, refuseSealed } from "./access.ts";
import * as cel from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";
import { localNamed, weightOf } from "./compiling.ts";
import type { Compiled, Compiling } from "./compiling.ts";
import { Fault } from "./frame.ts";
import { FUNCTIONS } from "./functions.ts";
import type { CelFunction, Takes } from "./functions.ts";
import { LIST_MACROS, compileBind, compileListMacro } from "./macros.ts";
import { refuse, textOf } from "./refusal.ts";
import { kindOf } from "./value.ts";
import type { Value } from "./value.ts";

export function compileCall(
  node: ASTNode,
  name: string,
  args: readonly ASTNode[],
  at: Compiling,
): Compiled {
  const [only] = args;
  if (name === "has" && only && args.length === 1) return compileHas(node, only, at);
  if (name === "inState") return compileInState(node, args, at);
  return applied(node, name, "call", args, at);
}

export function compileMethod(
  node: ASTNode,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  at: Compiling,
): Compiled {
  if (LIST_MACROS.get(name)?.includes(args.length))
    return compileListMacro(node, name, receiver, args, at);
  const isNamespace = receiver.op === "id" && receiver.args === "cel" && !localNamed(at, "cel");
  if (isNamespace && name === "bind") return compileBind(node, args, at);
  return applied(node, name, "method", [receiver, ...args], at);
}

/** The path is a literal, so that every path in a document can be checked against its states. */
function compileInState(node: ASTNode, args: readonly ASTNode[], at: Compiling): Compiled {
  const [path] = args;
  if (args.length !== 1 || path?.op !== "value" || typeof path.args !== "string")
    return refuse(node, 'expected inState("path.of.a.state"), the path written out as a text');
  const state = path.args;
  at.facts.reads.add("inState");
  at.facts.statePaths.add(state);
  return { type: cel.BOOL, run: (frame) => frame.scope.inState(state), weight: 1 };
}

function applied(
  node: ASTNode,
  name: string,
  style: "call" | "method",
  nodes: readonly ASTNode[],
  at: Compiling,
): Compiled {
  const named = FUNCTIONS.filter((fn) => fn.name === name);
  const fn = named.find((each) => each.style.includes(style) && each.takes.length === nodes.length);
  if (fn === undefined) return refuse(node, unknownFunction(name, style, named));
  const args = nodes.map((arg) => at.inner(arg, at));
  for (const [index, arg] of args.entries())
    requireArgument(nodes[index] ?? node, fn, index, arg.type);
  const literals = nodes.map((arg) =>
    arg.op === "value" && typeof arg.args === "string" ? arg.args : undefined,
  );
  const fault = fn.judge?.(literals) ?? null;
  if (fault !== null) refuse(node, fault);
  const types = args.map((arg) => arg.type);
  const runs = args.map((arg) => arg.run);
  const { apply, takes } = fn;
  return {
    type: typeof fn.gives === "function" ? fn.gives(types.map(cel.present)) : fn.gives,
    run: (frame) => {
      const values = runs.map((run) => run(frame));
      for (const [index, value] of values.entries()) checkArgument(name, takes[index], value);
      return apply(values, frame);
    },
    weight: weightOf(...args),
  };
}

function requireArgument(node: ASTNode, fn: CelFunction, index: number, type: CelType): void {
  const { kind } = cel.present(type);
  if (kind === "sealed" || (holdsSealed(type) && fn.name !== "size"))
    refuseSealed(node, textOf(node));
  const takes = fn.takes[index] ?? [];
  if (kind === "dyn" || takes.includes("any") || takes.some((taken) => taken === kind)) return;
  refuse(node, `${signatureOf(fn)} doesn't take ${textOf(node)}, which is ${cel.typeName(type)}`);
}

function holdsSealed(type: CelType): boolean {
  const list = cel.present(type);
  return list.kind === "list" && cel.present(list.of).kind === "sealed";
}

function checkArgument(name: string, takes: Takes | undefined, value: Value): void {
  const kind = kindOf(value);
  if (takes === undefined || takes.includes("any")) return;
  if (takes.some((taken) => taken === kind)) return;
  if (kind === "string" && takes.includes("timestamp")) return;
  throw new Fault(`${name}() takes ${takes.join(" or ")}, found ${kind}`);
}

function unknownFunction(
  name: string,
  style: "call" | "method",
  named: readonly CelFunction[],
): string {
  if (named.length > 0) return `expected ${named.map(signatureOf).join(" or ")}`;
  const known = new Set(FUNCTIONS.filter((fn) => fn.style.includes(style)).map((fn) => fn.name));
  const macros = style === "call" ? ["has", "inState"] : [...LIST_MACROS.keys()];
  return `there is no function ${name}; known ones are ${[...macros, ...known].join(", ")}`;
}

function signatureOf({ name, style, takes }: CelFunction): string {
  const kinds = takes.map((taken) => taken.join(" or "));
  const [receiver, ...rest] = kinds;
  return style.includes("call")
    ? `${name}(${kinds.join(", ")})`
    : `${receiver}.${name}(${rest.join(", ")})`;
}
