/** Where a JSON Schema holds further schemas, and how far a `$ref` may reach: only to the `$defs` of its own root. */

import { isJsonArray, isJsonObject } from "../json.ts";
import type { Json, JsonObject, JsonSchema } from "../json.ts";

/**
 * What a subschema speaks about: `part` a part of the value, `same` the same value with effect on what is allowed there,
 * `test` a question whose answer alone counts, `definition` nothing by itself.
 */
export type Role = "part" | "same" | "test" | "definition";

export interface Subschema {
  readonly keyword: string;
  /** Key in a map of schemas, or index in a list of them; null where the keyword holds one schema. */
  readonly key: string | null;
  readonly role: Role;
  readonly schema: Json;
}

type Shape = "one" | "list" | "map";

/** JSON Schema 2020-12 core 10.2 and 10.3, 11. */
const HOLDERS: ReadonlyMap<string, readonly [Shape, Role]> = new Map([
  ["$defs", ["map", "definition"]],
  ["properties", ["map", "part"]],
  ["patternProperties", ["map", "part"]],
  ["additionalProperties", ["one", "part"]],
  ["unevaluatedProperties", ["one", "part"]],
  ["prefixItems", ["list", "part"]],
  ["items", ["one", "part"]],
  ["unevaluatedItems", ["one", "part"]],
  ["contains", ["one", "test"]],
  ["propertyNames", ["one", "test"]],
  ["allOf", ["list", "same"]],
  ["anyOf", ["list", "same"]],
  ["oneOf", ["list", "same"]],
  ["dependentSchemas", ["map", "same"]],
  ["if", ["one", "test"]],
  ["then", ["one", "same"]],
  ["else", ["one", "same"]],
  ["not", ["one", "test"]],
] as const);

export function subschemasOf(schema: JsonObject): readonly Subschema[] {
  return Object.entries(schema).flatMap(([keyword, held]) => heldBy(keyword, held));
}

/** The schema with every subschema replaced by what `change` makes of it; order of keys kept. */
export function mapSubschemas(schema: JsonObject, change: (sub: Subschema) => Json): JsonObject {
  const changed = (sub: Subschema) => change(sub);
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, held]) => {
      const subs = heldBy(keyword, held);
      const shape = HOLDERS.get(keyword)?.[0];
      if (shape === "one") return [keyword, subs.map(changed)[0] ?? held];
      if (shape === "list" && isJsonArray(held)) return [keyword, subs.map(changed)];
      if (shape === "map" && isJsonObject(held))
        return [keyword, Object.fromEntries(subs.map((sub) => [sub.key ?? "", changed(sub)]))];
      return [keyword, held];
    }),
  );
}

/** What `$ref` points to in `root`, chains followed; null when it leaves `#/$defs`, dangles or only turns in a circle. */
export function referenced(root: JsonSchema, ref: Json | undefined): JsonSchema | null {
  const seen = new Set<string>();
  let next: Json | undefined = ref;
  while (typeof next === "string" && isJsonObject(root) && !seen.has(next)) {
    seen.add(next);
    const target = definition(root, next);
    if (target === null || typeof target === "boolean") return target;
    if (Object.keys(target).some((key) => key !== "$ref") || target["$ref"] === undefined)
      return target;
    next = target["$ref"];
  }
  return null;
}

/** The schemas that hold for a value whatever it is: `about` themselves, and those behind their `$ref` and `allOf`. */
export function together(
  root: JsonObject,
  about: readonly (Json | undefined)[],
): readonly JsonObject[] {
  const all = new Set<JsonObject>();
  const visit = (schema: Json | undefined): void => {
    if (!isJsonObject(schema) || all.has(schema)) return;
    all.add(schema);
    visit(referenced(root, schema["$ref"]) ?? undefined);
    const members = schema["allOf"];
    if (isJsonArray(members)) for (const member of members) visit(member);
  };
  for (const schema of about) visit(schema);
  return [...all];
}

function definition(root: JsonObject, ref: string): JsonSchema | null {
  const name = /^#\/\$defs\/([^/]+)$/.exec(ref)?.[1];
  const definitions = root["$defs"];
  if (name === undefined || !isJsonObject(definitions)) return null;
  const key = unescapeToken(name);
  const target = key !== null && Object.hasOwn(definitions, key) ? definitions[key] : undefined;
  return typeof target === "boolean" || isJsonObject(target) ? target : null;
}

/** RFC 6901 section 6: a fragment is percent-encoded, then `~1` and `~0` escaped. */
function unescapeToken(token: string): string | null {
  try {
    return decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return null;
  }
}

function heldBy(keyword: string, held: Json): readonly Subschema[] {
  const [shape, role] = HOLDERS.get(keyword) ?? [];
  if (shape === undefined || role === undefined) return [];
  if (shape === "one") return [{ keyword, key: null, role, schema: held }];
  if (shape === "list" && isJsonArray(held))
    return held.map((schema: Json, index) => ({ keyword, key: `${index}`, role, schema }));
  if (shape === "map" && isJsonObject(held))
    return Object.entries(held).map(([key, schema]) => ({ keyword, key, role, schema }));
  return [];
}
