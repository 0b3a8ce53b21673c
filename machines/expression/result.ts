/** Turns what an expression computed into plain JSON that every reader gives back unchanged, or fails. */

import type { Json, JsonObject } from "../json.ts";
import { formatDuration } from "./duration-text.ts";
import { CHARACTERS_PER_STEP, Fault, OverBudget, spend } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { FixedDuration, isList } from "./value.ts";
import type { Value, ValueObject } from "./value.ts";

/** Levels of lists and maps in a result. */
const MAX_RESULT_DEPTH = 24;
/** Characters of all texts in a result together. */
const MAX_RESULT_TEXT = 500_000;

/** @throws {Fault | OverBudget} */
export function toJson(value: Value, frame: Frame): Json {
  return convert(value, { frame, characters: 0 }, 0);
}

interface Tally {
  readonly frame: Frame;
  characters: number;
}

function convert(value: Value, tally: Tally, depth: number): Json {
  switch (typeof value) {
    case "number":
      return exact(value);
    case "string":
      return counted(value, tally);
    case "boolean":
      return value;
    default:
      return value === null ? null : convertHolder(value, tally, depth);
  }
}

function convertHolder(value: Value & object, tally: Tally, depth: number): Json {
  if (value instanceof FixedDuration) return formatDuration(value);
  if (depth >= MAX_RESULT_DEPTH)
    throw new OverBudget(`its result is nested over ${MAX_RESULT_DEPTH} levels deep`);
  if (isList(value)) return convertList(value, tally, depth);
  return convertObject(value, tally, depth);
}

/** What is plain already stays the very same value: nobody changes one in place, and whoever keeps texts finds it again. */
function convertList(list: readonly Value[], tally: Tally, depth: number): Json {
  spend(tally.frame, 1 + list.length);
  const made = list.map((item) => convert(item, tally, depth + 1));
  return isPlainList(list, made) ? list : made;
}

function convertObject(object: ValueObject, tally: Tally, depth: number): Json {
  const keys = Object.keys(object);
  spend(tally.frame, 1 + keys.length);
  const made: { [key: string]: Json } = {};
  for (const key of keys)
    made[counted(key, tally)] = convert(object[key] ?? null, tally, depth + 1);
  return isPlainObject(object, made) ? object : made;
}

function isPlainList(list: readonly Value[], made: readonly Json[]): list is readonly Json[] {
  return made.every((item, index) => Object.is(item, list[index]));
}

function isPlainObject(object: ValueObject, made: JsonObject): object is JsonObject {
  const keys = Object.keys(made);
  return (
    keys.length === Object.keys(object).length &&
    keys.every((key) => Object.is(made[key], object[key]))
  );
}

/** -0 is 0 in JSON's canonical form (RFC 8785 section 3.2.2.3). */
function exact(number: number): number {
  if (Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number))
    return number === 0 ? 0 : number;
  throw new Fault(`its result holds ${number}, which JSON doesn't keep exactly`);
}

function counted(text: string, tally: Tally): string {
  tally.characters += text.length;
  spend(tally.frame, text.length / CHARACTERS_PER_STEP);
  if (tally.characters <= MAX_RESULT_TEXT) return text;
  throw new OverBudget(`its result holds over ${MAX_RESULT_TEXT} characters`);
}
