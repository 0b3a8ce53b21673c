import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonBytesAround, jsonText, jsonTextAround } from "../../src/audit/kept-text.ts";

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

describe("its bytes", () => {
  test("are the text's in UTF-8, the first time and again, whatever it is written in", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(text, fc.jsonValue({ maxDepth: 3 }), (title, other) => {
        const data = JSON.parse(
          JSON.stringify({
            title,
            long: { note: "工".repeat(300) },
            other,
            lines: Array(300).fill(0),
          }),
        );
        const around = { id: 1, title: `step 1 › ${title}`, data, after: [title] };
        const bytes = Buffer.from(jsonTextAround(around));
        expect(jsonBytesAround(around).equals(bytes)).toBe(true);
        expect(jsonBytesAround({ ...around }).equals(bytes)).toBe(true);
      }),
    );
  });

  test("are whole however many they are, and nobody else's", () => {
    const one = jsonBytesAround({ data: { note: "工".repeat(100_000) } });
    const small = jsonBytesAround({ data: { note: "›" } });
    const other = jsonBytesAround({ data: { note: "x" } });
    expect(one.length).toBe(300_020);
    expect(small.toString()).toBe('{"data":{"note":"›"}}');
    expect(other.toString()).toBe('{"data":{"note":"x"}}');
  });
});
