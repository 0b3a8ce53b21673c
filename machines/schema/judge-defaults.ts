/** Judges the defaults of a schema: one that its own schema refuses would make every order that takes it invalid. */

import { childOf } from "../document/pointer.ts";
import type { Finding } from "../finding.ts";
import { isJsonObject } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import { MAX_DEFAULT_FIELDS, defaultFields } from "./default-values.ts";
import { subschemasOf } from "./subschemas.ts";
import { compileForValues } from "./validator.ts";

/** @param root valid but for its defaults */
export function judgeDefaults(root: JsonObject, pointer: string): readonly Finding[] {
  return judgeWithin(root, root, pointer);
}

function judgeWithin(schema: JsonObject, root: JsonObject, pointer: string): readonly Finding[] {
  const own = faults(schema, root).map((message): Finding => ({
    rule: "schema-default",
    severity: "error",
    pointer: childOf(pointer, "default"),
    line: null,
    message,
    help: "Give a default that the schema itself accepts.",
  }));
  const inner = subschemasOf(schema).flatMap(({ keyword, key, schema: sub }) => {
    const place = childOf(pointer, keyword, ...(key === null ? [] : [key]));
    return isJsonObject(sub) ? judgeWithin(sub, root, place) : [];
  });
  return [...own, ...inner];
}

function faults(schema: JsonObject, root: JsonObject): readonly string[] {
  const value = schema["default"];
  if (value === undefined) return [];
  if (defaultFields(root, schema) > MAX_DEFAULT_FIELDS)
    return [`expected defaults that make at most ${MAX_DEFAULT_FIELDS} fields, found more`];
  const definitions = schema === root ? {} : { $defs: root["$defs"] ?? {} };
  return refusals({ ...schema, ...definitions }, value);
}

function refusals(schema: JsonObject, value: Json): readonly string[] {
  const validate = compileForValues(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    (error) => `the default${error.instancePath} ${error.message ?? "is refused"}`,
  );
}
