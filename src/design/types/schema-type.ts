/** Writes a JSON Schema (draft 2020-12) as a TypeScript type: what the type allows is never narrower than the schema. */

import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../../machines/json.ts";
import { docComment } from "./doc-comment.ts";

export interface SchemaTypeOptions {
  /** The type's name for what a `$ref` points at. */
  readonly named: (ref: string) => string;
  /** Whether defaults are filled in already: a property with one is then always there. */
  readonly defaultsFilled: boolean;
  /** Whether arrays may be written to: some libraries of types know no others. */
  readonly mutableArrays: boolean;
}

/** @param indent blanks before the line that the type begins on */
export function schemaType(
  schema: Json | undefined,
  options: SchemaTypeOptions,
  indent = 0,
): string {
  return written(schema, options, indent).text;
}

/** `compound`: an operator beside it would take it apart. */
interface Written {
  readonly text: string;
  readonly compound: boolean;
}

const atom = (text: string): Written => ({ text, compound: false });
const compound = (text: string): Written => ({ text, compound: true });
const UNKNOWN = atom("unknown");

function written(schema: Json | undefined, options: SchemaTypeOptions, indent: number): Written {
  if (schema === false) return atom("never");
  if (!isJsonObject(schema)) return UNKNOWN;
  const parts = [...own(schema, options, indent), ...combined(schema, options, indent)];
  const [only = UNKNOWN, ...others] = parts;
  return others.length === 0 ? only : compound(parts.map(grouped).join(" & "));
}

/** What the schema's own keywords say; none: nothing. */
function own(schema: JsonObject, options: SchemaTypeOptions, indent: number): readonly Written[] {
  const { $ref, const: constant, enum: values } = schema;
  const referred = typeof $ref === "string" ? [atom(options.named($ref))] : [];
  if (constant !== undefined) return [...referred, literal(constant)];
  if (isJsonArray(values)) return [...referred, union(values.map(literal))];
  const kinds = kindsOf(schema);
  if (kinds.length === 0) return referred;
  return [...referred, union(kinds.map((kind) => ofKind(kind, schema, options, indent)))];
}

function combined(
  schema: JsonObject,
  options: SchemaTypeOptions,
  indent: number,
): readonly Written[] {
  const { anyOf, oneOf, allOf } = schema;
  const typed = (each: Json) => written(each, options, indent);
  const parts = isJsonArray(allOf) ? allOf.map(typed) : [];
  for (const choices of [anyOf, oneOf]) {
    if (isJsonArray(choices)) parts.push(union(choices.map(typed)));
  }
  return parts.filter(({ text }) => text !== UNKNOWN.text);
}

function kindsOf(schema: JsonObject): readonly string[] {
  const { type, properties, items, prefixItems } = schema;
  if (typeof type === "string") return [type];
  if (isJsonArray(type)) return type.map(String);
  if (properties !== undefined || schema["additionalProperties"] !== undefined) return ["object"];
  return items !== undefined || prefixItems !== undefined ? ["array"] : [];
}

function ofKind(
  kind: string,
  schema: JsonObject,
  options: SchemaTypeOptions,
  indent: number,
): Written {
  switch (kind) {
    case "object":
      return objectType(schema, options, indent);
    case "array":
      return arrayType(schema, options, indent);
    case "integer":
      return atom("number");
    case "string":
    case "number":
    case "boolean":
    case "null":
      return atom(kind);
    default:
      return UNKNOWN;
  }
}

function arrayType(schema: JsonObject, options: SchemaTypeOptions, indent: number): Written {
  const { items, prefixItems, minItems } = schema;
  const rest = written(items ?? true, options, indent);
  const mark = options.mutableArrays ? "" : "readonly ";
  if (!isJsonArray(prefixItems)) return compound(`${mark}${grouped(rest)}[]`);
  const required = typeof minItems === "number" ? minItems : 0;
  const members = prefixItems.map((each, index) => {
    const optional = index < required ? "" : "?";
    return `${grouped(written(each, options, indent))}${optional}`;
  });
  if (items !== false) members.push(`...${grouped(rest)}[]`);
  return compound(`${mark}[${members.join(", ")}]`);
}

