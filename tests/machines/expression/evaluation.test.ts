/** What expressions give, and how they fail. */

import { describe, expect, test } from "vitest";
import { ExpressionFailure } from "../../../machines/evaluation.ts";
import { evaluated } from "./bench.ts";

describe("an expression gives", () => {
  test.each([
    ["rework + 1", 2],
    ["7 / 2", 3.5],
    ["7 % 2", 1],
    ["-0.0", 0],
    ["size(findings) - 2", 0],
    ["findings[pick].id", "f2"],
    ["rework in [1, 2]", true],
    ['"deep" in free', true],
    ["free.deep.list[1]", "two"],
    ['free["deep"]["list"].size()', 3],
    ['actor.role == "technician" && !(actor.sub in repairedBy)', true],
    ['actor.centre == null && order.businessKey == "WO-1"', true],
    ['inState("quality.peerCheck") ? "yes" : "no"', "yes"],
    ["has(absent) ? absent : note", null],
    ["has(event.comment) || has(event.score)", true],
    ['findings.filter(f, f.colour == "red").map(f, f.id)', ["f1"]],
    ['findings.map(f, f.colour == "red", f.id)', ["f1"]],
    ['findings.exists_one(f, f.colour == "red")', true],
    ["findings.map(f, f.id) + [event.finding.id]", ["f1", "f2", "f3"]],
    ["free.map(key, key)", ["deep"]],
    ["addOns.all(a, a.state == 'approved' && 'billable' in a.tags)", true],
    ["item.reason", "worn"],
    ["cel.bind(n, rework + 1, n * n)", 4],
    ["[] == [] && {} == {} && {'a': [1]} == {'a': [1.0]}", true],
    ["dyn([null]) != [0]", true],
    ["money(price)", "CNY 128.00"],
    [
      'money({"amount": -5, "currency": "JPY"}) + money({"amount": 5, "currency": "KWD"})',
      "JPY -5KWD 0.005",
    ],
    ["sum([1, 2, 3]) + sum([])", 6],
    ["[max([1, 3, 2]), min(4, 2), max('a', 'b').size()]", [3, 2, 1]],
    ["unique([1, 1.0, 'a', 'a', [1], [1], null, null])", [1, "a", [1], null]],
    ["join(['a', 'b'], '-') + ['c'].join()", "a-bc"],
    ["'a,b,,c'.split(',')", ["a", "b", "", "c"]],
    ["'a-b-a'.replace('a', 'xx')", "xx-b-xx"],
    ["'名前😀'.size() + '名前😀x'.indexOf('x')", 6],
    ["'名前😀x'.substring(2, 3)", "😀"],
    ["' x '.trim().upperAscii() + 'Y'.lowerAscii()", "Xy"],
    ["'AB-12'.matches('^[A-Z]+-[0-9]+$')", true],
    ["[int('42'), int(-2.7), double('1e2')]", [42, -2, 100]],
    ["string(1.5) + string(true) + string(duration('90m'))", "1.5truePT1H30M"],
  ])("%s", (source, value) => {
    expect(evaluated(source)).toEqual(value);
  });

  test.each([
    ["slot.start", "2026-11-23T02:00:00.000Z"],
    ["now < slot.start && slot.start == timestamp('2026-11-23T02:00:00Z')", true],
    ["slot.start in [timestamp('2026-11-23T03:00:00+01:00')]", true],
    ["[slot].map(s, s.start)", ["2026-11-23T02:00:00.000Z"]],
    ["now + duration('PT2H') - duration('30m')", "2026-11-23T02:30:00.000Z"],
    ["slot.start - now", "PT1H"],
    ["now - slot.start", "-PT1H"],
    ["duration('P1DT1.5S')", "PT24H1.5S"],
    ["duration('-PT0S')", "PT0S"],
    ["slot.start - now >= duration('PT60M')", true],
    ["sum([duration('PT50M'), duration('20m')])", "PT1H10M"],
    ["[now.getHours(), now.getDayOfWeek(), now.getDayOfYear(), now.getMonth()]", [1, 1, 326, 10]],
    ["(slot.start - now).getMinutes()", 60],
  ])("for times, %s", (source, value) => {
    expect(evaluated(source)).toEqual(value);
  });

  test("only what the scope promises of an actor, whatever else its object carries", () => {
    const actor = { sub: "a", role: "lead", centre: null, token: "secret" };
    expect(evaluated("actor", { actor })).toEqual({ sub: "a", role: "lead", centre: null });
  });
});

describe("an expression fails, and says why,", () => {
  test.each([
    ["absent + '!'", "has(absent)"],
    ["event.comment", "has(event.comment)"],
    ["free.missing.deeper", "no field missing"],
    ["findings[2].id", "none at 2"],
    ["findings[0.5].id", "none at 0.5"],
    ["1 / 0", "divided by zero"],
    ["1 % 0", "divided by zero"],
    ["9007199254740991 + 2", "JSON doesn't keep exactly"],
    ["1e308 * 10", "beyond"],
    ["note.size()", "found null"],
    ["dyn(1) + 'a'", "+ doesn't take double and string"],
    ["dyn(1) < 'a'", "can't be compared"],
    ["dyn(1) ? 1 : 2", "neither true nor false"],
    ["dyn('x').map(y, y)", "a list to go through"],
    ["min([])", "empty list"],
    ["money({'amount': 0.5, 'currency': 'CNY'})", "minor units"],
    ["{string(dyn('__proto__')): 1}", "no text"],
  ])("%s", (source, message) => {
    expect(() => evaluated(source)).toThrow(ExpressionFailure);
    expect(() => evaluated(source)).toThrow(message);
  });

  test("but a side that can decide alone makes up for the other (CEL, logical operators)", () => {
    expect(evaluated("1 / 0 > 1 || true")).toBe(true);
    expect(evaluated("1 / 0 > 1 && false")).toBe(false);
    expect(evaluated("[0, 1].exists(x, 1 / x == 1)")).toBe(true);
    expect(evaluated("[0, 1].all(x, 1 / x > 1)")).toBe(false);
    expect(() => evaluated("[0, 1].all(x, 1 / x == 1)")).toThrow("divided by zero");
  });
});

describe("the host", () => {
  test.each(["free.constructor", "free.__proto__", "dyn(free).toString", 'free["constructor"]'])(
    "can't be reached by %s",
    (source) => {
      expect(() => evaluated(source)).toThrow(/has no field/);
    },
  );

  test("is not seen by has() and in either", () => {
    expect(evaluated("has(free.constructor) || 'toString' in free")).toBe(false);
  });
});
