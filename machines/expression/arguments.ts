/** Takes arguments at the kinds that a function's signature promised; another kind is a fault, never a surprise. */

import { Fault } from "./frame.ts";
import { FixedDuration, isList, isObject, kindOf } from "./value.ts";
import type { Value, ValueObject } from "./value.ts";

export function textAt(args: readonly Value[], index: number): string {
  const value = args[index] ?? null;
  return typeof value === "string" ? value : mismatch("a text", value);
}

export function numberAt(args: readonly Value[], index: number): number {
  const value = args[index] ?? null;
  return typeof value === "number" ? value : mismatch("a number", value);
}

export function listAt(args: readonly Value[], index: number): readonly Value[] {
  const value = args[index] ?? null;
  return isList(value) ? value : mismatch("a list", value);
}

export function objectAt(args: readonly Value[], index: number): ValueObject {
  const value = args[index] ?? null;
  return isObject(value) ? value : mismatch("a map", value);
}

export function durationIn(value: Value): FixedDuration {
  return value instanceof FixedDuration ? value : mismatch("a duration", value);
}

function mismatch(expected: string, found: Value): never {
  throw new Fault(`expected ${expected}, found ${kindOf(found)}`);
}