function objectType(schema: JsonObject, options: SchemaTypeOptions, indent: number): Written {
  const { properties } = schema;
  const fields = isJsonObject(properties) ? Object.entries(properties) : [];
  const inner = " ".repeat(indent + 2);
  const lines = fields.flatMap(([name, field]) => {
    const mark = isAlwaysThere(name, field, schema, options) ? "" : "?";
    const { text } = written(field, options, indent + 2);
    return [
      ...docComment(remarks(field), indent + 2),
      `${inner}readonly ${propertyName(name)}${mark}: ${text};`,
    ];
  });
  const extra = extraOf(schema, fields.length === 0);
  const open = extra === false ? null : written(extra, options, indent + 2).text;
  if (lines.length === 0) {
    if (schema["unevaluatedProperties"] === false) return atom("object");
    return atom(`{ readonly [key: string]: ${open ?? "never"} }`);
  }
  const closed = `{\n${lines.join("\n")}\n${" ".repeat(indent)}}`;
  // An index signature beside properties would have to fit them all.
  return open === null ? atom(closed) : compound(`${closed} & { readonly [key: string]: unknown }`);
}

/** Keywords beside `properties` that may name further ones, which no type of ours reads. */
const NAMING = ["patternProperties", "if", "then", "else", "dependentSchemas", "not"];

/** The schema of what stands under other names; false: nothing does. */
function extraOf(schema: JsonObject, isEmpty: boolean): Json {
  const said = schema["additionalProperties"] ?? schema["unevaluatedProperties"] ?? isEmpty;
  return said === false && NAMING.some((keyword) => keyword in schema) ? true : said;
}

function isAlwaysThere(
  name: string,
  field: Json,
  { required }: JsonObject,
  { defaultsFilled }: SchemaTypeOptions,
): boolean {
  if (isJsonArray(required) && required.includes(name)) return true;
  return defaultsFilled && isJsonObject(field) && field["default"] !== undefined;
}

/** JSON Schema validation 6.2 to 6.4. */
const BOUNDS = [
  ["minimum", "At least #."],
  ["exclusiveMinimum", "More than #."],
  ["maximum", "At most #."],
  ["exclusiveMaximum", "Less than #."],
  ["minLength", "At least # characters."],
  ["maxLength", "At most # characters."],
  ["minItems", "At least # members."],
  ["maxItems", "At most # members."],
] as const;

/** What a type can't say about the values. */
function remarks(field: Json): readonly string[] {
  if (!isJsonObject(field)) return [];
  const { description, format, pattern } = field;
  return [
    ...(typeof description === "string" ? [description] : []),
    ...(typeof format === "string" ? [`Format: ${format}.`] : []),
    ...(typeof pattern === "string" ? [`Pattern: \`${pattern}\`.`] : []),
    ...BOUNDS.flatMap(([keyword, words]) => {
      const bound = field[keyword];
      return typeof bound === "number" ? [words.replace("#", String(bound))] : [];
    }),
    ...(field["x-personal"] === true ? ["Personal: sealed in the history."] : []),
  ];
}

export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function literal(value: Json): Written {
  if (isJsonArray(value)) {
    return compound(`readonly [${value.map((each) => literal(each).text).join(", ")}]`);
  }
  if (!isJsonObject(value)) return atom(JSON.stringify(value));
  const members = Object.entries(value).map(
    ([name, member]) => `readonly ${propertyName(name)}: ${literal(member).text}`,
  );
  return atom(`{ ${members.join("; ")} }`);
}

function union(types: readonly Written[]): Written {
  const distinct = [...new Map(types.map((type) => [type.text, type])).values()];
  const [only = atom("never"), ...others] = distinct;
  return others.length === 0 ? only : compound(distinct.map(grouped).join(" | "));
}

function grouped({ text, compound }: Written): string {
  return compound ? `(${text})` : text;
}
