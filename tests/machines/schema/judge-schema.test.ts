/** What is wrong with a schema, all of it, before any value comes. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import type { Json, JsonSchema } from "../../../machines/json.ts";
import { judgeSchema } from "../../../machines/schema/judge-schema.ts";
import { leastCpuMs } from "../../support/cpu-time.ts";

function judged(schema: JsonSchema): readonly string[] {
  return judgeSchema(schema, "/data").map(({ rule, pointer }) => `${rule} ${pointer}`);
}

function field(schema: Json, more = {}): JsonSchema {
  return { type: "object", properties: { f: schema }, ...more };
}

describe("a schema", () => {
  test.each<[string, JsonSchema, readonly string[]]>([
    ["an unknown type", field({ type: "strin" }), ["schema-invalid /data/properties/f/type"]],
    [
      "a keyword of another kind",
      field({ type: "string", minLength: "2" }),
      ["schema-invalid /data/properties/f/minLength"],
    ],
    [
      "an unknown keyword",
      field({ minLenght: 2 }),
      ["schema-keyword /data/properties/f/minLenght"],
    ],
    [
      "an identifier",
      field({ $id: "x", $anchor: "y" }),
      ["schema-keyword /data/properties/f/$id", "schema-keyword /data/properties/f/$anchor"],
    ],
    [
      "an unknown format",
      field({ type: "string", format: "plate" }),
      ["schema-strict /data/properties/f"],
    ],
    [
      "no value to choose from",
      field({ enum: [], default: 1 }),
      ["schema-invalid /data/properties/f/enum"],
    ],
    ["a keyword that never applies", field({ minLength: 2 }), ["schema-strict /data/properties/f"]],
    [
      "a reference outside",
      field({ $ref: "https://example.com/x" }),
      ["schema-ref /data/properties/f/$ref"],
    ],
    [
      "a reference to nothing",
      field({ $ref: "#/$defs/x" }),
      ["schema-ref /data/properties/f/$ref"],
    ],
    [
      "a reference by prototype",
      field({ $ref: "#/$defs/constructor" }, { $defs: {} }),
      ["schema-ref /data/properties/f/$ref"],
    ],
    [
      "references in a circle",
      field(
        { $ref: "#/$defs/a" },
        { $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } },
      ),
      [
        "schema-ref /data/properties/f/$ref",
        "schema-ref /data/$defs/a/$ref",
        "schema-ref /data/$defs/b/$ref",
      ],
    ],
    [
      "a pattern that could backtrack",
      field({ type: "string", pattern: "(?=a)b" }),
      ["schema-pattern /data/properties/f/pattern"],
    ],
    [
      "a pattern for names",
      { type: "object", patternProperties: { "(a{1000}){9}": {} } },
      ["schema-pattern /data/patternProperties/(a{1000}){9}"],
    ],
    [
      "a default that it refuses itself",
      field({ type: "integer", default: "1" }),
      ["schema-default /data/properties/f/default"],
    ],
    [
      "a default that breaks its reference",
      field({ $ref: "#/$defs/n", default: "1" }, { $defs: { n: { type: "integer" } } }),
      ["schema-default /data/properties/f/default"],
    ],
    [
      "defaults without end",
      field(
        { $ref: "#/$defs/t", default: {} },
        { $defs: { t: { type: "object", properties: { t: { $ref: "#/$defs/t", default: {} } } } } },
      ),
      [
        "schema-default /data/properties/f/default",
        "schema-default /data/$defs/t/properties/t/default",
      ],
    ],
    [
      "a quadratic comparison",
      field({ type: "array", uniqueItems: true, items: { type: "object" } }),
      ["schema-unique-items /data/properties/f/uniqueItems"],
    ],
    [
      "a mark that is no boolean",
      field({ "x-personal": "yes" }, { default: {} }),
      ["schema-invalid /data/properties/f/x-personal"],
    ],
    [
      "a mark on the whole",
      { type: "object", "x-personal": true },
      ["schema-personal /data/x-personal"],
    ],
    [
      "a mark that depends on the value",
      field({ anyOf: [{ type: "string", "x-personal": true }, { type: "null" }] }),
      ["schema-personal /data/properties/f/anyOf/0/x-personal"],
    ],
    [
      "a personal default",
      field({ type: "string", "x-personal": true, default: "Ann" }),
      ["schema-personal /data/properties/f/x-personal"],
    ],
  ])("is refused for %s", (_, schema, findings) => {
    expect(judged(schema)).toEqual(findings);
  });

  test("is judged whole", () => {
    const schema: JsonSchema = {
      type: "object",
      properties: {
        a: { type: "number", minLenght: 1 },
        b: { maxLength: 1 },
        c: { type: "integer", default: 1.5 },
        "d/e": { type: "string", format: "nope" },
      },
    };
    expect(judged(schema)).toEqual([
      "schema-keyword /data/properties/a/minLenght",
      "schema-strict /data/properties/b",
      "schema-strict /data/properties/d~1e",
      "schema-default /data/properties/c/default",
    ]);
  });

  test.each<[string, JsonSchema]>([
    [
      "recursion",
      field(
        { $ref: "#/$defs/t" },
        { $defs: { t: { type: "object", properties: { next: { $ref: "#/$defs/t" } } } } },
      ),
    ],
    [
      "a required field that another part names",
      { type: "object", properties: { a: {} }, anyOf: [{ required: ["a"] }] },
    ],
    ["several types", field({ type: ["string", "number", "null"] })],
    [
      "titles, examples and comments",
      field({ title: "t", $comment: "c", examples: [1], type: "integer" }),
    ],
    ["unique texts", field({ type: "array", uniqueItems: true, items: { type: "string" } })],
  ])("may have %s", (_, schema) => {
    expect(judged(schema)).toEqual([]);
  });

  test("is refused in bounded time, however its parts refer to each other", () => {
    const definitions = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [
        `d${index}`,
        {
          type: "object",
          default: {},
          properties: {
            a: { $ref: `#/$defs/d${index + 1}` },
            b: { $ref: `#/$defs/d${index + 1}` },
          },
        },
      ]),
    );
    const took = leastCpuMs(
      () => judged(field({ $ref: "#/$defs/d0" }, { $defs: { ...definitions, d200: {} } })),
      1,
    );
    expect(took).toBeLessThan(2000);
  });
});

describe("the judge of schemas", () => {
  test("says which type is missing in words that need no validator", () => {
    expect(judgeSchema(field({ minimum: 2 }), "/data")).toMatchObject([
      {
        message: "expected a `type` beside `minimum`, found none",
        help: "Add `type: number`.",
      },
    ]);
  });

  test("keeps nothing of the schemas that it judged", () => {
    const judgeMany = (first: number): number => {
      for (let at = first; at < first + 1000; at += 1) {
        const text = { type: "string", pattern: `^a${at}`, default: `a${at}` };
        expect(judged({ type: "object", properties: { [`f${at}`]: text } })).toEqual([]);
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = judgeMany(0);
    const growthBytes = judgeMany(1000) - before;
    // A thousand schemas kept by Ajv are some 20 MB.
    expect(growthBytes).toBeLessThan(4_000_000);
  });
});

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}
