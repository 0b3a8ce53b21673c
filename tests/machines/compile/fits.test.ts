/** A value that can never fit where it goes is told when the definition is published, not when an order meets it. */

import { describe, expect, test } from "vitest";

import { judge } from "../../../machines/compile/judge.ts";

/** Findings for one action in the order's only state, `rule pointer-below-the-action`. */
function told(action: string, more = ""): readonly string[] {
  const { findings } = judge(
    `process: fits
version: 1.0.0
roles: [clerk]
data:
  type: object
  properties:
    score: { type: number, default: 0 }
    note: { type: [string, "null"] }
    name: { type: string, x-personal: true }
    grade: { enum: [good, bad] }
    dueAt: { type: string, format: date-time }
    tags: { type: array, items: { type: string }, default: [] }
    place: { type: object, properties: { bay: { type: string } } }
    free: true
events:
  GO: { by: [clerk], payload: { type: object, required: [by], properties: { by: { type: string }, phone: { type: string, x-personal: true } } } }
  TOLD: { by: [], payload: { type: object, required: [n], properties: { n: { type: number }, text: { type: string } } } }
effects:
  notify: { payload: { type: object, required: [to], properties: { to: { type: string }, n: { type: number } } } }
  anything: {}
jobs:
  weigh: { input: { type: object, required: [kilos], properties: { kilos: { type: number } } } }
items:
  lines:
    key: line
    data: { type: object, required: [price], properties: { price: { type: number }, open: { type: boolean, default: true } } }
    machine: { initial: a, states: { a: { on: { TOLD: b } }, b: {} } }
machine:
  initial: one
  states:
    one:
      on: { GO: { actions: ${action} } }
${more}`,
    "yaml",
  );
  const place = "/machine/states/one/on/GO/actions";
  return findings
    .filter(({ rule }) => rule !== "event-undeclared")
    .map(({ rule, pointer }) => `${rule} ${pointer.replace(place, "")}`);
}

const assign = (params: string): string => `{ type: assign, params: { ${params} } }`;

describe("a value that can't fit", () => {
  test.each([
    ["a text for a number", assign("score: high"), "value-type /params/score"],
    ["an expression's text for a number", assign(`score: '= "high"'`), "value-type /params/score"],
    ["null where none is allowed", assign("score: null"), "value-type /params/score"],
    ["none of the listed values", assign("grade: fair"), "value-type /params/grade"],
    [
      "a computed value that is not listed",
      assign(`grade: '= score > 1.0 ? "fine" : "poor"'`),
      "value-type /params/grade",
    ],
    ["a number for an instant", assign("dueAt: 5"), "value-type /params/dueAt"],
    ["a text for a list", assign("tags: '= event.by'"), "value-type /params/tags"],
    ["an element of another type", assign("tags: [a, 1]"), "value-type /params/tags/1"],
    [
      "an inner field of another type",
      assign("place: { bay: '= score' }"),
      "value-type /params/place/bay",
    ],
    [
      "an inner field that is unknown",
      assign("place: { bey: a }"),
      "value-unknown-field /params/place/bey",
    ],
    ["a clear text for a personal field", assign("name: Ann"), "value-type /params/name"],
    ["a personal value for a number", assign("score: '= name'"), "value-type /params/score"],
    [
      "an effect without what it requires",
      "{ type: notify, params: { n: 1 } }",
      "value-missing /params",
    ],
    [
      "an effect with an unknown param",
      "{ type: notify, params: { to: a, cc: b } }",
      "value-unknown-field /params/cc",
    ],
    [
      "an event raised without its payload",
      "{ type: raise, params: { event: TOLD } }",
      "value-missing ",
    ],
    [
      "an event raised with another payload",
      "{ type: raise, params: { event: TOLD, payload: { n: '= event.by' } } }",
      "value-type /params/payload/n",
    ],
    [
      "an event sent with an unknown field",
      "{ type: send, params: { in: lines, event: TOLD, payload: { n: 1, m: 2 } } }",
      "value-unknown-field /params/payload/m",
    ],
    [
      "a condition that is no condition",
      "{ type: send, params: { in: lines, where: '= item.price', event: TOLD, payload: { n: 1 } } }",
      "where-type /params/where",
    ],
    [
      "an item without what it requires",
      "{ type: open, params: { in: lines, value: { line: '= event.by' } } }",
      "value-missing /params/value",
    ],
    [
      "an item with an unknown field",
      "{ type: open, params: { in: lines, value: { id: a, price: 1, cost: 2 } } }",
      "value-unknown-field /params/value/cost",
    ],
  ])("is told: %s", (_, action, finding) => {
    expect(told(action)).toEqual([finding]);
  });

  test("is told of a job's input", () => {
    const state = (input: string) => told("[]", `      invoke: { src: weigh, input: ${input} }`);
    expect(state("{ kilos: '= score' }")).toEqual([]);
    expect(state("{ kilos: heavy }")).toEqual([
      "value-type /machine/states/one/invoke/input/kilos",
    ]);
    expect(state("{}")).toEqual(["value-missing /machine/states/one/invoke"]);
  });

  test("is told of an invariant that is neither true nor false", () => {
    expect(told("[]", "invariants: [{ id: known, always: = score }]")).toEqual([
      "invariant-type /invariants/0/always",
    ]);
  });
});

describe("a value that may fit", () => {
  test.each([
    ["null where it is allowed", assign("note: null")],
    ["a value that may be null", assign(`grade: '= note == "x" ? "good" : "bad"'`)],
    ["an instant", assign("dueAt: '= now'")],
    ["an instant as text", assign("note: '= now'")],
    ["a duration as text", assign(`note: '= duration("PT2H")'`)],
    ["a text that may be an instant", assign("dueAt: '= event.by'")],
    ["a text that may be a listed value", assign("grade: '= event.by'")],
    ["a longer list", assign("tags: '= tags + [event.by]'")],
    ["an empty list", assign("tags: []")],
    ["a personal value, copied to a personal field", assign("name: '= event.phone'")],
    ["a personal value, copied to a text", "{ type: notify, params: { to: '= name' } }"],
    ["anything where anything is allowed", assign("free: [1, a, { b: '= score' }]")],
    ["anything for an effect that declares nothing", "{ type: anything, params: { a: 1 } }"],
    [
      "an item named by its key or its id",
      "[{ type: open, params: { in: lines, value: { line: a, price: 1 } } }, { type: open, params: { in: lines, value: { id: b, price: '= score' } } }]",
    ],
    [
      "an item whose default fills what it requires",
      "{ type: open, params: { in: lines, value: { id: a, price: 1 } } }",
    ],
  ])("is let through: %s", (_, action) => {
    expect(told(action)).toEqual([]);
  });

  test("is not told again when its expression was refused", () => {
    expect(told(assign("score: '= missing'"))).toEqual(["expression /params/score"]);
  });
});
