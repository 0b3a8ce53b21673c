/** What an expression may cost: hostile ones end soon, whatever they ask for. */

import { describe, expect, test } from "vitest";
import { compiled, evaluated, refusal, scope } from "./bench.ts";
import { leastCpuMs } from "../../support/cpu-time.ts";

const DIGITS = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
const thousand = Array.from({ length: 1000 }, (_, index) => `t${index}`);

function nested(depth: number, body: string): string {
  return depth === 0 ? body : `l.all(v${depth}, ${nested(depth - 1, body)})`;
}

function bound(source: string): string {
  return `cel.bind(l, ${DIGITS}, ${source})`;
}

/** Doubles what it is given as often as nesting lets it. */
function doubled(seed: string, step: string, times = 37): string {
  return `[${seed}]${`.map(a, ${step})`.repeat(times)}`;
}

describe("an expression within a loop within a loop", () => {
  test.each([
    ["nested macros", bound(nested(9, "true"))],
    ["nested macros whose failures are forgiven", bound(nested(9, "1 / 0 > 1"))],
    ["failures forgiven by ||", bound(nested(9, "1 / 0 > 1 || 1 / 0 > 1 || true"))],
    ["doubled texts", doubled('"aaaaaaaaaaaaaaaa"', "a + a")],
    ["doubled lists", doubled("[1]", "a + a")],
    ["lists of shared lists", doubled("[1]", "[a, a]")],
    [
      "comparison of shared lists",
      `cel.bind(x, ${doubled("[1]", "[a, a]", 20)}, ${doubled("[1]", "[a, a]", 20)} == x)`,
    ],
    ["joined texts", doubled('["aaaaaaaa"]', "[a.join(), a.join()]", 30)],
    ["replaced texts", doubled('"aaaaaaaa"', 'a.replace("a", "aaaa")', 30)],
  ])("is stopped: %s", (_, source) => {
    const expression = compiled(source);
    const took = leastCpuMs(() => {
      expect(() => expression.evaluate(scope)).toThrow(/takes more than|makes a text|its result/);
    });
    expect(took).toBeLessThan(100);
  });

  test.each([
    ["membership", "repairedBy.all(a, !(a in repairedBy) || true)"],
    ["a product of lists", "repairedBy.map(a, repairedBy.map(b, a + b))"],
    ["unique lists of lists", "unique(repairedBy.map(a, [a]))"],
  ])("is stopped on big data: %s", (_, source) => {
    const expression = compiled(source);
    const big = { ...scope, data: { ...scope.data, repairedBy: thousand } };
    const took = leastCpuMs(() => {
      expect(() => expression.evaluate(big)).toThrow(/takes more than/);
    });
    expect(took).toBeLessThan(100);
  });

  test("is not stopped where the work is a normal order's", () => {
    const data = { ...scope.data, repairedBy: thousand.slice(0, 100) };
    expect(evaluated("repairedBy.all(a, repairedBy.exists(b, a == b))", { data })).toBe(true);
  });
});

describe("a pattern", () => {
  test("runs in linear time", () => {
    const took = leastCpuMs(() => {
      expect(evaluated(`"${"a".repeat(1500)}!".matches("^(a+)+$")`)).toBe(false);
    });
    expect(took).toBeLessThan(100);
  });

  test("has a bound on what it looks at", () => {
    const data = { ...scope.data, note: "a".repeat(4001) };
    expect(() => evaluated('note.matches("a")', { data })).toThrow("at most 4000 characters");
    expect(refusal(`"a".matches("${"a".repeat(201)}")`)).toContain("at most 200");
    expect(refusal('"a".matches("(a{900}){1}")')).toContain("at most 500");
  });
});

describe("the text of an expression", () => {
  test.each([
    ["length", `"${"x".repeat(2000)}"`, "at most 2000 characters"],
    ["parts", `1${"+1".repeat(900)}`, "at most 500"],
    ["nesting", `${"(".repeat(500)}1${")".repeat(500)}`, "nested at most 40"],
    ["not after not", `${"!".repeat(1900)}true`, "at most 500"],
    ["emptiness", "  ", "found nothing"],
  ])("is bounded: %s", (_, source, message) => {
    expect(leastCpuMs(() => expect(refusal(source)).toContain(message))).toBeLessThan(100);
  });
});
