import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonText } from "../../src/audit/kept-text.ts";

describe("the text of data", () => {
  test("is what JSON.stringify gives, the first time and again, and with one member changed", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
    fc.assert(
      fc.property(object, fc.jsonValue(), (some, other) => {
        const data = JSON.parse(
          JSON.stringify({ ...some, long: "x".repeat(300), lines: Array(300).fill(0) }),
        );
        expect(jsonText(data)).toBe(JSON.stringify(data));
        const changed = JSON.parse(JSON.stringify({ other }));
        const next = { ...data, ...changed };
        expect(jsonText(next)).toBe(JSON.stringify(next));
        expect(jsonText(next)).toBe(JSON.stringify(next));
      }),
    );
  });

  test("leaves out what JSON does, and keeps the order of members", () => {
    const data = { b: 1, a: undefined, 2: "two", é: null };
    expect(Reflect.apply(jsonText, null, [data])).toBe('{"2":"two","b":1,"é":null}');
  });
});
