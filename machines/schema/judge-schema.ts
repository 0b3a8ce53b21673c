/** Judges a schema as a designer wrote it, whole: everything that would make it fail, or mean less than it says, later. */

import type { Finding } from "../finding.ts";
import { isJsonObject } from "../json.ts";
import type { JsonObject, JsonSchema } from "../json.ts";
import { judgeDefaults } from "./judge-defaults.ts";
import { matcherOf } from "./linear-pattern.ts";
import { childOf } from "../document/pointer.ts";
import { referenced, subschemasOf } from "./subschemas.ts";
import type { Subschema } from "./subschemas.ts";
import { ajvWith, schemaCompiler } from "./validator.ts";

/** @param pointer of the schema in the document, which findings point into */
export function judgeSchema(schema: JsonSchema, pointer: string): readonly Finding[] {
  const shape = shapeFindings(schema, pointer);
  if (!isJsonObject(schema)) return shape;
  const walked = walk(schema, { root: schema, pointer, markable: true, isRoot: true });
  if (shape.length > 0 || walked.some(({ rule }) => UNCOMPILABLE.has(rule)))
    return [...shape, ...walked];
  return [...walked, ...strictFindings(schema, pointer), ...judgeDefaults(schema, pointer)];
}

interface Place {
  readonly root: JsonObject;
  readonly pointer: string;
  /** Whether `x-personal` may stand here: nowhere that depends on the value. */
  readonly markable: boolean;
  readonly isRoot: boolean;
}

function walk(schema: JsonObject, place: Place): readonly Finding[] {
  return [
    ...keywordFindings(schema, place),
    ...personalFindings(schema, place),
    ...subschemasOf(schema).flatMap((sub) =>
      isJsonObject(sub.schema) ? walk(sub.schema, placeOf(sub, place)) : [],
    ),
  ];
}

function placeOf({ keyword, key, role }: Subschema, around: Place): Place {
  const always = role === "part" || role === "definition" || keyword === "allOf";
  return {
    root: around.root,
    pointer: childOf(around.pointer, keyword, ...(key === null ? [] : [key])),
    markable: around.markable && always,
    isRoot: around.isRoot && keyword === "allOf",
  };
}

function keywordFindings(schema: JsonObject, { root, pointer }: Place): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    const at = childOf(pointer, keyword);
    if (UNSUPPORTED.has(keyword))
      findings.push(
        finding(
          "schema-keyword",
          at,
          `${keyword} is not supported here`,
          "Name shared schemas under $defs and refer to them with $ref.",
        ),
      );
    else if (strict.RULES.keywords[keyword] !== true)
      findings.push(
        finding(
          "schema-keyword",
          at,
          `${keyword} is no keyword of JSON Schema`,
          "Look at its spelling; a field of the value stands under properties.",
        ),
      );
    else if (keyword === "$ref" && referenced(root, value) === null)
      findings.push(
        finding(
          "schema-ref",
          at,
          `expected "#/$defs/" and the name of a definition of this schema, found ${JSON.stringify(value)}`,
          "Define it under $defs at the root of this schema; a definition can't only refer to itself.",
        ),
      );
    else if (keyword === "enum" && Array.isArray(value) && value.length === 0)
      // The meta-schema lets it pass; Ajv does not.
      findings.push(
        finding(
          "schema-invalid",
          at,
          "expected at least one value to choose from, found none",
          "List the values, or leave `enum` out.",
        ),
      );
    else if (keyword === "pattern" && typeof value === "string")
      findings.push(...patternFindings(value, at));
    else if (keyword === "patternProperties" && isJsonObject(value))
      for (const pattern of Object.keys(value))
        findings.push(...patternFindings(pattern, childOf(at, pattern)));
  }
  if (schema["uniqueItems"] === true && !isCheap(schema))
    findings.push(
      finding(
        "schema-unique-items",
        childOf(pointer, "uniqueItems"),
        "uniqueItems compares every item with every other",
        `Say "type" of the items as a text or number, or a maxItems of at most ${MAX_COMPARED}.`,
      ),
    );
  return findings;
}

