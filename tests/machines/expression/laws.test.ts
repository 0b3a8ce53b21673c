/** What holds for every expression and every value; and that the operators mean what an independent CEL says. */

import { Environment } from "@marcbachmann/cel-js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExpressionFailure } from "../../../machines/evaluation.ts";
import type { Json } from "../../../machines/json.ts";
import { plainJsonErrors } from "../../../machines/schema/plain-json.ts";
import { compiled, evaluated, scope } from "./bench.ts";

const json = fc.jsonValue({ maxDepth: 4 }).map((value): Json => JSON.parse(JSON.stringify(value)));
const plain = json.filter((value) => plainJsonErrors(value).length === 0);

function outcome(source: string, free: Json): Json {
  try {
    return { value: evaluated(source, { data: { ...scope.data, free } }) };
  } catch (error) {
    if (error instanceof ExpressionFailure) return { failure: error.message };
    throw error;
  }
}

const SOURCES = [
  "free",
  "[free, {'k': free}]",
  "free + free",
  "free - free",
  "free == free",
  "free.map(x, [x])",
  "free.exists(x, x == 1)",
  "size(free)",
  "free < free",
  "free.a",
  "free[0]",
  "-dyn(free)",
  "string(dyn(free))",
  "unique(free)",
  "sum(free)",
  "free.filter(x, x)",
].map((source) => source.replaceAll("free", "dyn(free)"));

describe("every expression", () => {
  test("gives plain JSON that a round trip doesn't change, or an ExpressionFailure", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SOURCES), plain, (source, free) => {
        const result = outcome(source, free);
        expect(JSON.parse(JSON.stringify(result))).toStrictEqual(result);
        expect(plainJsonErrors(result)).toEqual([]);
      }),
    );
  });

  test("gives the same again", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SOURCES), plain, (source, free) => {
        expect(outcome(source, free)).toStrictEqual(outcome(source, free));
      }),
    );
  });

  test("leaves what it reads as it was", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SOURCES), plain, (source, free) => {
        const before = JSON.stringify(free);
        outcome(source, free);
        expect(JSON.stringify(free)).toBe(before);
      }),
    );
  });
});

/** Sources in the part of CEL where a double is all the numbers there are. */
const number: fc.Memo<string> = fc.memo((depth) =>
  depth <= 1
    ? fc.integer({ min: -9, max: 9 }).map((value) => `(${value}.0)`)
    : fc.oneof(
        fc
          .tuple(number(depth - 1), fc.constantFrom("+", "-", "*"), number(depth - 1))
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc
          .tuple(condition(depth - 1), number(depth - 1), number(depth - 1))
          .map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
      ),
);
const text: fc.Memo<string> = fc.memo((depth) =>
  depth <= 1
    ? fc.constantFrom("'a'", "'b'", "'名'", "''")
    : fc.tuple(text(depth - 1), text(depth - 1)).map(([a, b]) => `(${a} + ${b})`),
);
const condition: fc.Memo<string> = fc.memo((depth) =>
  depth <= 1
    ? fc.constantFrom("true", "false", "(oops > 1.0)")
    : fc.oneof(
        fc
          .tuple(
            number(depth - 1),
            fc.constantFrom("<", "<=", ">", ">=", "==", "!="),
            number(depth - 1),
          )
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc
          .tuple(condition(depth - 1), fc.constantFrom("&&", "||"), condition(depth - 1))
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc.tuple(text(depth - 1), text(depth - 1)).map(([a, b]) => `${a}.contains(${b})`),
        fc
          .tuple(
            fc.constantFrom("all", "exists", "exists_one"),
            number(depth - 1),
            number(depth - 1),
          )
          .map(([macro, a, b]) => `[${a}, ${b}].${macro}(x, x > ${a})`),
        condition(depth - 1).map((a) => `!${a}`),
      ),
);

describe("operators", () => {
  const oracle = new Environment({ unlistedVariablesAreDyn: true });

  test("mean what the library's own evaluator makes of them", () => {
    fc.assert(
      fc.property(fc.oneof(condition(4), number(4)), (source) => {
        const ours = source.replaceAll("oops", "dyn(free).oops");
        const theirs = (): Json =>
          oracle.evaluate(source.replaceAll("oops", "free.oops"), { free: {} });
        expect(valueOrNothing(() => compiled(ours).evaluate(scope))).toStrictEqual(
          valueOrNothing(theirs),
        );
      }),
      { numRuns: 500 },
    );
  });
});

function valueOrNothing(give: () => Json): Json {
  try {
    const value = give();
    return { value: value === 0 ? 0 : value };
  } catch {
    return "failed";
  }
}
