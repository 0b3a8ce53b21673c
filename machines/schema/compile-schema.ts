/** Compiles a JSON Schema (draft 2020-12) of a document: closed by default, judged whole, with a variant for sealed values. */

import type { Finding } from "../finding.ts";
import { isJsonObject } from "../json.ts";
import type { Json, JsonObject, JsonSchema } from "../json.ts";
import { closeSchema } from "./close-schema.ts";
import { defaultsOf } from "./default-values.ts";
import { judgeSchema } from "./judge-schema.ts";
import { personalFields, sealedSchema } from "./personal-fields.ts";
import { validatorOf } from "./validator.ts";

export interface ValidationError {
  /** JSON Pointer into the value; of the missing or unknown field itself where one is. */
  readonly pointer: string;
  /** What was expected and what was found; never a personal value. */
  readonly message: string;
}

/** All errors, at most 100; an empty list means valid. */
export type Validator = (value: Json) => readonly ValidationError[];

export interface PayloadSchemas {
  /** The schema in its closed form, `x-personal` marks kept. */
  readonly schema: JsonSchema;
  /** Judges a value as it was sent. */
  readonly raw: Validator;
  /** Judges a value whose personal fields are commitments (`sealed:` and 64 hex digits). */
  readonly sealed: Validator;
  /**
   * Judges, like `sealed`, one field of an object that was valid before; in the schema's order. Null when the fields
   * depend on one another, so that only the whole can be judged.
   */
  readonly sealedFields: ReadonlyMap<string, Validator> | null;
  /** JSON Pointers of the personal fields that the value has, outermost only, in the value's order. */
  readonly personal: (value: JsonObject) => readonly string[];
  /** The value with defaults filled in; keys in the schema's order, unknown ones last. Shares no default. */
  readonly withDefaults: (value: JsonObject) => JsonObject;
}

export interface CompiledSchema {
  /** null when a finding is an error. */
  readonly schemas: PayloadSchemas | null;
  readonly findings: readonly Finding[];
}

/**
 * @param schema absent: an object without fields
 * @param pointer of the schema in the document, which findings point into
 */
export function compilePayloadSchemas(
  schema: JsonSchema | undefined,
  pointer: string,
): CompiledSchema {
  const findings = judgeSchema(schema ?? EMPTY_OBJECT, pointer);
  if (findings.some((finding) => finding.severity === "error")) return { schemas: null, findings };
  return { schemas: payloadSchemasOf(schema), findings };
}

/** @param schema that was judged before, and found without errors */
export function payloadSchemasOf(schema: JsonSchema | undefined): PayloadSchemas {
  const closed = closeSchema(schema ?? EMPTY_OBJECT);
  const personal = personalFields(closed);
  return {
    schema: closed,
    raw: validatorOf(closed, (value, place) => isWithin(personal, value, place)),
    sealed: validatorOf(sealedSchema(closed), () => false),
    sealedFields: fieldValidators(sealedSchema(closed)),
    personal,
    withDefaults: defaultsOf(closed),
  };
}

/** Keywords that say nothing about several fields together. */
const INDEPENDENT: ReadonlySet<string> = new Set([
  ...["type", "properties", "required", "additionalProperties", "unevaluatedProperties"],
  ...["$defs", "$schema", "title", "description", "default", "examples"],
]);

function fieldValidators(schema: JsonSchema): ReadonlyMap<string, Validator> | null {
  if (!isJsonObject(schema)) return null;
  const { properties, $defs } = schema;
  if (!isJsonObject(properties)) return null;
  if (!Object.keys(schema).every((keyword) => INDEPENDENT.has(keyword))) return null;
  return new Map(
    Object.entries(properties).map(([field, own]) => {
      const alone = isJsonObject(own) && $defs !== undefined ? { ...own, $defs } : own;
      return [field, validatorOf(isSchema(alone) ? alone : true, () => false)];
    }),
  );
}

function isSchema(value: Json): value is JsonSchema {
  return typeof value === "boolean" || isJsonObject(value);
}

const EMPTY_OBJECT: JsonSchema = { type: "object", properties: {} };

function isWithin(personal: PayloadSchemas["personal"], value: Json, place: string): boolean {
  return (
    isJsonObject(value) &&
    personal(value).some((field) => place === field || place.startsWith(`${field}/`))
  );
}
