import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../machines/json.ts";
import { commitmentsIn } from "../../../machines/schema/tokens.ts";

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
