/** Which maps of a definition mean something by the order of their keys, and what that order is. */

import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { childOf } from "./pointer.ts";

/** A map's JSON Pointer, and its keys in document order. */
export type KeyOrder = readonly [pointer: string, keys: readonly string[]];

/**
 * The order of every significant map whose keys are not already as RFC 8785 sorts them, by pointer: `states` (document
 * order decides which parallel region is entered first and wins), `after`, the document's `items`, and the `properties`
 * of schemas (the order of a form's fields). Takes any object, well-formed or not.
 */
export function significantOrder(document: JsonObject): readonly KeyOrder[] {
  const found: KeyOrder[] = [];
  visitDocument(document, (pointer, map) => {
    const keys = Object.keys(map);
    // Without a comparator, `sort` compares UTF-16 code units, as RFC 8785 section 3.2.3 does.
    if (keys.join("\0") !== keys.toSorted().join("\0")) found.push([pointer, keys]);
  });
  return found.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

type Keep = (pointer: string, map: JsonObject) => void;
type Visit = (value: Json | undefined, pointer: string, keep: Keep) => void;

function visitDocument(document: JsonObject, keep: Keep): void {
  visitSchema(document["data"], "/data", keep);
  visitState(document["machine"], "/machine", keep);
  visitMembers(document["events"], "/events", keep, visitMember("payload", visitSchema));
  visitMembers(document["effects"], "/effects", keep, visitMember("payload", visitSchema));
  visitMembers(document["jobs"], "/jobs", keep, (job, pointer) => {
    visitMember("input", visitSchema)(job, pointer, keep);
    visitMember("output", visitSchema)(job, pointer, keep);
  });
  if (isJsonObject(document["items"])) keep("/items", document["items"]);
  visitMembers(document["items"], "/items", keep, (item, pointer) => {
    visitMember("data", visitSchema)(item, pointer, keep);
    visitMember("machine", visitState)(item, pointer, keep);
  });
}

function visitState(state: Json | undefined, pointer: string, keep: Keep): void {
  if (!isJsonObject(state)) return;
  if (isJsonObject(state["after"])) keep(childOf(pointer, "after"), state["after"]);
  if (isJsonObject(state["states"])) keep(childOf(pointer, "states"), state["states"]);
  visitMembers(state["states"], childOf(pointer, "states"), keep, visitState);
}

/** Where JSON Schema 2020-12 holds schemas; elsewhere (`default`, `const`, `enum`) an object is a value. */
const SCHEMA_MAPS = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];
const SCHEMA_LISTS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const SCHEMAS = [
  ...["items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"],
  ...["unevaluatedItems", "unevaluatedProperties"],
];

function visitSchema(schema: Json | undefined, pointer: string, keep: Keep): void {
  if (!isJsonObject(schema)) return;
  if (isJsonObject(schema["properties"])) {
    keep(childOf(pointer, "properties"), schema["properties"]);
  }
  for (const key of SCHEMAS) visitSchema(schema[key], childOf(pointer, key), keep);
  for (const key of SCHEMA_MAPS)
    visitMembers(schema[key], childOf(pointer, key), keep, visitSchema);
  for (const key of SCHEMA_LISTS) {
    const list = schema[key];
    if (!Array.isArray(list)) continue;
    list.forEach((inner: Json, index) => visitSchema(inner, childOf(pointer, key, index), keep));
  }
}

function visitMembers(map: Json | undefined, pointer: string, keep: Keep, visit: Visit): void {
  if (!isJsonObject(map)) return;
  for (const [key, member] of Object.entries(map)) visit(member, childOf(pointer, key), keep);
}

function visitMember(key: string, visit: Visit): Visit {
  return (holder, pointer, keep) => {
    if (isJsonObject(holder)) visit(holder[key], childOf(pointer, key), keep);
  };
}
