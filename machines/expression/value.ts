/** The values that expressions compute with: JSON, and durations. Instants are texts in one canonical form. */

import { isJsonObject } from "../json.ts";
import { formatInstant, isWithinBounds, parseInstant } from "../time/instant.ts";
import { Fault, spend } from "./frame.ts";
import type { Frame } from "./frame.ts";

export type Value =
  | null
  | boolean
  | number
  | string
  | FixedDuration
  | readonly Value[]
  | ValueObject;

export interface ValueObject {
  readonly [key: string]: Value;
}

/** A length of time in whole milliseconds; negative when it goes back. */
export class FixedDuration {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isObject(value: Value): value is ValueObject {
  return isJsonObject(value) && !(value instanceof FixedDuration);
}

export type ValueKind = "null" | "bool" | "double" | "string" | "duration" | "list" | "object";

export function kindOf(value: Value): ValueKind {
  if (value === null) return "null";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "double";
  if (typeof value === "string") return "string";
  if (isList(value)) return "list";
  return value instanceof FixedDuration ? "duration" : "object";
}

/** Equality by content, as CEL has it; values of different kinds are not equal. */
export function equal(a: Value, b: Value, frame: Frame): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  spend(frame, 1);
  if (a instanceof FixedDuration || b instanceof FixedDuration)
    return a instanceof FixedDuration && b instanceof FixedDuration && a.ms === b.ms;
  if (isList(a) || isList(b)) {
    if (!isList(a) || !isList(b) || a.length !== b.length) return false;
    spend(frame, a.length);
    return a.every((item, index) => equal(item, b[index] ?? null, frame));
  }
  const keys = Object.keys(a);
  spend(frame, keys.length);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key] ?? null, b[key] ?? null, frame))
  );
}

/** Negative, zero or positive; text by code point, as CEL compares. */
export function compare(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a === b ? 0 : compareText(a, b);
  if (a instanceof FixedDuration && b instanceof FixedDuration) return a.ms - b.ms;
  throw new Fault(`${kindOf(a)} can't be compared with ${kindOf(b)}`);
}

/** UTF-16 puts the surrogates, which write code points from U+10000 up, before U+E000 to U+FFFF. */
function compareText(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
  if (Number.isNaN(left)) return -1;
  if (Number.isNaN(right)) return 1;
  if (isSurrogate(left) === isSurrogate(right)) return left - right;
  return isSurrogate(left) ? 1 : -1;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** An instant in the form that all of them have, `2026-11-22T08:00:00.000Z`: compared as text they are in order. */
export function canonicalInstant(value: Value): string {
  if (typeof value !== "string") throw new Fault(`expected a timestamp, found ${kindOf(value)}`);
  return isCanonical(value) ? value : formatInstant(instantMs(value));
}

export function instantMs(value: Value): number {
  const ms = typeof value === "string" ? parseInstant(value) : null;
  if (ms !== null) return ms;
  throw new Fault(`expected a timestamp such as 2026-11-22T08:00:00Z, found ${quoted(value)}`);
}

export function instantAt(ms: number): string {
  if (isWithinBounds(ms)) return formatInstant(ms);
  throw new Fault("the timestamp is outside the years 1970 to 9999");
}

function isCanonical(text: string): boolean {
  return text.length === 24 && text.endsWith("Z") && text[19] === ".";
}

const MAX_QUOTED = 60;

/** What a failure may repeat of a value. */
export function quoted(value: Value): string {
  const text = typeof value === "object" && value !== null ? kindOf(value) : JSON.stringify(value);
  return text.length > MAX_QUOTED ? kindOf(value) : text;
}
