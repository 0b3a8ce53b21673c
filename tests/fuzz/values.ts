/** Values for a schema: mostly ones that fit, some that nearly do, and some that no honest client would send. */

import fc from "fast-check";
import type { Json, JsonObject } from "../../machines/json.ts";
import { dereferenced } from "../support/openapi/sample.ts";
import type { OpenApiDocument } from "../support/openapi/document.ts";

/** Stands for something that an earlier answer named; which, is known when the request is sent. */
export const POOLED = "\u{E000}";

export const HOSTILE_TEXTS: readonly string[] = [
  ...[
    "",
    " ",
    "\u0000",
    "\u0001\u001f",
    "\u{E001}",
    "\u{10FFFF}",
    "ß".repeat(300),
    "x".repeat(5000),
  ],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "../../etc/passwd", "..", "%00"],
  ...["'; drop table orders; --", "\\", '"', "{{ actor.sub }}", "= now", "${7*7}", "<script>"],
  ...["xstate.done.state.x", "xstate.stop", "xstate.init", "order.start", "timer.fire", "job.done"],
  ...["NaN", "Infinity", "-0", "1e999", "9007199254740993", "null", "true", "[]"],
  ...["1969-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z", "+275760-09-13T00:00:00Z", "PT-1S"],
  ...["P999999999Y", "http://127.0.0.1:1/", "http://[::ffff:10.0.0.1]/", "file:///etc/passwd"],
  ...[
    "https://user:pass@example.com/",
    "javascript:alert(1)",
    "\u202Etxt",
    "ﬀ",
    "İ",
    "𝒳",
    "\u{1F469}\u200D\u{1F52C}",
  ],
  "01980c3e-6c1a-7000-8000-00000000dead",
];

const HOSTILE_NUMBERS: readonly number[] = [
  ...[0, -1, 1, 0.1, 1e-320, 1e21, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53 - 1, -(2 ** 53 - 1)],
];

const hostileText = fc.constantFrom(...HOSTILE_TEXTS);

const hostileValue: fc.Arbitrary<Json> = fc.oneof(
  hostileText,
  fc.constantFrom(...HOSTILE_NUMBERS),
  fc.constantFrom<Json>(null, true, false, [], {}, [[]], [null], { a: { b: [] } }),
  fc.record({ xstate$$type: fc.constant(1) }),
  fc.record({ sessionId: fc.constant("x"), send: fc.constant(1), ref: fc.constant({}) }),
);

/** One in this many places is hostile. */
const HOSTILITY = 12;

export function valueFor(document: OpenApiDocument, given: unknown, depth = 0): fc.Arbitrary<Json> {
  const fitting = fittingValue(document, given, depth);
  return fc.oneof(
    { arbitrary: fitting, weight: HOSTILITY },
    { arbitrary: hostileValue, weight: 1 },
  );
}

function fittingValue(
  document: OpenApiDocument,
  given: unknown,
  depth: number,
): fc.Arbitrary<Json> {
  const schema = dereferenced(document, given);
  const choices = schema["enum"] ?? schema["examples"];
  if (Array.isArray(choices)) return fc.constantFrom(...choices);
  const anyOf = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(anyOf)) {
    return fc.oneof(...anyOf.map((each) => valueFor(document, each, depth + 1)));
  }
  const { example } = schema;
  const made = byType(document, schema, depth);
  return example === undefined ? made : fc.oneof(fc.constant(example), made);
}

function byType(document: OpenApiDocument, schema: JsonObject, depth: number): fc.Arbitrary<Json> {
  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "object":
      return objectFor(document, schema, depth);
    case "array":
      return fc.array(valueFor(document, schema["items"], depth + 1), { maxLength: 3 });
    case "integer":
      return fc.integer({
        min: numberOr(schema["minimum"], 0),
        max: numberOr(schema["maximum"], 50),
      });
    case "number":
      return fc.constantFrom(0, 0.5, 1, 100, 1e6);
    case "boolean":
      return fc.boolean();
    case "string":
      return textFor(schema);
    default:
      return hostileValue;
  }
}

function textFor({ format, maxLength }: JsonObject): fc.Arbitrary<string> {
  if (format === "date-time") {
    return fc.constantFrom("2026-11-23T08:00:00Z", "2026-11-24T16:00:00.000+08:00");
  }
  if (format === "uuid") return fc.oneof(fc.constant(POOLED), fc.uuid());
  const short = fc.string({ maxLength: Math.min(numberOr(maxLength, 20), 20) });
  return fc.oneof({ arbitrary: fc.constant(POOLED), weight: 3 }, short);
}

function objectFor(
  document: OpenApiDocument,
  schema: JsonObject,
  depth: number,
): fc.Arbitrary<JsonObject> {
  const properties = Object.entries(dereferenced(document, schema["properties"]));
  if (properties.length === 0 || depth > 6) {
    return fc.dictionary(fc.constantFrom("a", "to", "weight", "signature"), hostileValue, {
      maxKeys: 2,
    });
  }
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  const members = properties.map(([name, member]) =>
    fc
      .tuple(valueFor(document, member, depth + 1), fc.nat(required.has(name) ? 20 : 1))
      .map(([value, presence]) => (presence === 0 ? {} : { [name]: value })),
  );
  const extra = fc.oneof(
    { arbitrary: fc.constant({}), weight: HOSTILITY },
    { arbitrary: hostileText.map((name) => ({ [name]: 1 })), weight: 1 },
  );
  return fc.tuple(...members, extra).map((parts) => Object.assign({}, ...parts));
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
