/** Sums of numbers, texts, lists and times. All numbers are doubles, as in JSON: `7 / 2` is 3.5 wherever the 7 comes from. */

import type { ASTNode } from "@marcbachmann/cel-js";
import * as cel from "./cel-type.ts";
import type { CelType, Kind } from "./cel-type.ts";
import { weightOf } from "./compiling.ts";
import type { Compiled } from "./compiling.ts";
import { Fault, spend, spendText } from "./frame.ts";
import type { Frame, Run } from "./frame.ts";
import { refuse, textOf } from "./refusal.ts";
import { FixedDuration, instantAt, instantMs, isList, kindOf } from "./value.ts";
import type { Value } from "./value.ts";

export type Arithmetic = "+" | "-" | "*" | "/" | "%";

export function compileArithmetic(
  node: ASTNode,
  op: Arithmetic,
  left: Compiled,
  right: Compiled,
): Compiled {
  return {
    type: arithmeticType(node, op, left.type, right.type),
    run: arithmetic(op, left.run, right.run),
    weight: weightOf(left, right),
  };
}

export function compileNegation(node: ASTNode, of: ASTNode, operand: Compiled): Compiled {
  const type = cel.present(operand.type);
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
