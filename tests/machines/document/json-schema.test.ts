import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { definitionJsonSchema } from "../../../machines/document/json-schema.ts";
import { resolve } from "../../../machines/document/pointer.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../machines/json.ts";

const COMMITTED = new URL("../../../definitions/definition.schema.json", import.meta.url).pathname;

describe("definitionJsonSchema", () => {
  test("is what definitions/definition.schema.json holds (npm run generate writes it)", async () => {
    await expect(definitionJsonSchema()).toMatchFileSnapshot(COMMITTED);
  });

  test("explains every key on hover", () => {
    const silent: string[] = [];
    const whole: Json = JSON.parse(definitionJsonSchema());
    visit(whole, "", (pointer, properties) => {
      for (const [key, schema] of Object.entries(properties)) {
        if (!isExplained(whole, schema)) {
          silent.push(`${pointer}/${key}`);
        }
      }
    });
    expect(silent).toEqual([]);
  });

  test("is a valid JSON Schema 2020-12 that knows good and bad definitions", () => {
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
      JSON.parse(definitionJsonSchema()),
    );
    const good = {
      process: "p",
      version: "1.0.0",
      machine: { states: { a: { on: { GO: "a" } } } },
    };
    expect(validate(good)).toBe(true);
    for (const bad of [
      { ...good, tite: "x" },
      { ...good, machine: { states: { "a.b": {} } } },
      { ...good, machine: { states: { a: { on: { "*": "a" } } } } },
      { ...good, machine: { states: { a: { after: { "5000": "a" } } } } },
      { ...good, machine: { states: { a: { on: { GO: null } } } } },
      { ...good, machine: { states: { a: { on: { GO: { guard: "score > 3" } } } } } },
    ]) {
      expect(validate(bad)).toBe(false);
    }
  });
});

/** Editors show the description beside a `$ref`, or else the one that it leads to. */
function isExplained(whole: Json, schema: Json | undefined): boolean {
  if (!isJsonObject(schema)) return false;
  if (typeof schema["description"] === "string") return true;
  const ref = schema["$ref"];
  return typeof ref === "string" && isExplained(whole, resolve(whole, ref.slice(1)));
}

function visit(
  node: unknown,
  pointer: string,
  see: (pointer: string, properties: JsonObject) => void,
): void {
  if (Array.isArray(node)) node.forEach((inner, index) => visit(inner, `${pointer}/${index}`, see));
  if (!isJsonObject(node)) return;
  if (isJsonObject(node["properties"])) see(pointer, node["properties"]);
  for (const [key, inner] of Object.entries(node)) visit(inner, `${pointer}/${key}`, see);
}
