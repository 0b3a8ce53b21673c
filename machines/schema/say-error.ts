/** Puts a validator's finding into words for whoever sent the value: what was expected, what was found, at which place. */

import type { ErrorObject } from "ajv/dist/2020.js";
import { isJsonObject } from "../json.ts";
import type { ValidationError } from "./compile-schema.ts";
import { MAX_MATCHED_CHARACTERS } from "./linear-pattern.ts";
import { childOf } from "../document/pointer.ts";

/**
 * @param mayQuote whether the value at a pointer may be repeated
 * @returns nothing for errors that only sum up others
 */
export function sayError(
  error: ErrorObject,
  mayQuote: (pointer: string) => boolean,
): readonly ValidationError[] {
  const at = error.instancePath;
  if (error.keyword === "if") return [];
  const missing = text(error.params["missingProperty"]);
  if (missing !== null && error.keyword === "required")
    return [
      { pointer: childOf(at, missing), message: `expected a field "${missing}", found none` },
    ];
  const unknown =
    text(error.params["additionalProperty"]) ?? text(error.params["unevaluatedProperty"]);
  if (unknown !== null) return [{ pointer: childOf(at, unknown), message: sayUnknown(error) }];
  const value: unknown = error.data;
  const found = mayQuote(at) ? quote(value) : kindOf(value);
  return [{ pointer: at, message: `expected ${expected(error)}, found ${found}` }];
}

function sayUnknown(error: ErrorObject): string {
  const properties: unknown = error.parentSchema?.["properties"];
  const known = isJsonObject(properties) ? Object.keys(properties) : [];
  const help = known.length > 0 ? `, one of ${known.join(", ")}` : "";
  return `expected only fields that the schema names${help}`;
}

function expected(error: ErrorObject): string {
  const { keyword, params } = error;
  const limit = `${params["limit"]}`;
  switch (keyword) {
    case "type":
      return [params["type"]].flat().join(" or ");
    case "enum":
      return `one of ${[params["allowedValues"]].flat().map(quote).join(", ")}`;
    case "const":
      return quote(params["allowedValue"]);
    case "format":
      return `a text in the format ${params["format"]}`;
    case "pattern":
      return `a text of at most ${MAX_MATCHED_CHARACTERS} characters that matches ${params["pattern"]}`;
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return `a number ${params["comparison"]} ${limit}`;
    case "multipleOf":
      return `a multiple of ${params["multipleOf"]}`;
    case "minLength":
      return `at least ${limit} characters`;
    case "maxLength":
      return `at most ${limit} characters`;
    case "minItems":
      return `at least ${limit} items`;
    case "maxItems":
      return `at most ${limit} items`;
    case "uniqueItems":
      return "items that differ from each other";
    case "minProperties":
      return `at least ${limit} fields`;
    case "maxProperties":
      return `at most ${limit} fields`;
    case "anyOf":
      return "a value of one of the allowed forms";
    case "oneOf":
      return "a value of exactly one of the allowed forms";
    case "false schema":
      return "nothing here";
    default:
      return `a value that the schema's ${keyword} allows`;
  }
}

/** Long values say nothing that the pointer does not. */
const MAX_QUOTED = 60;

function quote(value: unknown): string {
  if (typeof value === "object" && value !== null) return kindOf(value);
  const quoted = JSON.stringify(value) ?? kindOf(value);
  return quoted.length > MAX_QUOTED ? kindOf(value) : quoted;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "string") return `a text of ${value.length} characters`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
