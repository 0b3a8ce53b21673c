/** Refuses values that can never fit the schema of where they go: data fields, payloads, params, inputs of jobs. */

import * as cel from "../../expression/cel-type.ts";
import type { CelType } from "../../expression/cel-type.ts";
import { typeOfSchema } from "../../expression/schema-type.ts";
import { childOf } from "../../document/pointer.ts";
import type { Json, JsonObject, JsonSchema } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Reporter } from "../report.ts";
import { listed } from "../report.ts";
import type { Template } from "../template.ts";

/** What the value is for, in words: `the data field "score"`, `the payload of RATE`. */
export interface Destination {
  readonly name: string;
  readonly type: CelType;
}

/** The type that a schema gives, or one of its fields. */
export function typeOf(schema: JsonSchema | undefined, field?: string): CelType {
  const type = isJsonObject(schema) ? remembered(schema) : cel.DYN;
  if (field === undefined || type.kind !== "object") return field === undefined ? type : cel.DYN;
  return type.fields.get(field) ?? type.rest ?? cel.DYN;
}

const known = new WeakMap<JsonObject, CelType>();

function remembered(schema: JsonObject): CelType {
  const type = known.get(schema) ?? typeOfSchema(schema);
  known.set(schema, type);
  return type;
}

/** @param pointer of the value in the document */
export function checkFits(
  template: Template,
  { name, type }: Destination,
  pointer: string,
  reporter: Reporter,
): void {
  const expected = cel.present(type);
  if (template.resultType === null && expected.kind === "object") {
    const members = membersOf(template);
    if (members !== null) return checkMembers(members, { name, type: expected }, pointer, reporter);
  }
  if (template.resultType === null && expected.kind === "list") {
    const elements = elementsOf(template);
    if (elements !== null) {
      for (const [index, element] of elements.entries()) {
        const inner = { name: `an element of ${name}`, type: expected.of };
        checkFits(element, inner, childOf(pointer, index), reporter);
      }
      return;
    }
  }
  const found = typeOfTemplate(template);
  if (canBecome(found, type)) return;
  reporter.error(
    "value-type",
    pointer,
    `Expected ${described(type)} for ${name}, found ${described(found)}.`,
    expected.kind === "sealed"
      ? "A personal field can only be given another personal value, copied whole."
      : "Correct the value, or the schema of where it goes.",
  );
}

/** The object's required fields, of the outermost schema only: what it shares with others is judged when it runs. */
export function checkRequired(
  template: Template | null,
  name: string,
  schema: JsonSchema,
  pointer: string,
  reporter: Reporter,
): void {
  const required = isJsonObject(schema) ? schema["required"] : undefined;
  const members = template === null ? new Map<string, Template>() : membersOf(template);
  if (!Array.isArray(required) || members === null) return;
  const properties = isJsonObject(schema) ? schema["properties"] : undefined;
  for (const field of required) {
    if (typeof field !== "string" || members.has(field)) continue;
    const declared = isJsonObject(properties) ? properties[field] : undefined;
    if (isJsonObject(declared) && "default" in declared) continue;
    reporter.error(
      "value-missing",
      pointer,
      `Expected ${name} to hold "${field}", which its schema requires; found no such field.`,
      `Give it, or take "${field}" out of \`required\`.`,
    );
  }
}

function checkMembers(
  members: ReadonlyMap<string, Template>,
  { name, type }: { readonly name: string; readonly type: cel.ObjectType },
  pointer: string,
  reporter: Reporter,
): void {
  for (const [key, member] of members) {
    const field = type.fields.get(key) ?? type.rest;
    const at = childOf(pointer, key);
    if (field !== null) {
      checkFits(member, { name: `"${key}" of ${name}`, type: field }, at, reporter);
      continue;
    }
    reporter.error(
      "value-unknown-field",
      at,
      `Expected a field of ${name}, found "${key}".`,
      `The fields are ${listed(type.fields.keys())}.`,
    );
  }
}

/** Null where it is no object, or an expression that gives one. */
function membersOf({ parts, literal }: Template): ReadonlyMap<string, Template> | null {
  if (parts !== null) return parts instanceof Map ? parts : null;
  if (!isJsonObject(literal)) return null;
  return new Map(Object.entries(literal).map(([key, member]) => [key, ofLiteral(member)]));
}

function elementsOf({ parts, literal }: Template): readonly Template[] | null {
  if (parts !== null) return Array.isArray(parts) ? parts : null;
  return Array.isArray(literal) ? literal.map(ofLiteral) : null;
}

function ofLiteral(literal: Json): Template {
  return { evaluate: () => literal, literal, resultType: null, parts: null };
}

function typeOfTemplate(template: Template): CelType {
  if (template.resultType !== null) return template.resultType;
  const elements = elementsOf(template);
  if (elements !== null) return cel.listOf(elements.map(typeOfTemplate).reduce(joined, cel.NEVER));
  const members = membersOf(template);
  if (members !== null) {
    return cel.objectOf([...members].map(([key, member]) => [key, typeOfTemplate(member)]));
  }
  return template.literal === undefined ? cel.DYN : typeOfSchema({ const: template.literal });
}

function joined(a: CelType, b: CelType): CelType {
  return cel.join(a, b);
}

/** Whether a value of the type `found` can stand where `expected` is. What is not known, or may be null, is possible. */
function canBecome(found: CelType, expected: CelType): boolean {
  if ([found.kind, expected.kind].some((kind) => kind === "dyn" || kind === "never")) return true;
  if (found.kind === "null") return ["null", "nullable"].includes(expected.kind);
  const [from, to] = [cel.present(found), cel.present(expected)];
  if (to.kind === "sealed") return from.kind === "sealed";
  // A seal is a text; times become text in JSON, and a text may be one of a time.
  if (from.kind === "sealed") return to.kind === "string" && to.values === undefined;
  if (from.kind === "timestamp" || from.kind === "duration") {
    return to.kind === from.kind || to.kind === "string";
  }
  if (from.kind === "string" && (to.kind === "timestamp" || to.kind === "duration")) return true;
  if (from.kind === "list" && to.kind === "list") return canBecome(from.of, to.of);
  return cel.canEqual(from, to);
}

const NAMES: Readonly<Record<cel.Kind, string>> = {
  dyn: "any value",
  never: "nothing",
  null: "null",
  bool: "true or false",
  double: "a number",
  timestamp: "an instant",
  duration: "a duration",
  sealed: "a personal value",
  string: "a text",
  list: "a list",
  object: "an object",
  nullable: "null",
};

function described(type: CelType): string {
  if (type.kind === "nullable") return `${described(type.of)} or null`;
  if (type.kind === "list" && type.of.kind !== "dyn" && type.of.kind !== "never") {
    return `a list of which each is ${described(type.of)}`;
  }
  if (type.kind === "string" && type.values !== undefined) {
    const values = type.values.map((value) => JSON.stringify(value));
    return values.length === 1 ? `the text ${values.join("")}` : `one of ${listed(values)}`;
  }
  return NAMES[type.kind];
}
