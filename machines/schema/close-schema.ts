/** Closes a schema: an object takes the fields that its schema names and no other, unless the schema says otherwise. */

import { isJsonObject } from "../json.ts";
import type { Json, JsonObject, JsonSchema } from "../json.ts";
import { mapSubschemas, referenced, subschemasOf } from "./subschemas.ts";

/**
 * Objects are closed where they stand as a part of the value, never inside a condition (`if`, `not`, `contains`), whose
 * meaning that would change. Where fields can be named by `allOf`, `$ref` and the like, `unevaluatedProperties` counts them all.
 */
export function closeSchema(schema: JsonSchema): JsonSchema {
  return typeof schema === "boolean" ? schema : closePart(schema, schema);
}

function closePart(schema: JsonObject, root: JsonObject): JsonObject {
  const inner = closeInside(schema, root, new Set());
  if (saysItself(schema) || !isObjectSchema(schema, root)) return inner;
  const namesElsewhere =
    "$ref" in schema || subschemasOf(schema).some((sub) => sub.role === "same");
  return { ...inner, [namesElsewhere ? "unevaluatedProperties" : "additionalProperties"]: false };
}

/**
 * Closes the parts, not the schema itself: it shares its value with a schema around it, or is referred to by some.
 * A field of `named` is closed by the schema around; here it is only refined.
 */
function closeInside(schema: JsonObject, root: JsonObject, named: ReadonlySet<string>): JsonObject {
  const properties = schema["properties"];
  const known = isJsonObject(properties) ? new Set([...named, ...Object.keys(properties)]) : named;
  return mapSubschemas(schema, ({ keyword, key, role, schema: sub }): Json => {
    if (!isJsonObject(sub) || role === "test") return sub;
    if (role === "definition") return closeInside(sub, root, new Set());
    if (role === "same") return closeInside(sub, root, known);
    const refines = keyword === "properties" && key !== null && named.has(key);
    return refines ? sub : closePart(sub, root);
  });
}

function saysItself(schema: JsonObject): boolean {
  return ["additionalProperties", "unevaluatedProperties", "const", "enum"].some(
    (keyword) => keyword in schema,
  );
}

function isObjectSchema(
  schema: Json,
  root: JsonObject,
  seen: ReadonlySet<Json> = new Set(),
): boolean {
  if (!isJsonObject(schema) || seen.has(schema)) return false;
  const type = schema["type"];
  if (type !== undefined)
    return type === "object" || (Array.isArray(type) && type.includes("object"));
  if ("properties" in schema || "patternProperties" in schema) return true;
  const around = new Set([...seen, schema]);
  return (
    isObjectSchema(referenced(root, schema["$ref"]), root, around) ||
    subschemasOf(schema).some(
      (sub) => sub.role === "same" && isObjectSchema(sub.schema, root, around),
    )
  );
}
