/** The tokens that stand where personal values stood, `sealed:` and 64 hex digits: how they get there, and what they open to. */

import { segmentsOf } from "../document/pointer.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";

const PREFIX = "sealed:";
const TOKEN = /sealed:[0-9a-f]{64}/g;
const TOKEN_CHARACTERS = PREFIX.length + 64;

/**
 * The value, with a token in place of each value that the pointers name; a pointer that leads nowhere is left out.
 * @param commitmentOf gives 64 hex digits for the value that stood at `pointer`
 * @throws {TypeError} when a pointer names the value itself
 */
export function withTokens(
  value: JsonObject,
  pointers: readonly string[],
  commitmentOf: (inner: Json, pointer: string) => string,
): JsonObject {
  let whole: Json = value;
  for (const pointer of pointers) {
    const token = (inner: Json): Json => `${PREFIX}${commitmentOf(inner, pointer)}`;
    whole = replaceAt(whole, segmentsOf(pointer), token);
  }
  if (!isJsonObject(whole)) throw new TypeError("expected pointers to fields of the value");
  return whole;
}

/**
 * Joins values back wherever a token stands, inside longer texts too: a text that is one token becomes its value, of
 * whatever type; within a longer text a value is written out. Tokens without a value (erased, withheld) stay.
 * @param values by commitment
 */
export function unseal(value: JsonObject, values: ReadonlyMap<string, Json>): JsonObject;
export function unseal(value: Json, values: ReadonlyMap<string, Json>): Json;
export function unseal(value: Json, values: ReadonlyMap<string, Json>): Json {
  if (values.size === 0) return value;
  return mapTexts(value, SHARED_DEPTH - 1, (text) => opened(text, values));
}

/** Whether the value is one token, and nothing beside it. */
export function isToken(value: Json | undefined): value is string {
  return (
    typeof value === "string" && value.length === TOKEN_CHARACTERS && tokensIn(value).length === 1
  );
}

/** By what they are found in: data is never changed in place, and from one step to the next most of it is the same. */
const known = new WeakMap<object, readonly string[]>();

/** The commitments of all tokens in a value, once each. */
export function commitmentsIn(value: Json): readonly string[] {
  const found = new Set<string>();
  collect(value, SHARED_DEPTH, found);
  return [...found];
}

/** Below that objects are remembered: what a step makes anew is the list of an order's data and its items', and each of them. */
const SHARED_DEPTH = 2;

function collect(value: Json, depth: number, found: Set<string>): void {
  if (typeof value === "string") {
    if (value.includes(PREFIX)) for (const each of tokensIn(value)) found.add(each);
  } else if (typeof value === "object" && value !== null) {
    if (depth > 0) for (const member of Object.values(value)) collect(member, depth - 1, found);
    else for (const each of tokensInside(value)) found.add(each);
  }
}

function tokensInside(value: JsonObject | readonly Json[]): readonly string[] {
  const before = known.get(value);
  if (before !== undefined) return before;
  const tokens = tokensIn(JSON.stringify(value));
  known.set(value, tokens);
  return tokens;
}

function tokensIn(text: string): readonly string[] {
  return Array.from(text.matchAll(TOKEN), ([token]) => token.slice(PREFIX.length));
}

function opened(text: string, values: ReadonlyMap<string, Json>): Json {
  if (!text.includes(PREFIX)) return text;
  if (text.length === TOKEN_CHARACTERS && text.startsWith(PREFIX)) {
    const value = values.get(text.slice(PREFIX.length));
    return value === undefined ? text : value;
  }
  return text.replace(TOKEN, (token) => {
    const value = values.get(token.slice(PREFIX.length));
    if (value === undefined) return token;
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

/** What holds no token is not made anew, and below that depth not looked at again. */
function mapTexts(value: Json, depth: number, map: (text: string) => Json): Json {
  if (typeof value === "string") return map(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0 && tokensInside(value).length === 0) return value;
  const below = Math.max(0, depth - 1);
  if (isJsonArray(value)) return value.map((element) => mapTexts(element, below, map));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, below, map)]),
  );
}

function replaceAt(
  value: Json,
  segments: readonly string[],
  replacement: (inner: Json) => Json,
): Json {
  const [key, ...rest] = segments;
  if (key === undefined) return replacement(value);
  if (Array.isArray(value)) {
    return value.map((element: Json, index) =>
      String(index) === key ? replaceAt(element, rest, replacement) : element,
    );
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === key ? replaceAt(member, rest, replacement) : member,
    ]),
  );
}
