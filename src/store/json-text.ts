/** Reads back the JSON text that the store itself wrote. */

import { isJson, isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";

export function parseJson(text: string): Json {
  const value: unknown = JSON.parse(text);
  if (!isJson(value)) throw new Error(`expected JSON text, found ${text}`);
  return value;
}

/** @throws when the text is no object: somebody else wrote it */
export function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw new Error(`expected the text of a JSON object, found ${text}`);
  return value;
}
