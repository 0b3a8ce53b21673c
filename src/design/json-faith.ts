/** Finds what JSON text would lose of a value, so that nothing a step gives differs once it was stored and read again. */

import { childOf } from "../../machines/document/pointer.ts";

/**
 * JSON Pointer of the first member that does not survive `JSON.parse(JSON.stringify(value))` unchanged: undefined, NaN,
 * negative zero, a date, a bigint, a class's instance, another order of keys. Null when all of it survives.
 */
export function firstLoss(value: unknown, pointer = ""): string | null {
  if (value === null || typeof value === "boolean" || typeof value === "string") return null;
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0) ? null : pointer;
  }
  if (typeof value !== "object" || hasOwnText(value)) return pointer;
  if (Array.isArray(value)) {
    // An index, not `entries()` of the array's own: holes are lost too.
    for (let index = 0; index < value.length; index += 1) {
      const loss = firstLoss(value[index], childOf(pointer, index));
      if (loss !== null) return loss;
    }
    return null;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return pointer;
  for (const [key, member] of Object.entries(value)) {
    const loss = firstLoss(member, childOf(pointer, key));
    if (loss !== null) return loss;
  }
  return null;
}

function hasOwnText(value: object): boolean {
  return "toJSON" in value;
}
