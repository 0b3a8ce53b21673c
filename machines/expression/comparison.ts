/** Equality, order and membership. What can never be equal is refused: it is a mistake in the text, not an answer. */

import type { ASTNode } from "@marcbachmann/cel-js";
import { refuseSealed } from "./access.ts";
import * as cel from "./cel-type.ts";
import type { CelType, Kind } from "./cel-type.ts";
import { weightOf } from "./compiling.ts";
import type { Compiled } from "./compiling.ts";
import { Fault, spend } from "./frame.ts";
import type { Run } from "./frame.ts";
import { refuse, textOf } from "./refusal.ts";
import { canonicalInstant, compare, equal, isList, isObject, kindOf } from "./value.ts";

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in";

export function compileComparison(
  node: ASTNode,
  op: Comparison,
  nodes: readonly [ASTNode, ASTNode],
  left: Compiled,
  right: Compiled,
): Compiled {
  const bool = (run: Run): Compiled => ({ type: cel.BOOL, run, weight: weightOf(left, right) });
  switch (op) {
    case "==":
    case "!=":
      requireComparable(node, nodes, left.type, right.type);
      return bool(equality(op === "==", left, right));
    case "in":
      requireMember(node, nodes, left.type, right.type);
      return bool(membership(left, right));
    default:
      requireOrder(node, op, left.type, right.type);
      return bool(ordering(op, left, right));
  }
}

/** Closures that bring the two sides to one form: an instant may be written in many ways, and equal ones are equal. */
function aligned(left: Compiled, right: CelType): Run {
  const other = cel.present(right).kind === "timestamp";
  if (!other || cel.present(left.type).kind === "timestamp") return left.run;
  return (frame) => {
    const value = left.run(frame);
    return typeof value === "string" ? canonicalInstant(value) : value;
  };
}

function equality(wanted: boolean, left: Compiled, right: Compiled): Run {
  const [a, b] = [aligned(left, right.type), aligned(right, left.type)];
  return (frame) => equal(a(frame), b(frame), frame) === wanted;
}

function ordering(op: "<" | "<=" | ">" | ">=", left: Compiled, right: Compiled): Run {
  const [a, b] = [aligned(left, right.type), aligned(right, left.type)];
  switch (op) {
    case "<":
      return (frame) => compare(a(frame), b(frame)) < 0;
    case "<=":
      return (frame) => compare(a(frame), b(frame)) <= 0;
    case ">":
      return (frame) => compare(a(frame), b(frame)) > 0;
    default:
      return (frame) => compare(a(frame), b(frame)) >= 0;
  }
}

function membership(left: Compiled, right: Compiled): Run {
  const type = cel.present(right.type);
  const element = type.kind === "list" ? cel.present(type.of) : cel.DYN;
  const sought = aligned(left, element);
  const asInstant = cel.present(left.type).kind === "timestamp" || element.kind === "timestamp";
  return (frame) => {
    const value = sought(frame);
    const holder = right.run(frame);
    if (isList(holder)) {
      spend(frame, holder.length);
      return holder.some((item) =>
        equal(asInstant && typeof item === "string" ? canonicalInstant(item) : item, value, frame),
      );
    }
    if (isObject(holder) && typeof value === "string") return Object.hasOwn(holder, value);
    throw new Fault(`in needs a list or a map after it, found ${kindOf(holder)}`);
  };
}

function requireComparable(
  node: ASTNode,
  nodes: readonly [ASTNode, ASTNode],
  left: CelType,
  right: CelType,
): void {
  if (cel.canEqual(left, right)) return;
  const [a, b] = [textOf(nodes[0]), textOf(nodes[1])];
  if (left.kind === "null" || right.kind === "null") {
    const other = left.kind === "null" ? b : a;
    refuse(node, `${other} is never null; to ask whether it is there, write has(${other})`);
  }
  for (const [text, type] of [
    [a, left],
    [b, right],
  ] as const) {
    const known = cel.present(type);
    if (known.kind === "string" && known.values && known.values.length > 1)
      refuse(node, `${a} never equals ${b}: ${text} is one of ${known.values.join(", ")}`);
  }
  refuse(
    node,
    `${a} is ${cel.typeName(left)} and never equals ${b}, which is ${cel.typeName(right)}${instantHelp(left, right)}`,
  );
}

function requireMember(
  node: ASTNode,
  nodes: readonly [ASTNode, ASTNode],
  left: CelType,
  right: CelType,
): void {
  const holder = cel.present(right);
  if (holder.kind === "dyn") return;
  if (holder.kind === "list") {
    if (holder.of.kind === "sealed") refuseSealed(node, textOf(nodes[1]));
    return requireComparable(node, nodes, left, holder.of);
  }
  const { kind } = cel.present(left);
  if (holder.kind === "object" && (kind === "string" || kind === "dyn")) return;
  refuse(
    node,
    `in asks a list for a value or a map for a key; found ${cel.typeName(left)} in ${cel.typeName(right)}`,
  );
}

const ORDERED: ReadonlySet<Kind> = new Set(["double", "string", "timestamp", "duration"]);

function requireOrder(node: ASTNode, op: string, left: CelType, right: CelType): void {
  const [a, b] = [cel.present(left), cel.present(right)];
  const ordered = [a, b].every(({ kind }) => kind === "dyn" || ORDERED.has(kind));
  if (ordered && (a.kind === b.kind || a.kind === "dyn" || b.kind === "dyn")) return;
  refuse(
    node,
    `${op} doesn't take ${cel.typeName(left)} and ${cel.typeName(right)}${instantHelp(left, right)}`,
  );
}

function instantHelp(left: CelType, right: CelType): string {
  const kinds = new Set([cel.present(left).kind, cel.present(right).kind]);
  if (!kinds.has("string")) return "";
  if (kinds.has("timestamp"))
    return '; write timestamp(...), or say "format: date-time" in the schema';
  return kinds.has("duration") ? "; write duration(...)" : "";
}
