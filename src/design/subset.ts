/** Decides whether a JSON value has all that a pattern names: members of objects may be more, all else is equal. */

import { childOf } from "../../machines/document/pointer.ts";
import { isJsonObject, type Json } from "../../machines/json.ts";

export interface Lack {
  /** JSON Pointer into the value. */
  readonly pointer: string;
  readonly expected: Json;
  /** Undefined: there is nothing. */
  readonly found: Json | undefined;
}

/** The first place where `found` is not what `expected` names; null when it is, everywhere. */
export function firstLack(expected: Json, found: Json | undefined, pointer = ""): Lack | null {
  if (isJsonObject(expected)) {
    if (!isJsonObject(found)) return { pointer, expected, found };
    for (const [key, member] of Object.entries(expected)) {
      const inner = Object.hasOwn(found, key) ? found[key] : undefined;
      const lack = firstLack(member, inner, childOf(pointer, key));
      if (lack !== null) return lack;
    }
    return null;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(found) || found.length !== expected.length) {
      return { pointer, expected, found };
    }
    const patterns: readonly Json[] = expected;
    const elements: readonly Json[] = found;
    for (const [index, element] of patterns.entries()) {
      const lack = firstLack(element, elements[index], childOf(pointer, index));
      if (lack !== null) return lack;
    }
    return null;
  }
  return expected === found ? null : { pointer, expected, found };
}
