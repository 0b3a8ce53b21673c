/** Which fields of a value an export tells: those that a schema declares as plain values, and never a personal one. */

import { resolve } from "../../../machines/document/pointer.ts";
import { isJsonArray, isJsonObject, memberOf } from "../../../machines/json.ts";
import type { Json, JsonObject, JsonSchema } from "../../../machines/json.ts";
import { commitmentsIn } from "../../../machines/schema/tokens.ts";
import { formatInstant, parseInstant } from "../../../machines/time/instant.ts";

/** Of OCEL 2.0; XES has the same five under other names. */
export type AttributeType = "string" | "time" | "integer" | "float" | "boolean";

export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly value: string | number | boolean;
}

/** A declared field; its name is its path, dots between the fields on the way. */
export interface Declared {
  readonly path: readonly string[];
  readonly type: AttributeType;
}

/** By name, in the schema's order. */
export type Attributes = ReadonlyMap<string, Declared>;

/** What lies deeper is no attribute of an event any more. */
const MAX_DEPTH = 4;

/**
 * Only what `properties` name, directly or through a `$ref`: what a schema merely lets pass, and what it holds under
 * conditions, is not told, so that nobody has to find out whether it is personal.
 */
export function attributesOf(root: JsonSchema | undefined): Attributes {
  const found = new Map<string, Declared>();
  if (root !== undefined) collect(root, root, [], found);
  return found;
}

function collect(
  root: JsonSchema,
  given: Json,
  path: readonly string[],
  found: Map<string, Declared>,
): void {
  const schema = referenced(root, given);
  if (schema === null || path.length > MAX_DEPTH) return;
  const { properties } = schema;
  if (isJsonObject(properties)) {
    for (const [field, inner] of Object.entries(properties)) {
      collect(root, inner, [...path, field], found);
    }
    return;
  }
  const type = typeIn(schema);
  const name = path.join(".");
  if (type !== null && name !== "" && !found.has(name)) found.set(name, { path, type });
}

/** Null where a person's data begin, and where a reference goes round in a circle. */
function referenced(root: JsonSchema, given: Json): JsonObject | null {
  let schema = given;
  for (let hops = 0; hops < MAX_DEPTH; hops += 1) {
    if (!isJsonObject(schema) || schema["x-personal"] === true) return null;
    const { $ref } = schema;
    if (typeof $ref !== "string") return schema;
    if (!$ref.startsWith("#") || !isJsonObject(root)) return null;
    schema = resolve(root, decodeURIComponent($ref.slice(1))) ?? null;
  }
  return null;
}

function typeIn({ type, format, const: only, enum: choices }: JsonObject): AttributeType | null {
  const types = (isJsonArray(type) ? type : [type]).filter((each) => each !== "null");
  if (types.length > 1) return null;
  switch (types[0]) {
    case "string":
      return format === "date-time" ? "time" : "string";
    case "integer":
      return "integer";
    case "number":
      return "float";
    case "boolean":
      return "boolean";
    case undefined: {
      const values = isJsonArray(choices) ? choices : [only];
      return values.every((value) => typeof value === "string") ? "string" : null;
    }
    default:
      return null;
  }
}

/** Those of the declared that the value has. A sealed one is left out, whatever its schema said of it. */
export function attributesIn(declared: Attributes, value: Json): readonly Attribute[] {
  const attributes: Attribute[] = [];
  for (const [name, { path, type }] of declared) {
    const plain = plainAs(type, at(value, path));
    if (plain !== null) attributes.push({ name, type, value: plain });
  }
  return attributes;
}

function at(value: Json, path: readonly string[]): Json | undefined {
  let inner: Json | undefined = value;
  for (const field of path) {
    if (!isJsonObject(inner)) return undefined;
    inner = memberOf(inner, field);
  }
  return inner;
}

function plainAs(type: AttributeType, value: Json | undefined): Attribute["value"] | null {
  switch (typeof value) {
    case "string":
      if (commitmentsIn(value).length > 0) return null;
      return type === "time" ? instantIn(value) : value;
    case "number":
    case "boolean":
      return value;
    default:
      return null;
  }
}

/** In one way of writing, whatever offset it came with; one that is no instant here is told as it is. */
function instantIn(text: string): string {
  const ms = parseInstant(text);
  return ms === null ? text : formatInstant(ms);
}

/** The narrowest type that holds both: versions of a process need not agree on a field. */
export function widened(one: AttributeType, other: AttributeType): AttributeType {
  if (one === other) return one;
  const isNumber = [one, other].every((type) => type === "integer" || type === "float");
  return isNumber ? "float" : "string";
}
