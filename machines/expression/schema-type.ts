/** What a JSON Schema lets an expression know about a value: the type that its fields are checked against. */

import { isJsonArray, isJsonObject } from "../json.ts";
import type { Json, JsonArray, JsonObject, JsonSchema } from "../json.ts";
import { referenced } from "../schema/subschemas.ts";
import * as cel from "./cel-type.ts";
import type { CelType, ObjectType } from "./cel-type.ts";

/**
 * Numbers and integers are doubles, as in JSON. A text in the format `date-time` is a timestamp. `x-personal` makes a value
 * opaque. A field that the schema doesn't require has its type too: reading it where it is absent fails at run time.
 */
export function typeOfSchema(root: JsonSchema): CelType {
  return typeOf(root, { root, known: new Map() });
}

interface Reading {
  readonly root: JsonSchema;
  /** Also cuts recursion: a schema inside itself is `dyn`. */
  readonly known: Map<JsonObject, CelType>;
}

function typeOf(schema: Json | undefined, reading: Reading): CelType {
  if (!isJsonObject(schema)) return cel.DYN;
  if (schema["x-personal"] === true) return cel.SEALED;
  const known = reading.known.get(schema);
  if (known !== undefined) return known;
  reading.known.set(schema, cel.DYN);
  const type = around(schema, reading).reduce(
    (sofar, more) => meet(sofar, more),
    ownType(schema, reading),
  );
  reading.known.set(schema, type);
  return type;
}

/** What the schemas that share this value say: those that always hold, and those that may. */
function around(schema: JsonObject, reading: Reading): readonly CelType[] {
  const dependent = schema["dependentSchemas"];
  const always = [
    referenced(reading.root, schema["$ref"]),
    ...listed(schema["allOf"]),
    schema["then"],
    schema["else"],
    ...(isJsonObject(dependent) ? Object.values(dependent) : []),
  ].map((sub) => typeOf(sub ?? undefined, reading));
  const choices = [schema["anyOf"], schema["oneOf"]]
    .map((members) => listed(members).map((member) => typeOf(member, reading)))
    .filter((types) => types.length > 0)
    .map((types) => types.reduce((a, b) => cel.join(a, b)));
  return [...always, ...choices];
}

function ownType(schema: JsonObject, reading: Reading): CelType {
  const values = "const" in schema ? [schema["const"]] : schema["enum"];
  if (isJsonArray(values) && values.length > 0)
    return values
      .map((value: Json | undefined) => typeOfValue(value))
      .reduce((a, b) => cel.join(a, b));
  const names = schema["type"] ?? impliedType(schema);
  const types = [names].flat().map((name) => typeNamed(name, schema, reading));
  return types.reduce((a, b) => cel.join(a, b), cel.NEVER);
}

function impliedType(schema: JsonObject): Json {
  if ("properties" in schema || "patternProperties" in schema) return "object";
  return "items" in schema || "prefixItems" in schema ? "array" : null;
}

function typeNamed(name: Json | undefined, schema: JsonObject, reading: Reading): CelType {
  switch (name) {
    case "null":
      return cel.NULL;
    case "boolean":
      return cel.BOOL;
    case "number":
    case "integer":
      return cel.DOUBLE;
    case "string":
      return schema["format"] === "date-time" ? cel.TIMESTAMP : cel.STRING;
    case "array":
      return cel.listOf(elementType(schema, reading));
    case "object":
      return objectType(schema, reading);
    default:
      return cel.DYN;
  }
}

function elementType(schema: JsonObject, reading: Reading): CelType {
  const items = schema["items"];
  const types = listed(schema["prefixItems"]).map((item) => typeOf(item, reading));
  if (items !== false) types.push(typeOf(items, reading));
  return types.reduce((a, b) => cel.join(a, b), cel.NEVER);
}

function objectType(schema: JsonObject, reading: Reading): ObjectType {
  const properties = schema["properties"];
  const patterns = schema["patternProperties"];
  const fields = isJsonObject(properties) ? Object.entries(properties) : [];
  const unnamed = [
    ...(isJsonObject(patterns) ? Object.values(patterns) : []),
    schema["additionalProperties"] ?? schema["unevaluatedProperties"] ?? false,
  ].filter((sub) => sub !== false);
  const rest = unnamed.map((sub) => typeOf(sub, reading));
  return {
    kind: "object",
    fields: new Map(fields.map(([name, field]) => [name, typeOf(field, reading)])),
    rest: rest.length > 0 ? rest.reduce((a, b) => cel.join(a, b)) : null,
  };
}

function typeOfValue(value: Json | undefined): CelType {
  if (value === null) return cel.NULL;
  if (typeof value === "boolean") return cel.BOOL;
  if (typeof value === "number") return cel.DOUBLE;
  if (typeof value === "string") return { kind: "string", values: [value] };
  return cel.DYN;
}

/** What both say about one value: fields of either, and of what both name the narrower. */
function meet(a: CelType, b: CelType): CelType {
  if (a.kind === "dyn" || b.kind === "sealed") return b;
  if (b.kind === "dyn" || a.kind === "sealed") return a;
  if (a.kind === "nullable" || b.kind === "nullable") {
    const inner = meet(cel.present(a), cel.present(b));
    return a.kind === b.kind ? cel.nullable(inner) : inner;
  }
  if (a.kind === "list" && b.kind === "list") return cel.listOf(meet(a.of, b.of));
  if (a.kind === "string" && b.kind === "string") return a.values ? a : b;
  if (a.kind !== "object" || b.kind !== "object") return b.kind === "timestamp" ? b : a;
  const fields = new Map(a.fields);
  for (const [name, type] of b.fields) {
    const other = fields.get(name);
    fields.set(name, other ? meet(other, type) : type);
  }
  return { kind: "object", fields, rest: a.rest ?? b.rest };
}

function listed(held: Json | undefined): JsonArray {
  return isJsonArray(held) ? held : [];
}
