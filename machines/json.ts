/** The JSON data model (RFC 8259): the only shapes that definitions, payloads, order data and history hold. */

export type JsonPrimitive = null | boolean | number | string;
export type JsonArray = readonly Json[];
export interface JsonObject {
  readonly [key: string]: Json;
}
export type Json = JsonPrimitive | JsonArray | JsonObject;

/** A JSON Schema (draft 2020-12) given as data. */
export type JsonSchema = boolean | JsonObject;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: unknown): value is JsonArray {
  return Array.isArray(value);
}

/** Of what `JSON.parse` gave, which gives nothing else. */
export function isJson(value: unknown): value is Json {
  return value === null || ["boolean", "number", "string", "object"].includes(typeof value);
}

/** The member of a map by a name that anybody may have written: never one of the prototype's, such as `constructor`. */
export function memberOf<Member>(
  map: { readonly [name: string]: Member } | undefined,
  name: string,
): Member | undefined {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}
