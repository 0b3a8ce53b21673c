/** What the compiler refuses about histories: defaults and targets that would leave no legal configuration. */

import { describe, expect, test } from "vitest";
import { judge } from "../../../machines/compile/judge.ts";

function errors(machine: string): readonly string[] {
  const text = `process: checks\nversion: 1.0.0\nmachine: ${machine}\n`;
  return judge(text, "yaml")
    .findings.filter(({ severity }) => severity === "error")
    .map(({ rule, pointer }) => `${rule} ${pointer}`);
}

const withHistory = (history: string) =>
  `{ initial: a, states: { a: { on: { GO: b.h } }, b: { id: b, initial: x, on: { BACK: a }, states: { x: {}, h: ${history}, k: { type: history } } }, c: { id: c } } }`;

describe("a history state", () => {
  test("may have a default inside its parent", () => {
    expect(errors(withHistory("{ type: history, target: x }"))).toEqual([]);
  });

  test.each([
    ["outside its parent", "{ type: history, target: '#c' }"],
    ["that is its parent", "{ type: history, target: '#b' }"],
    ["that is itself", "{ type: history, target: h }"],
    ["that is another history", "{ type: history, target: k }"],
  ])("is refused a default %s", (_, history) => {
    expect(errors(withHistory(history))).toEqual([
      "history-target /machine/states/b/states/h/target",
    ]);
  });

  test("is where its parent starts only when it says where the first time", () => {
    const machine = (history: string) => `{ initial: h, states: { h: ${history}, x: {} } }`;
    expect(errors(machine("{ type: history, target: x }"))).toEqual([]);
    expect(errors(machine("{ type: history }"))).toEqual(["initial-without-past /machine/initial"]);
  });

  test("of a parallel state is no target beside a state in one of its regions", () => {
    const machine = (targets: string) =>
      `{ initial: a, states: { a: { on: { GO: { target: [${targets}] } } }, p: { type: parallel, states: { h: { type: history }, r: {}, s: { initial: s1, states: { h: { type: history }, s1: {} } } } } } }`;
    expect(errors(machine("p.r, p.s.h"))).toEqual([]);
    expect(errors(machine("p.h, p.s.s1"))).toEqual([
      "targets-exclude-each-other /machine/states/a/on/GO/target",
    ]);
  });
});
