/** Personal data: which fields of a value are sealed, and what a schema accepts once they are. */

import { isJsonArray, isJsonObject } from "../json.ts";
import type { Json, JsonArray, JsonObject, JsonSchema } from "../json.ts";
import { matcherOf } from "./linear-pattern.ts";
import { childOf } from "../document/pointer.ts";
import { mapSubschemas, subschemasOf, together } from "./subschemas.ts";

/** A commitment: SHA-256 over a 32-byte salt and the canonical JSON of the value. */
const SEALED: JsonObject = { type: "string", pattern: "^sealed:[0-9a-f]{64}$" };

/** The schema for values whose personal fields were replaced by commitments. */
export function sealedSchema(schema: JsonSchema): JsonSchema {
  return typeof schema === "boolean" ? schema : seal(schema);
}

function seal(schema: JsonObject): JsonObject {
  if (schema["x-personal"] === true) return SEALED;
  return mapSubschemas(schema, (sub) => (isJsonObject(sub.schema) ? seal(sub.schema) : sub.schema));
}

/** Finds the personal fields of a value: JSON Pointers, outermost only, in the value's order. */
export function personalFields(root: JsonSchema): (value: JsonObject) => readonly string[] {
  if (!isJsonObject(root) || !holdsPersonal(root)) return () => [];
  return (value) => found(root, [root], value, "");
}

function holdsPersonal(schema: JsonObject): boolean {
  return (
    schema["x-personal"] === true ||
    subschemasOf(schema).some((sub) => isJsonObject(sub.schema) && holdsPersonal(sub.schema))
  );
}

function found(
  root: JsonObject,
  about: readonly Json[],
  value: Json | undefined,
  pointer: string,
): readonly string[] {
  const schemas = together(root, about);
  if (schemas.some((schema) => schema["x-personal"] === true)) return [pointer];
  const parts: readonly (readonly [string | number, Json])[] = isJsonArray(value)
    ? value.map((item: Json, index) => [index, item] as const)
    : isJsonObject(value)
      ? Object.entries(value)
      : [];
  return parts.flatMap(([key, part]) =>
    found(
      root,
      schemas.flatMap((schema) => partSchemas(schema, key)),
      part,
      childOf(pointer, key),
    ),
  );
}

function partSchemas(schema: JsonObject, key: string | number): readonly Json[] {
  if (typeof key === "number") {
    const prefix = listOf(schema["prefixItems"]);
    return [key < prefix.length ? prefix[key] : schema["items"]].filter((sub) => sub !== undefined);
  }
  const properties = mapOf(schema["properties"]);
  const named = Object.hasOwn(properties, key) ? properties[key] : undefined;
  const patterned = Object.entries(mapOf(schema["patternProperties"]))
    .filter(([pattern]) => matcherOf(pattern).test(key))
    .map(([, sub]) => sub);
  const matched = named === undefined ? patterned : [named, ...patterned];
  if (matched.length > 0) return matched;
  const rest = schema["additionalProperties"] ?? schema["unevaluatedProperties"];
  return rest === undefined ? [] : [rest];
}

function listOf(held: Json | undefined): JsonArray {
  return isJsonArray(held) ? held : [];
}

function mapOf(held: Json | undefined): JsonObject {
  return isJsonObject(held) ? held : {};
}
