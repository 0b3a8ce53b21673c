/** Arithmetic, comparison and membership. All numbers are doubles, as in JSON: `7 / 2` is 3.5 wherever the 7 comes from. */

import type { ASTNode, BinaryOperator } from "@marcbachmann/cel-js";
import { refuseSealed } from "./access.ts";
import * as cel from "./cel-type.ts";
import type { CelType, Kind } from "./cel-type.ts";
import { weightOf } from "./compiling.ts";
import type { Compiled, Compiling } from "./compiling.ts";
import { Fault, spend, spendText } from "./frame.ts";
import type { Frame, Run } from "./frame.ts";
import { refuse, textOf } from "./refusal.ts";
import {
  FixedDuration,
  canonicalInstant,
  compare,
  equal,
  instantAt,
  instantMs,
  isList,
  isObject,
  kindOf,
} from "./value.ts";
import type { Value } from "./value.ts";

export function compileBinary(
  node: ASTNode,
  op: BinaryOperator,
  nodes: readonly [ASTNode, ASTNode],
  at: Compiling,
): Compiled {
  const left = at.inner(nodes[0], at);
  const right = at.inner(nodes[1], at);
  for (const [index, { type }] of [left, right].entries())
    if (isSealed(type)) refuseSealed(node, textOf(nodes[index] ?? node));
  const weight = weightOf(left, right);
  switch (op) {
    case "==":
    case "!=":
      requireComparable(node, nodes, left.type, right.type);
      return { type: cel.BOOL, run: equality(op === "==", left, right), weight };
    case "in":
      requireMember(node, nodes, left.type, right.type);
      return { type: cel.BOOL, run: membership(left, right), weight };
    case "<":
    case "<=":
    case ">":
    case ">=":
      requireOrder(node, op, left.type, right.type);
      return { type: cel.BOOL, run: ordering(op, left, right), weight };
    default:
      return {
        type: arithmeticType(node, op, left.type, right.type),
        run: arithmetic(op, left.run, right.run),
        weight,
      };
  }
}

export function compileMinus(node: ASTNode, of: ASTNode, at: Compiling): Compiled {
  const operand = at.inner(of, at);
  const type = cel.present(operand.type);
  if (isSealed(type)) refuseSealed(node, textOf(of));
  if (!["double", "duration", "dyn"].includes(type.kind))
    refuse(node, `- takes a number or a duration; ${textOf(of)} is ${cel.typeName(operand.type)}`);
  return {
    type,
    run: (frame) => {
      const value = operand.run(frame);
      if (typeof value === "number") return -value;
      if (value instanceof FixedDuration) return new FixedDuration(-value.ms);
      throw new Fault(`- takes a number or a duration, found ${kindOf(value)}`);
    },
    weight: weightOf(operand),
  };
}

type Arithmetic = "+" | "-" | "*" | "/" | "%";

/** What two kinds give; `list` is joined by its elements. */
const SUMS: { readonly [op in Arithmetic]: readonly (readonly [Kind, Kind, CelType])[] } = {
  "+": [
    ["double", "double", cel.DOUBLE],
    ["string", "string", cel.STRING],
    ["timestamp", "duration", cel.TIMESTAMP],
    ["duration", "timestamp", cel.TIMESTAMP],
    ["duration", "duration", cel.DURATION],
    ["list", "list", cel.listOf(cel.DYN)],
  ],
  "-": [
    ["double", "double", cel.DOUBLE],
    ["timestamp", "timestamp", cel.DURATION],
    ["timestamp", "duration", cel.TIMESTAMP],
    ["duration", "duration", cel.DURATION],
  ],
  "*": [["double", "double", cel.DOUBLE]],
  "/": [["double", "double", cel.DOUBLE]],
  "%": [["double", "double", cel.DOUBLE]],
};

function arithmeticType(node: ASTNode, op: Arithmetic, left: CelType, right: CelType): CelType {
  const [a, b] = [cel.present(left), cel.present(right)];
  if (op === "+" && a.kind === "list" && b.kind === "list") return cel.join(a, b);
  const possible = SUMS[op].filter(([x, y]) => fits(x, a) && fits(y, b)).map(([, , type]) => type);
  if (possible.length > 0) return possible.reduce((x, y) => cel.join(x, y));
  const mixed = op === "+" && (a.kind === "string" || b.kind === "string");
  const help = mixed ? "; string(...) makes a text" : "";
  return refuse(node, `${op} doesn't take ${cel.typeName(left)} and ${cel.typeName(right)}${help}`);
}

function fits(kind: Kind, type: CelType): boolean {
  return type.kind === "dyn" || type.kind === kind;
}

function arithmetic(op: Arithmetic, left: Run, right: Run): Run {
  if (op === "+") return (frame) => add(left(frame), right(frame), frame);
  if (op === "-") return (frame) => subtract(left(frame), right(frame));
  return (frame) => {
    const [a, b] = [left(frame), right(frame)];
    if (typeof a !== "number" || typeof b !== "number") throw mismatch(op, a, b);
    if (op !== "*" && b === 0) throw new Fault("a number is divided by zero");
    return finite(op === "*" ? a * b : op === "/" ? a / b : a % b);
  };
}

function add(a: Value, b: Value, frame: Frame): Value {
  if (typeof a === "number" && typeof b === "number") return finite(a + b);
  if (typeof a === "string" && typeof b === "string") {
    spendText(frame, a.length + b.length);
    return a + b;
  }
  if (isList(a) && isList(b)) {
    spend(frame, a.length + b.length);
    return [...a, ...b];
  }
  if (b instanceof FixedDuration) {
    if (a instanceof FixedDuration) return new FixedDuration(finite(a.ms + b.ms));
    if (typeof a === "string") return instantAt(instantMs(a) + b.ms);
  }
  if (a instanceof FixedDuration && typeof b === "string") return instantAt(instantMs(b) + a.ms);
  throw mismatch("+", a, b);
}

function subtract(a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") return finite(a - b);
  if (typeof a === "string" && typeof b === "string")
    return new FixedDuration(instantMs(a) - instantMs(b));
  if (b instanceof FixedDuration) {
    if (typeof a === "string") return instantAt(instantMs(a) - b.ms);
    if (a instanceof FixedDuration) return new FixedDuration(finite(a.ms - b.ms));
  }
  throw mismatch("-", a, b);
}

function finite(number: number): number {
  if (Number.isFinite(number)) return number;
  throw new Fault("a number grows beyond what JSON can hold");
}

function mismatch(op: string, a: Value, b: Value): Fault {
  return new Fault(`${op} doesn't take ${kindOf(a)} and ${kindOf(b)}`);
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
    if (isSealed(holder.of)) refuseSealed(node, textOf(nodes[1]));
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

function isSealed(type: CelType): boolean {
  return type.kind === "sealed";
}
