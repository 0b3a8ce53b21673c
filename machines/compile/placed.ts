/** One or many, as the document's short forms allow, each with its own pointer. */

import { childOf } from "../document/pointer.ts";

export function placed<T extends string | object>(
  value: T | readonly T[] | undefined,
  pointer: string,
): readonly (readonly [T, string])[] {
  if (value === undefined) return [];
  if (isList(value))
    return value.map((element, index) => [element, childOf(pointer, index)] as const);
  return [[value, pointer]];
}

function isList<T extends string | object>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
