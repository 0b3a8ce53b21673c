/**
 * The JSON text of data that changes little: a member that is the very same as before keeps its text. Data is never
 * changed in place, so the same object has the same text.
 */

import type { Json, JsonObject } from "../../machines/json.ts";

const texts = new WeakMap<object, string>();
/** Shorter ones are made as fast as they are found. */
const WORTH_KEEPING = 256;

/** What `JSON.stringify` gives, character by character. */
export function jsonText(object: JsonObject): string {
  return joined(Object.entries(object), (_, member) => memberText(member));
}

/** The same of an object that is made anew each time around data that is not. */
export function jsonTextAround(object: {
  readonly data: JsonObject;
  readonly [member: string]: unknown;
}): string {
  return joined(Object.entries(object), (name, member) =>
    name === "data" ? jsonText(object.data) : JSON.stringify(member),
  );
}

function joined<Member>(
  members: readonly (readonly [string, Member])[],
  textOf: (name: string, member: Member) => string | undefined,
): string {
  let text = "";
  for (const [name, member] of members) {
    const own = textOf(name, member);
    if (own !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${own}`;
  }
  return `{${text}}`;
}

/** Undefined for what JSON leaves out. */
function memberText(member: Json): string | undefined {
  if (typeof member !== "object" || member === null) return JSON.stringify(member);
  const known = texts.get(member);
  if (known !== undefined) return known;
  const text = JSON.stringify(member);
  if (text.length >= WORTH_KEEPING) texts.set(member, text);
  return text;
}
