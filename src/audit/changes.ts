/** What is another between two JSON values, place by place. */

import { childOf } from "../../machines/document/pointer.ts";
import { isJsonArray, isJsonObject, type Json } from "../../machines/json.ts";

/** Left out: there was nothing before, or there is nothing after. */
export interface Change {
  /** JSON Pointer. */
  readonly pointer: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** In the order of what was there before; what is new in an object comes after the rest of it. */
export function changesBetween(before: Json, after: Json, pointer = ""): readonly Change[] {
  if (before === after) return [];
  if (isJsonArray(before) && isJsonArray(after)) {
    const longer = before.length > after.length ? before : after;
    return longer.flatMap((_, index) =>
      memberChanges(before[index], after[index], childOf(pointer, index)),
    );
  }
  if (isJsonObject(before) && isJsonObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      memberChanges(
        Object.hasOwn(before, key) ? before[key] : undefined,
        Object.hasOwn(after, key) ? after[key] : undefined,
        childOf(pointer, key),
      ),
    );
  }
  return [{ pointer, before, after }];
}

function memberChanges(
  before: Json | undefined,
  after: Json | undefined,
  pointer: string,
): readonly Change[] {
  if (before !== undefined && after !== undefined) return changesBetween(before, after, pointer);
  if (before !== undefined) return [{ pointer, before }];
  return after === undefined ? [] : [{ pointer, after }];
}
