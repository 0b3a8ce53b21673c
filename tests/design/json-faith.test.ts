/** The check that orders survive their JSON text must itself notice every way of not surviving. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { firstLoss } from "../../src/design/json-faith.ts";

describe("firstLoss", () => {
  test("finds nothing in any JSON value that was stored and read", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(firstLoss(JSON.parse(JSON.stringify(value)))).toBeNull();
      }),
    );
  });

  test.each([
    ["an undefined member", { a: { b: undefined } }, "/a/b"],
    ["NaN", { a: [1, Number.NaN] }, "/a/1"],
    ["infinity", [Number.POSITIVE_INFINITY], "/0"],
    ["negative zero", { a: -0 }, "/a"],
    ["a bigint", { a: 1n }, "/a"],
    ["a date", { at: new Date(0) }, "/at"],
    ["a map", { "a/b": new Map() }, "/a~1b"],
    ["a hole in a list", { a: Array.from({ length: 1 }) }, "/a/0"],
    ["a function", { f: () => 1 }, "/f"],
    ["a value of its own text", { a: { toJSON: () => 1 } }, "/a"],
  ])("finds %s", (_, value, pointer) => {
    expect(firstLoss(value)).toBe(pointer);
  });
});
