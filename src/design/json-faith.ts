/** Finds what JSON text would lose of a value, so that nothing a step gives differs once it was stored and read again. */

import { pointerOf, type Path } from "../../machines/document/pointer.ts";

/**
 * JSON Pointer of the first member that does not survive `JSON.parse(JSON.stringify(value))` unchanged: undefined, NaN,
 * negative zero, a hole, a date, a bigint, a class's instance. Null when all of it survives.
 */
export function firstLoss(value: unknown): string | null {
  const path = lossIn(value);
  return path === null ? null : pointerOf(path);
}

/** The path is put together on the way back only: nearly every value is whole. */
function lossIn(value: unknown): Path | null {
  if (value === null || typeof value === "boolean" || typeof value === "string") return null;
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0) ? null : [];
  }
  if (typeof value !== "object" || "toJSON" in value) return [];
  if (Array.isArray(value)) {
    // By index, because holes are lost too.
    for (let index = 0; index < value.length; index += 1) {
      const loss = lossIn(value[index]);
      if (loss !== null) return [index, ...loss];
    }
    return null;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return [];
  for (const [key, member] of Object.entries(value)) {
    const loss = lossIn(member);
    if (loss !== null) return [key, ...loss];
  }
  return null;
}
