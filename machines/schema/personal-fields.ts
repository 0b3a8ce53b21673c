/** Personal data: which fields of a value are sealed, and what a schema accepts once they are. */

import { isJsonArray, isJsonObject } from "../json.ts";
import type { Json, JsonArray, JsonObject, JsonSchema } from "../json.ts";
import { matcherOf, SEALED_PATTERN } from "./linear-pattern.ts";
import { childOf } from "../document/pointer.ts";
import { mapSubschemas, referenced, subschemasOf, together } from "./subschemas.ts";

/** A commitment: SHA-256 over a 32-byte salt and the canonical JSON of the value. */
const SEALED: JsonObject = { type: "string", pattern: SEALED_PATTERN };

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
  const places = placesOf(root);
  return (value) => {
    const pointers: string[] = [];
    find(places, places([root]), value, "", pointers);
    return pointers;
  };
}

function holdsPersonal(schema: JsonObject): boolean {
  return (
    schema["x-personal"] === true ||
    subschemasOf(schema).some((sub) => isJsonObject(sub.schema) && holdsPersonal(sub.schema))
  );
}

/** What the schemas of a part of a value say about it. */
interface Place {
  readonly schemas: readonly JsonObject[];
  readonly isPersonal: boolean;
  /** Whether a personal field can be found in it at all. */
  readonly mayHold: boolean;
  /** Of the fields that a schema names, those that were looked at. */
  readonly fields: Map<string, Place>;
}

type Places = (about: readonly Json[]) => Place;

/** Nearly every part has one schema that is about it, so its place is made once; a document has no end of others. */
function placesOf(root: JsonObject): Places {
  const known = new Map<Json, Place>();
  const make = (about: readonly Json[]): Place => {
    const schemas = together(root, about);
    const isPersonal = schemas.some((schema) => schema["x-personal"] === true);
    const mayHold = schemas.some((schema) => reachesPersonal(root, schema, new Set()));
    return { schemas, isPersonal, mayHold, fields: new Map() };
  };
  return (about) => {
    const [only] = about;
    if (about.length !== 1 || only === undefined) return make(about);
    const place = known.get(only) ?? make(about);
    known.set(only, place);
    return place;
  };
}

function reachesPersonal(root: JsonObject, schema: JsonObject, seen: Set<JsonObject>): boolean {
  if (seen.has(schema)) return false;
  seen.add(schema);
  if (schema["x-personal"] === true) return true;
  const inside = subschemasOf(schema).filter(({ role }) => role !== "definition");
  return [referenced(root, schema["$ref"]), ...inside.map((sub) => sub.schema)].some(
    (next) => isJsonObject(next) && reachesPersonal(root, next, seen),
  );
}

function find(
  places: Places,
  { schemas, isPersonal, mayHold, fields }: Place,
  value: Json | undefined,
  pointer: string,
  into: string[],
): void {
  if (isPersonal) {
    into.push(pointer);
    return;
  }
  if (!mayHold) return;
  const placeOf = (key: string | number): Place =>
    places(schemas.flatMap((schema) => partSchemas(schema, key)));
  if (isJsonArray(value)) {
    for (const [index, item] of value.entries()) {
      find(places, placeOf(index), item, `${pointer}/${index}`, into);
    }
  } else if (isJsonObject(value)) {
    for (const key of Object.keys(value)) {
      const known = fields.get(key);
      const place = known ?? placeOf(key);
      if (known === undefined && isNamed(schemas, key)) fields.set(key, place);
      if (place.isPersonal || place.mayHold) {
        find(places, place, value[key], childOf(pointer, key), into);
      }
    }
  }
}

/** Values may hold any number of other names. */
function isNamed(schemas: readonly JsonObject[], key: string): boolean {
  return schemas.some((schema) => Object.hasOwn(mapOf(schema["properties"]), key));
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
