import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { canonicalText, digestOf, documentOf } from "../../../machines/document/canonical.ts";
import { parseDefinition } from "../../../machines/document/parse.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../machines/json.ts";

/** Without -0, which JSON texts don't tell from 0 (RFC 8785, section 3.2.2.3). */
const SAFE = {
  min: -Number.MAX_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
  noNaN: true,
  noDefaultInfinity: true,
};
const key = fc.stringMatching(/^[a-z]{1,3}$/);
const leaf = fc.oneof(
  fc.boolean(),
  fc.integer(),
  fc.double(SAFE).map((number) => number + 0),
  fc.string(),
  fc.constant(null),
);
const map = (values: fc.Arbitrary<Json>) => fc.dictionary(key, values, { maxKeys: 5 });
const some = { requiredKeys: [] };
const free = (depth: number): fc.Arbitrary<Json> =>
  depth === 0
    ? leaf
    : fc.oneof(leaf, fc.array(free(depth - 1), { maxLength: 3 }), map(free(depth - 1)));
const schemaOf = (depth: number): fc.Arbitrary<Json> => {
  if (depth === 0) return fc.constant({});
  const inner = schemaOf(depth - 1);
  const allOf = fc.array(inner, { maxLength: 2 });
  return fc.record({ properties: map(inner), items: inner, default: free(2), allOf }, some);
};
const stateOf = (depth: number): fc.Arbitrary<Json> => {
  const states = depth === 0 ? fc.constant({}) : map(stateOf(depth - 1));
  return fc.record({ states, after: map(leaf), on: map(leaf), meta: free(2) }, some);
};
const schema = schemaOf(2);
const state = stateOf(2);
const anyDocument: fc.Arbitrary<JsonObject> = fc.record(
  {
    process: fc.string(),
    data: schema,
    events: map(fc.record({ payload: schema, by: fc.array(fc.string()) }, some)),
    items: map(fc.record({ data: schema, machine: state }, some)),
    jobs: map(fc.record({ input: schema, output: schema }, some)),
    messages: map(fc.string()),
    machine: state,
  },
  { requiredKeys: [] },
);

describe("canonicalText", () => {
  test("is one text whatever the order of keys that mean nothing by it", () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        expect(canonicalText(reversed(document, "document"))).toBe(canonicalText(document));
      }),
    );
  });

  test.each([
    ["states", { machine: { states: { b: {}, a: {} } } }],
    ["inner states", { machine: { states: { a: { states: { b: {}, a: {} } } } } }],
    ["the states of items", { items: { addOns: { machine: { states: { b: {}, a: {} } } } } }],
    ["delays", { machine: { states: { a: { after: { PT2S: "a", PT1S: "b" } } } } }],
    ["item collections", { items: { parts: {}, addOns: {} } }],
    ["fields of the data", { data: { properties: { b: {}, a: {} } } }],
    ["fields of a payload", { events: { GO: { payload: { properties: { b: {}, a: {} } } } } }],
    ["fields inside a list of schemas", { data: { anyOf: [{ properties: { b: {}, a: {} } }] } }],
  ])("changes with the order of %s", (_, document: JsonObject) => {
    expect(canonicalText(reversed(document, "all"))).not.toBe(canonicalText(document));
  });

  test("is RFC 8785 of the document and of the order that sorting would lose", () => {
    const document = { process: "p", machine: { states: { b: {}, a: {} }, initial: "b" } };
    expect(canonicalText(document)).toBe(
      '{"document":{"machine":{"initial":"b","states":{"a":{},"b":{}}},"process":"p"},' +
        '"order":[["/machine/states",["b","a"]]]}',
    );
  });

  test("keeps no order of maps that only look like states or properties", () => {
    const document = {
      data: {
        default: { properties: { b: 1, a: 2 } },
        properties: { states: { const: { states: { b: 1, a: 2 } } } },
      },
      machine: { states: { a: { meta: { states: { b: 1, a: 2 } } } } },
    };
    expect(canonicalText(document)).toContain('"order":[]');
  });

  test("refuses what JSON can't hold", () => {
    expect(() => canonicalText({ a: Number.NaN })).toThrow();
    expect(() => canonicalText({ a: "\ud800" })).toThrow();
  });
});

describe("documentOf", () => {
  test("gives back the document, with its order", () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const text = canonicalText(document);
        expect(documentOf(text)).toEqual(document);
        expect(canonicalText(documentOf(text))).toBe(text);
      }),
    );
  });

  test.each([
    "{}",
    "[]",
    '{"document":[],"order":[]}',
    '{"document":{},"order":{}}',
    '{"document":{},"order":[["/",3]]}',
    '{"document":{"items":{"a":1,"b":2}},"order":[["/items",["a"]]]}',
    '{"document":{"items":{"a":1,"b":2}},"order":[["/items",["a","c"]]]}',
    '{"document":{"items":{"a":1,"b":2}},"order":[["/items",["a","a"]]]}',
  ])("refuses %s, which canonicalText never gives", (text) => {
    expect(() => documentOf(text)).toThrow(TypeError);
  });
});

describe("digestOf", () => {
  test("is the SHA-256 of the text's UTF-8 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(digestOf(text)).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
      }),
    );
  });

  test("is one for YAML and JSON of the same document", () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const texts = [
          canonicalText(parsed(JSON.stringify(document), "json")),
          canonicalText(parsed(JSON.stringify(document, null, 3), "json")),
          canonicalText(parsed(stringify(document, { aliasDuplicateObjects: false }), "yaml")),
          canonicalText(parsed(JSON.stringify(document, null, 1), "yaml")),
        ];
        expect(new Set(texts)).toEqual(new Set([canonicalText(document)]));
      }),
    );
  });
});

function parsed(text: string, format: "yaml" | "json"): JsonObject {
  const { value, findings } = parseDefinition(text, format);
  if (value === null) throw new Error(`${text}: ${JSON.stringify(findings)}`);
  return value;
}

/** Maps whose keys mean something by their order; `items` only at the top, elsewhere it is a schema. */
const ORDERED: ReadonlySet<string> = new Set(["states", "after", "properties"]);

/** `all`: every map turned round; `document`: only those whose order means nothing. */
function reversed(value: JsonObject, which: "all" | "document"): JsonObject {
  const turn = (inner: Json, kept: boolean, isFree: boolean): Json => {
    if (Array.isArray(inner)) return inner.map((element: Json) => turn(element, false, isFree));
    if (!isJsonObject(inner)) return inner;
    const entries = Object.entries(inner).map(([name, member]): [string, Json] => {
      const free = isFree || (!kept && (name === "meta" || name === "default"));
      const ordered = ORDERED.has(name) || (name === "items" && inner === value);
      return [name, turn(member, ordered && !kept && !free, free)];
    });
    return Object.fromEntries(kept && which === "document" ? entries : entries.toReversed());
  };
  const turned = turn(value, false, false);
  return isJsonObject(turned) ? turned : {};
}
