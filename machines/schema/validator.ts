/** Runs a compiled JSON Schema over a value and says what is wrong in words; all errors, none with a personal value in it. */

import { Ajv2020 } from "ajv/dist/2020.js";
import type { Options, ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parseInstant } from "../time/instant.ts";
import type { Json, JsonSchema } from "../json.ts";
import type { ValidationError, Validator } from "./compile-schema.ts";
import { matcherOf } from "./linear-pattern.ts";
import { plainJsonErrors } from "./plain-json.ts";
import { sayError } from "./say-error.ts";

const MAX_ERRORS = 100;
const VALID: readonly ValidationError[] = [];

/**
 * @param schema valid, as `judgeSchema` found it: compiled at the first value, because most schemas of a definition wait long for one
 * @param isPersonal whether what stands at a JSON Pointer of the value must not be repeated in a message
 */
export function validatorOf(
  schema: JsonSchema,
  isPersonal: (value: Json, pointer: string) => boolean,
): Validator {
  let validate: ValidateFunction | null = null;
  return (value) => {
    validate ??= compileForValues(schema);
    const errors = plainJsonErrors(value);
    if (!validate(value)) {
      const mayQuote = (pointer: string) => !isPersonal(value, pointer);
      for (const error of validate.errors ?? []) errors.push(...sayError(error, mayQuote));
    }
    return errors.length === 0 ? VALID : distinct(errors).slice(0, MAX_ERRORS);
  };
}

/**
 * Ajv keeps what it compiled as long as itself: `removeSchema` empties its cache, not the scope of the generated code.
 * So an instance serves a few schemas, then another one follows and the first can be forgotten.
 */
export function schemaCompiler(options: Options): (schema: JsonSchema) => ValidateFunction {
  let ajv = ajvWith(options);
  let compiled = 0;
  return (schema) => {
    if (compiled >= SCHEMAS_PER_INSTANCE) {
      ajv = ajvWith(options);
      compiled = 0;
    }
    compiled += 1;
    try {
      return ajv.compile(schema);
    } finally {
      // `true` and `false` are schemas too; Ajv keeps no cache of those, and refuses to be told.
      if (typeof schema === "object") ajv.removeSchema(schema);
    }
  };
}

/** An instance costs as much as a few schemas; one validator that lives on keeps its whole instance. */
const SCHEMAS_PER_INSTANCE = 50;

/** `inlineRefs` off: a definition that is referred to often is compiled once, so code grows with the schema's text only. */
export function ajvWith(options: Options): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    inlineRefs: false,
    multipleOfPrecision: 9,
    strictRequired: false,
    addUsedSchema: false,
    code: { regExp: linearPattern },
    ...options,
  });
  addFormats.default(ajv);
  // One reading of RFC 3339 everywhere: what passes here can be computed with in expressions and timers.
  ajv.addFormat("date-time", (text: string) => parseInstant(text) !== null);
  ajv.addKeyword({ keyword: "x-personal", schemaType: "boolean" });
  return ajv;
}

/** Ajv asks for the engine's source text, which only standalone code would use. */
const linearPattern = Object.assign((pattern: string) => matcherOf(pattern), {
  code: "matcherOf",
});

/** What is judged here was judged strictly before; the closing keywords stand where strict mode would want a type again. */
export const compileForValues = schemaCompiler({
  validateSchema: false,
  strict: false,
  strictNumbers: true,
  verbose: true,
  logger: false,
});

function distinct(errors: readonly ValidationError[]): readonly ValidationError[] {
  const seen = new Set<string>();
  return errors.filter(({ pointer, message }) => {
    const line = `${pointer}\n${message}`;
    return !seen.has(line) && seen.add(line);
  });
}
