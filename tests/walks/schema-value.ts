/** A value of a JSON Schema, chosen by a tape; valid for the schemas that definitions use, near enough for others. */

import fc from "fast-check";
import { isJsonObject } from "../../machines/json.ts";
import type { Json, JsonObject, JsonSchema } from "../../machines/json.ts";
import type { Tape } from "./walk.ts";

export function valueOf(schema: JsonSchema, tape: Tape, depth = 0): Json {
  if (!isJsonObject(schema)) return {};
  const { const: constant, enum: choices, examples } = schema;
  if (constant !== undefined) return constant;
  if (Array.isArray(choices)) return pick(choices, tape);
  if (Array.isArray(examples) && examples.length > 0) return pick(examples, tape);
  const { type } = schema;
  return maker(Array.isArray(type) ? pick(type, tape) : type)(schema, tape, depth);
}

type Make = (schema: JsonObject, tape: Tape, depth: number) => Json;

function maker(type: Json | undefined): Make {
  switch (type) {
    case "string":
      return text;
    case "integer":
    case "number":
      return integer;
    case "boolean":
      return (_, tape) => tape() % 2 === 0;
    case "null":
      return () => null;
    case "array":
      return list;
    default:
      return object;
  }
}

const DAY_MS = 86_400_000;

function text(schema: JsonObject, tape: Tape): Json {
  const { pattern, format, minLength } = schema;
  if (format === "date-time") {
    return new Date(Date.UTC(2026, 10, 23) + (tape() % 40) * DAY_MS).toISOString();
  }
  if (format === "date")
    return new Date(Date.UTC(2026, 10, 23) + (tape() % 400) * DAY_MS).toISOString().slice(0, 10);
  if (format === "uuid") return "01938f6e-0000-7000-8000-000000000001";
  if (typeof pattern === "string") return matching(pattern, tape);
  return `text ${tape() % 100}`.padEnd(Number(minLength ?? 0), "x");
}

const samples = new Map<string, readonly string[]>();

function matching(pattern: string, tape: Tape): string {
  let known = samples.get(pattern);
  if (known === undefined) {
    known = fc.sample(fc.stringMatching(new RegExp(pattern, "u")), { numRuns: 16, seed: 7 });
    samples.set(pattern, known);
  }
  return known[tape() % known.length] ?? "";
}

function integer(schema: JsonObject, tape: Tape): Json {
  const low = typeof schema["minimum"] === "number" ? schema["minimum"] : 0;
  const high = typeof schema["maximum"] === "number" ? schema["maximum"] : low + 1_000;
  return low + (tape() % (high - low + 1));
}

function list(schema: JsonObject, tape: Tape, depth: number): Json {
  const low = typeof schema["minItems"] === "number" ? schema["minItems"] : 0;
  const { items } = schema;
  const inner = isJsonObject(items) ? items : {};
  return Array.from({ length: low + (depth > 4 ? 0 : tape() % 3) }, () =>
    valueOf(inner, tape, depth + 1),
  );
}

function object(schema: JsonObject, tape: Tape, depth: number): Json {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const members = Object.entries(properties).filter(
    ([name]) => required.includes(name) || (depth < 5 && tape() % 2 === 0),
  );
  return Object.fromEntries(
    members.map(([name, inner]) => [
      name,
      valueOf(isJsonObject(inner) ? inner : {}, tape, depth + 1),
    ]),
  );
}

function pick(values: readonly Json[], tape: Tape): Json {
  return values[tape() % values.length] ?? null;
}
