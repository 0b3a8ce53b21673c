import { expect, test } from "vitest";
import { conjunctsOf } from "../../../machines/expression/conjuncts.ts";

test.each([
  ["a", ["a"]],
  ["a && b && c > 1", ["a", "b", "c > 1"]],
  ["(a || b) && (c && d)", ["a || b", "c", "d"]],
  ["!(a && b)", ["!(a && b)"]],
  ['x == "&&" && y', ['x == "&&"', "y"]],
])("%s", (source, parts) => {
  expect(conjunctsOf(source)).toEqual(parts);
});