function personalFindings(schema: JsonObject, place: Place): readonly Finding[] {
  const mark = schema["x-personal"];
  const at = childOf(place.pointer, "x-personal");
  if (mark !== undefined && typeof mark !== "boolean")
    return [
      finding(
        "schema-invalid",
        at,
        `expected true or false, found ${JSON.stringify(mark)}`,
        "Write `x-personal: true` on a field that holds personal data, and nothing on the others.",
      ),
    ];
  if (mark !== true) return [];
  if (place.isRoot)
    return [
      finding(
        "schema-personal",
        at,
        "expected fields to be marked, found the mark on the whole value",
        "Mark the fields that hold personal data.",
      ),
    ];
  if (!place.markable)
    return [
      finding(
        "schema-personal",
        at,
        "whether a field is personal can't depend on the value, and here it would",
        "Move the mark out of anyOf, oneOf, if, then, else, not or contains, to the field itself.",
      ),
    ];
  return "default" in schema
    ? [
        finding(
          "schema-personal",
          at,
          "a personal field can't have a default",
          "Leave out the default: what the document says is public.",
        ),
      ]
    : [];
}

function patternFindings(pattern: string, at: string): readonly Finding[] {
  try {
    matcherOf(pattern);
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    return [
      finding(
        "schema-pattern",
        at,
        `expected a pattern in RE2 syntax, found ${pattern}: ${reason}`,
        "Patterns run in linear time: without look-around and back references.",
      ),
    ];
  }
}

/** Against the meta-schema, which knows what every keyword takes. */
function shapeFindings(schema: JsonSchema, pointer: string): readonly Finding[] {
  if (strict.validateSchema(schema) === true) return [];
  const errors = new Map(
    (strict.errors ?? []).toReversed().map((error) => [error.instancePath, error]),
  );
  return [...errors.values()].map((error) =>
    finding(
      "schema-invalid",
      `${pointer}${error.instancePath}`,
      `expected a JSON Schema (draft 2020-12): ${error.message ?? error.keyword}`,
      "See https://json-schema.org/draft/2020-12/json-schema-validation.",
    ),
  );
}

/** What Ajv's strict mode says: unknown keywords and formats, keywords that never apply. */
function strictFindings(schema: JsonObject, pointer: string): readonly Finding[] {
  complaints.length = 0;
  try {
    compileStrictly(schema);
  } catch (error) {
    complaints.push(error instanceof Error ? error.message : String(error));
  }
  const places = complaints.filter((complaint) => !complaint.includes("unknown keyword"));
  return places.map((complaint) => {
    const place = /"#(\/[^"]*)"/.exec(complaint)?.[1] ?? "";
    const [, type, keyword] = /missing type "([^"]*)" for keyword "([^"]*)"/.exec(complaint) ?? [];
    return finding(
      "schema-strict",
      pointer + decodeURIComponent(place),
      keyword === undefined
        ? complaint.replace(/^strict mode: /, "")
        : `expected a \`type\` beside \`${keyword}\`, found none`,
      type === undefined
        ? "Say what it applies to, or leave it out."
        : `Add \`type: ${type.replaceAll(",", "` or `type: ")}\`.`,
    );
  });
}

/** Comparing whole objects is quadratic in Ajv; texts and numbers are hashed. */
function isCheap(schema: JsonObject): boolean {
  const items = schema["items"];
  const type = isJsonObject(items) ? items["type"] : undefined;
  const maxItems = schema["maxItems"];
  if (typeof maxItems === "number" && maxItems <= MAX_COMPARED) return true;
  return type === "string" || type === "number" || type === "integer";
}

/** Rules that speak of what a compiler would stumble over. */
const UNCOMPILABLE: ReadonlySet<string> = new Set([
  "schema-invalid",
  "schema-ref",
  "schema-pattern",
]);

const MAX_COMPARED = 1000;

/** They name or reach schemas outside the place where they stand. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  "$id",
  "$anchor",
  "$dynamicRef",
  "$dynamicAnchor",
  "$recursiveRef",
  "$recursiveAnchor",
  "$vocabulary",
  "definitions",
  "dependencies",
]);

const complaints: string[] = [];
const complain = (message: unknown): void => {
  complaints.push(String(message));
};
const STRICT = {
  strict: "log",
  allowUnionTypes: true,
  validateSchema: false,
  logger: { log: complain, warn: complain, error: complain },
} as const;
const compileStrictly = schemaCompiler(STRICT);
const strict = ajvWith(STRICT);

function finding(rule: string, pointer: string, message: string, help: string): Finding {
  return { rule, severity: "error", pointer, line: null, message, help };
}
