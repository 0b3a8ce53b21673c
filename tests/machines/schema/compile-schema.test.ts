/** What compiled schemas accept, refuse and say. */

import { describe, expect, test } from "vitest";
import type { Json, JsonSchema } from "../../../machines/json.ts";
import { compilePayloadSchemas } from "../../../machines/schema/compile-schema.ts";
import type { PayloadSchemas } from "../../../machines/schema/compile-schema.ts";
import { leastCpuMs } from "../../support/cpu-time.ts";

const SEAL = `sealed:${"0a".repeat(32)}`;

function schemas(schema: JsonSchema | undefined): PayloadSchemas {
  const compiled = compilePayloadSchemas(schema, "/data");
  if (compiled.schemas === null) throw new Error(JSON.stringify(compiled.findings));
  return compiled.schemas;
}

function refused(schema: JsonSchema | undefined, value: Json): readonly string[] {
  return schemas(schema)
    .raw(value)
    .map(({ pointer, message }) => `${pointer} ${message}`);
}

function object(properties: { readonly [name: string]: Json }, more = {}): JsonSchema {
  return { type: "object", properties, ...more };
}

describe("a schema", () => {
  test("that is absent takes an empty object only", () => {
    expect(refused(undefined, {})).toEqual([]);
    expect(refused(undefined, { a: 1 })).toEqual(["/a expected only fields that the schema names"]);
    expect(refused(undefined, [])).toEqual([
      "/ expected object, found a list of 0".replace("/ ", " "),
    ]);
  });

  test("names all errors of a value with their pointers, expected and found", () => {
    const schema = object(
      {
        score: { type: "integer", minimum: 0, maximum: 10 },
        decision: { enum: ["approved", "declined"] },
        at: { type: "string", format: "date-time" },
        photos: { type: "array", minItems: 4, items: { type: "string" } },
        plate: { type: "string", pattern: "^[A-Z]+$" },
      },
      { required: ["score", "line"] },
    );
    const value = {
      score: 11,
      decision: "aproved",
      at: "2026-02-30T00:00:00Z",
      photos: [1],
      plate: "a1",
      x: 1,
    };
    expect(refused(schema, value).toSorted()).toEqual([
      '/at expected a text in the format date-time, found "2026-02-30T00:00:00Z"',
      '/decision expected one of "approved", "declined", found "aproved"',
      '/line expected a field "line", found none',
      "/photos expected at least 4 items, found a list of 1",
      "/photos/0 expected string, found 1",
      '/plate expected a text of at most 4000 characters that matches ^[A-Z]+$, found "a1"',
      "/score expected a number <= 10, found 11",
      "/x expected only fields that the schema names, one of score, decision, at, photos, plate",
    ]);
  });

  test("counts multiples as people do", () => {
    expect(
      refused(object({ price: { type: "number", multipleOf: 0.01 } }), { price: 19.99 }),
    ).toEqual([]);
    expect(
      refused(object({ price: { type: "number", multipleOf: 0.01 } }), { price: 19.995 }),
    ).toHaveLength(1);
  });

  test.each([
    ["a whole number that a double can't hold", { free: { n: 2 ** 53 } }],
    ["an infinite number", { free: Number.POSITIVE_INFINITY }],
    ["half a surrogate pair", { free: ["\ud800"] }],
    ["U+0000", { free: "a\u0000b" }],
    ["a field name with U+0000", { free: { "\u0000": 1 } }],
    ["a field named __proto__", JSON.parse('{"free":{"__proto__":1}}')],
  ])("refuses %s, wherever it stands", (_, value) => {
    expect(refused(object({ free: {} }), value)).toHaveLength(1);
  });

  test("runs patterns in linear time", () => {
    const schema = object({ text: { type: "string", pattern: "^(a+)+$" } });
    const { raw } = schemas(schema);
    const took = leastCpuMs(() => {
      expect(raw({ text: `${"a".repeat(3000)}!` })).toHaveLength(1);
      expect(raw({ text: "a".repeat(900_000) })).toHaveLength(1);
    });
    expect(took).toBeLessThan(200);
  });

  test("names at most 100 errors", () => {
    const schema = object({ list: { type: "array", items: { type: "string" } } });
    expect(refused(schema, { list: Array.from({ length: 500 }, () => 1) })).toHaveLength(100);
  });
});

