/** What a scenario names of the data must be there; what it leaves out may be anything. */

import { describe, expect, test } from "vitest";

import { firstLack } from "../../src/design/subset.ts";

describe("firstLack", () => {
  test("lets objects have more members than the pattern names, at any depth", () => {
    expect(firstLack({ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 })).toBeNull();
  });

  test("compares lists as a whole, and their elements as patterns", () => {
    expect(firstLack([{ a: 1 }], [{ a: 1, b: 2 }])).toBeNull();
    expect(firstLack([1], [1, 2])).toEqual({ pointer: "", expected: [1], found: [1, 2] });
    expect(firstLack({ a: [{ b: 1 }] }, { a: [{ b: 2 }] })).toEqual({
      pointer: "/a/0/b",
      expected: 1,
      found: 2,
    });
  });

  test("tells null from nothing, and text from numbers", () => {
    expect(firstLack({ a: null }, {})).toEqual({ pointer: "/a", expected: null, found: undefined });
    expect(firstLack({ a: "1" }, { a: 1 })?.pointer).toBe("/a");
  });

  test("never finds what a prototype has", () => {
    expect(firstLack({ constructor: 1 }, {})?.found).toBeUndefined();
  });
});
