/** Compiles a JSON Schema (draft 2020-12) of a document: closed by default, judged whole, with a variant for sealed values. */

import type { Finding } from "../finding.ts";
import type { Json, JsonObject, JsonSchema } from "../json.ts";

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
