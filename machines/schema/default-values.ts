/** Fills in a schema's defaults, in the schema's own order of keys: an order's data looks the same however it was sent. */

import { isJsonArray, isJsonObject } from "../json.ts";
import type { Json, JsonObject, JsonSchema } from "../json.ts";
import { subschemasOf, together } from "./subschemas.ts";

/**
 * Defaults hold for absent fields of objects that are there (or are a default themselves), at any depth, also in items of lists.
 * A default inside `anyOf`, `oneOf` or a condition is none: which one holds would depend on the value.
 */
export function defaultsOf(root: JsonSchema): (value: JsonObject) => JsonObject {
  if (!isJsonObject(root)) return (value) => value;
  return (value) => fillObject(root, [root], value);
}

function fill(root: JsonObject, about: readonly Json[], value: Json): Json {
  if (isJsonObject(value)) return fillObject(root, about, value);
  if (!isJsonArray(value)) return value;
  const schemas = together(root, about);
  return value.map((item: Json, index) => fill(root, itemSchemas(schemas, index), item));
}

function fillObject(root: JsonObject, about: readonly Json[], value: JsonObject): JsonObject {
  const schemas = together(root, about);
  const fields = new Map<string, readonly Json[]>();
  for (const schema of schemas) {
    const properties = schema["properties"];
    for (const [key, field] of Object.entries(isJsonObject(properties) ? properties : {}))
      fields.set(key, [...(fields.get(key) ?? []), field]);
  }
  const filled: [string, Json][] = [];
  for (const [key, field] of fields) {
    const given = Object.hasOwn(value, key) ? value[key] : defaultOf(root, field);
    if (given !== undefined) filled.push([key, fill(root, field, given)]);
  }
  for (const [key, given] of Object.entries(value))
    if (!fields.has(key)) filled.push([key, fill(root, restSchemas(schemas), given)]);
  return Object.fromEntries(filled);
}

function defaultOf(root: JsonObject, about: readonly Json[]): Json | undefined {
  const value = together(root, about).find((schema) => "default" in schema)?.["default"];
  return value === undefined ? undefined : structuredClone(value);
}

function itemSchemas(schemas: readonly JsonObject[], index: number): readonly Json[] {
  return schemas.flatMap((schema) => {
    const prefix = schema["prefixItems"];
    const own = isJsonArray(prefix) && index < prefix.length ? prefix[index] : schema["items"];
    return own === undefined ? [] : [own];
  });
}

function restSchemas(schemas: readonly JsonObject[]): readonly Json[] {
  return schemas.flatMap((schema) => {
    const rest = schema["additionalProperties"];
    return rest === undefined ? [] : [rest];
  });
}

/**
 * How many fields the defaults of an absent value can make at most; Infinity when a default needs itself.
 * Defaults inside defaults multiply: a short schema could ask for more than any memory holds.
 */
export function defaultFields(root: JsonObject, about: Json, open: readonly Json[] = []): number {
  const schemas = together(root, [about]);
  if (!schemas.some((schema) => "default" in schema)) return 0;
  if (open.includes(about) || open.length > MAX_NESTED_DEFAULTS) return Infinity;
  let count = 1;
  for (const schema of schemas)
    for (const sub of subschemasOf(schema))
      if (sub.role === "part" && count <= MAX_DEFAULT_FIELDS)
        count += defaultFields(root, sub.schema, [...open, about]);
  return count;
}

export const MAX_DEFAULT_FIELDS = 1000;
const MAX_NESTED_DEFAULTS = 16;
