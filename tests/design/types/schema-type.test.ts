import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../../machines/json.ts";
import { docComment } from "../../../src/design/types/doc-comment.ts";
import { schemaType } from "../../../src/design/types/schema-type.ts";

function typed(schema: Json, defaultsFilled = false): string {
  const named = (ref: string) => ref.split("/").at(-1) ?? ref;
  return schemaType(schema, { named, defaultsFilled, mutableArrays: false }).replaceAll(
    /\s+/g,
    " ",
  );
}

describe("schemaType", () => {
  test.each<readonly [Json, string]>([
    [true, "unknown"],
    [{}, "unknown"],
    [false, "never"],
    [{ type: "integer" }, "number"],
    [{ type: ["string", "null"] }, "string | null"],
    [{ const: "CNY" }, '"CNY"'],
    [{ enum: ["a", 1, null] }, '"a" | 1 | null'],
    [{ type: "array", items: { enum: ["a", "b"] } }, 'readonly ("a" | "b")[]'],
    [
      { type: "array", items: { type: "array", items: { type: "string" } } },
      "readonly (readonly string[])[]",
    ],
    [
      { type: "array", prefixItems: [{ type: "string" }, {}], items: false, minItems: 1 },
      "readonly [string, unknown?]",
    ],
    [{ type: "object" }, "{ readonly [key: string]: unknown }"],
    [{ type: "object", additionalProperties: false }, "{ readonly [key: string]: never }"],
    [
      { type: "object", additionalProperties: { type: "string" } },
      "{ readonly [key: string]: string }",
    ],
    [
      { type: "object", required: ["a"], properties: { a: { type: "string" }, "b-c": {} } },
      '{ readonly a: string; readonly "b-c"?: unknown; }',
    ],
    [{ anyOf: [{ type: "string" }, { $ref: "#/$defs/money" }] }, "string | money"],
    [
      { allOf: [{ $ref: "#/$defs/money" }, { anyOf: [{ const: 1 }, { const: 2 }] }] },
      "money & (1 | 2)",
    ],
    [
      { type: "object", properties: { a: {} }, if: {}, additionalProperties: false },
      "{ readonly a?: unknown; } & { readonly [key: string]: unknown }",
    ],
  ])("writes %j as %s", (schema, expected) => {
    expect(typed(schema)).toBe(expected);
  });

  test("takes a property with a default as there where defaults are filled in", () => {
    const schema = { type: "object", properties: { a: { type: "string", default: "x" } } };
    expect(typed(schema, true)).toBe("{ readonly a: string; }");
    expect(typed(schema, false)).toBe("{ readonly a?: string; }");
  });

  test("quotes whatever a name or a literal holds", () => {
    const name = 'a"b\\c\n';
    const schema: JsonObject = { type: "object", properties: { [name]: { const: name } } };
    expect(typed(schema)).toBe(`{ readonly ${JSON.stringify(name)}?: ${JSON.stringify(name)}; }`);
  });
});

describe("docComment", () => {
  test("lets no sentence end the comment", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("*", "/", "\n", "\r", "\u2028", "a", " ") })),
        (sentences) => {
          const lines = docComment(sentences, 2);
          const text = lines.join("\n");
          const end = text.indexOf("*/");
          expect(end === -1 || end === text.length - 2).toBe(true);
        },
      ),
    );
  });
});
