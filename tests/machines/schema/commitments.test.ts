import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../../machines/json.ts";
import { commitmentsIn, unseal } from "../../../machines/schema/tokens.ts";

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const text = fc.oneof(
  fc.string(),
  hex.map((digits) => `sealed:${digits}`),
  fc.tuple(fc.string(), hex).map(([before, digits]) => `${before} sealed:${digits}.`),
);
const value = fc.letrec<{ value: JsonObject[string] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.integer(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), tie("value"), { maxKeys: 3 }),
  ),
})).value;

function everywhere(given: unknown): readonly string[] {
  const tokens = JSON.stringify(given).matchAll(/sealed:([0-9a-f]{64})/g);
  return [...new Set(Array.from(tokens, ([, digits]) => digits ?? ""))];
}

describe("the commitments in a value", () => {
  test("are found wherever they stand, once each, and again in what was made from it", () => {
    fc.assert(
      fc.property(value, value, (data, added) => {
        expect(commitmentsIn(data)).toEqual(everywhere(data));
        const next = { data, added };
        expect(commitmentsIn([next])).toEqual(everywhere([next]));
        expect(commitmentsIn([{ ...next, added: null }])).toEqual(everywhere([{ data }]));
      }),
    );
  });
});

describe("values", () => {
  /** As it is said, and no faster. */
  function joined(given: Json, values: ReadonlyMap<string, Json>): Json {
    if (typeof given === "string") {
      const whole = /^sealed:([0-9a-f]{64})$/.exec(given)?.[1];
      if (whole !== undefined) return values.has(whole) ? (values.get(whole) ?? null) : given;
      return given.replaceAll(/sealed:([0-9a-f]{64})/g, (token, digits: string) => {
        const found = values.get(digits);
        if (found === undefined) return token;
        return typeof found === "string" ? found : JSON.stringify(found);
      });
    }
    if (isJsonArray(given)) return given.map((each) => joined(each, values));
    if (!isJsonObject(given)) return given;
    return Object.fromEntries(
      Object.entries(given).map(([key, each]) => [key, joined(each, values)]),
    );
  }

  test("are joined back wherever their tokens stand, also in what was looked at before", () => {
    fc.assert(
      fc.property(value, value, fc.array(value), (data, added, contents) => {
        const values = new Map(
          everywhere([data, added]).flatMap((digits, index) => {
            const content = contents[index];
            return content === undefined ? [] : [[digits, content] as const];
          }),
        );
        commitmentsIn([data]);
        for (const given of [data, { data, added }, [[data], [{ added }]]]) {
          expect(unseal(given, values)).toEqual(joined(given, values));
        }
        expect(unseal({ data }, new Map())).toEqual({ data });
      }),
    );
  });
});