describe("closed by default", () => {
  const inner = { type: "object", properties: { a: { type: "number" } } };

  test.each<[string, Json, Json, Json]>([
    ["nested objects", inner, { a: 1 }, { a: 1, b: 1 }],
    ["items", { type: "array", items: inner }, [{ a: 1 }], [{ b: 1 }]],
    [
      "fields named by allOf",
      { type: "object", properties: { b: {} }, allOf: [inner] },
      { a: 1, b: 1 },
      { c: 1 },
    ],
    ["references", { $ref: "#/$defs/inner" }, { a: 1 }, { b: 1 }],
    [
      "references with more fields",
      { $ref: "#/$defs/inner", type: "object", properties: { b: {} } },
      { a: 1, b: 1 },
      { c: 1 },
    ],
    [
      "recursive references",
      { $ref: "#/$defs/tree" },
      { child: { child: {} } },
      { child: { leaf: 1 } },
    ],
    [
      "the branch that holds",
      {
        oneOf: [
          { ...inner, required: ["a"] },
          { type: "object", properties: { c: {} }, required: ["c"] },
        ],
      },
      { c: 1 },
      { d: 1 },
    ],
    [
      "a field that a branch refines",
      {
        type: "object",
        properties: { o: inner },
        anyOf: [{ properties: { o: { type: "object", required: ["a"] } } }],
      },
      { o: { a: 1 } },
      { o: { a: 1, b: 1 } },
    ],
    [
      "fields named by a dependent schema",
      {
        type: "object",
        properties: { k: {} },
        dependentSchemas: { k: { properties: { x: {} } } },
      },
      { k: 1, x: 1 },
      { x: 1 },
    ],
    ["an object without fields", { type: "object" }, {}, { a: 1 }],
    ["objects with null", { type: ["object", "null"], properties: {} }, null, { a: 1 }],
  ])("%s", (_, schema, good, bad) => {
    const tree = { type: "object", properties: { child: { $ref: "#/$defs/tree" } } };
    const root = object({ value: schema }, { $defs: { inner, tree } });
    expect(refused(root, { value: good })).toEqual([]);
    expect(refused(root, { value: bad })).not.toEqual([]);
  });

  test.each<[string, JsonSchema]>([
    ["additionalProperties", { type: "object", additionalProperties: true }],
    ["a type for the rest", { type: "object", additionalProperties: { type: "number" } }],
    ["unevaluatedProperties", { type: "object", unevaluatedProperties: true }],
    [
      "a condition, which only asks",
      {
        type: "array",
        contains: { type: "object", properties: { a: { const: 1 } }, required: ["a"] },
        items: { type: "object", additionalProperties: true },
      },
    ],
  ])("unless it says otherwise: %s", (name, schema) => {
    const value = name.startsWith("a condition") ? [{ a: 1, b: 1 }] : { a: 1, b: 2 };
    expect(refused(object({ value: schema }), { value })).toEqual([]);
  });
});

describe("personal fields", () => {
  const schema = object(
    {
      name: { type: "string", maxLength: 3, "x-personal": true },
      contact: object({ phone: { $ref: "#/$defs/phone" }, language: { type: "string" } }),
      lines: {
        type: "array",
        items: object({ plate: { type: ["string", "null"], "x-personal": true } }),
      },
      address: object({ city: { type: "string", "x-personal": true } }, { "x-personal": true }),
      byKey: { type: "object", additionalProperties: { type: "string", "x-personal": true } },
    },
    { $defs: { phone: { type: "string", "x-personal": true } } },
  );
  const value = {
    lines: [{}, { plate: null }],
    name: "Ann",
    contact: { language: "zh", phone: "1" },
    address: { city: "Shanghai" },
    byKey: { "a/b": "x" },
  };

  test("are found outermost, in the value's order", () => {
    expect(schemas(schema).personal(value)).toEqual([
      "/lines/1/plate",
      "/name",
      "/contact/phone",
      "/address",
      "/byKey/a~1b",
    ]);
  });

  test("are commitments in a sealed value, and nothing else is", () => {
    const { raw, sealed } = schemas(schema);
    const closed = {
      ...value,
      name: SEAL,
      lines: [{ plate: SEAL }],
      contact: { phone: SEAL },
      address: SEAL,
      byKey: { k: SEAL },
    };
    expect(raw(value)).toEqual([]);
    expect(sealed(closed)).toEqual([]);
    expect(sealed(value).map(({ pointer }) => pointer)).toEqual([
      "/name",
      "/contact/phone",
      "/lines/1/plate",
      "/address",
      "/byKey/a~1b",
    ]);
    expect(sealed({ ...closed, unknown: 1 })).toHaveLength(1);
  });

  test("are never repeated in a message", () => {
    const errors = schemas(schema).raw({
      name: "Wang Xiaoming",
      address: { city: 4711 },
      lines: [{ plate: 4712 }],
    });
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual([
      "/address/city",
      "/lines/0/plate",
      "/name",
    ]);
    expect(JSON.stringify(errors)).not.toMatch(/Wang|4711|4712/);
  });

  test("keep their marks in the closed schema", () => {
    expect(JSON.stringify(schemas(schema).schema)).toContain('"x-personal":true');
  });
});

describe("defaults", () => {
  const schema = object(
    {
      rework: { type: "integer", default: 0 },
      repairedBy: { type: "array", items: { type: "string" }, default: [] },
      contact: object({ language: { type: "string", default: "zh" } }, { default: {} }),
      absent: object({ inner: { type: "string", default: "x" } }),
      lines: { type: "array", items: object({ id: {}, hours: { type: "number", default: 1 } }) },
    },
    {
      allOf: [{ properties: { more: { type: "boolean", default: false } } }],
      additionalProperties: true,
    },
  );

  test("fill what is absent, in the schema's order, unknown fields last", () => {
    const filled = schemas(schema).withDefaults({
      zzz: 1,
      lines: [{ hours: 2 }, { id: 1 }],
      rework: 3,
    });
    expect(JSON.stringify(filled)).toBe(
      '{"rework":3,"repairedBy":[],"contact":{"language":"zh"},"lines":[{"hours":2},{"id":1,"hours":1}],"more":false,"zzz":1}',
    );
  });

  test("are not shared between values", () => {
    const { withDefaults } = schemas(schema);
    expect(withDefaults({})["repairedBy"]).not.toBe(withDefaults({})["repairedBy"]);
    expect(withDefaults({})["contact"]).not.toBe(withDefaults({})["contact"]);
  });

  test("leave a sealed token where an object was", () => {
    expect(schemas(schema).withDefaults({ contact: SEAL })["contact"]).toBe(SEAL);
  });
});
