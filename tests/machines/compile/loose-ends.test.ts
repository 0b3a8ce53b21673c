/** What runs, but leaves the designer something to look at: states without a way in or out, texts without a language. */

import { describe, expect, test } from "vitest";
import { judge } from "../../../machines/compile/judge.ts";
import type { JsonObject } from "../../../machines/json.ts";
import { leastCpuMs } from "../../support/cpu-time.ts";

const RULES = new Set([
  ...["unreachable-state", "no-way-to-the-end", "endless-cycle", "text-missing"],
]);

function warned(document: JsonObject): readonly string[] {
  const text = JSON.stringify({ process: "test", version: "1.0.0", ...document });
  const { findings } = judge(text, "json");
  return findings
    .filter(({ rule }) => RULES.has(rule))
    .map(({ rule, pointer }) => `${rule} ${pointer}`);
}

const machine = (states: JsonObject, more: JsonObject = {}): JsonObject => ({
  machine: { initial: "a", states, ...more },
});

describe("a state that nothing leads to", () => {
  test("is told once, not with all that is in it", () => {
    const lost = { initial: "x", states: { x: { on: { GO: "y" } }, y: {} } };
    expect(warned(machine({ a: { on: { GO: "b" } }, b: {}, lost }))).toEqual([
      "unreachable-state /machine/states/lost",
    ]);
  });

  test.each<[string, JsonObject]>([
    ["by a timer", { a: { after: { PT1H: "b" } }, b: {} }],
    [
      "by the end of another",
      { a: { initial: "x", onDone: "b", states: { x: { type: "final" } } }, b: {} },
    ],
    ["by an eventless transition", { a: { always: "b" }, b: {} }],
    ["by a job's failure", { a: { invoke: { src: "job", onError: "b" } }, b: {} }],
    ["as a region", { a: { type: "parallel", states: { one: {}, two: {} } } }],
    [
      "through a history's default",
      {
        a: { on: { GO: "b.h" } },
        b: { initial: "x", states: { x: {}, y: {}, h: { type: "history", target: "y" } } },
      },
    ],
    [
      "deep inside, its parent with it",
      { a: { on: { GO: "b.y" } }, b: { initial: "x", states: { x: {}, y: {} } } },
    ],
  ])("is reached %s", (_, states) => {
    expect(warned(machine(states))).toEqual([]);
  });

  test("is told of items too", () => {
    const items = { lines: { key: "line", machine: { initial: "a", states: { a: {}, b: {} } } } };
    expect(warned({ ...machine({ a: {} }), items })).toEqual([
      "unreachable-state /items/lines/machine/states/b",
    ]);
  });
});

describe("a state without a way to the end", () => {
  test("is told when the order has an end", () => {
    const states = { a: { on: { GO: "trap", END: "end" } }, trap: {}, end: { type: "final" } };
    expect(warned(machine(states))).toEqual(["no-way-to-the-end /machine/states/trap"]);
  });

  test.each<[string, JsonObject, JsonObject?]>([
    [
      "that has a way out around it",
      { a: { initial: "x", on: { END: "end" }, states: { x: {} } }, end: { type: "final" } },
    ],
    [
      "beside a region that leads out",
      {
        a: {
          type: "parallel",
          states: { one: {}, two: { initial: "x", states: { x: { on: { END: "#end" } } } } },
        },
        end: { id: "end", type: "final" },
      },
    ],
    ["of an order that never ends", { a: { on: { GO: "b" } }, b: {} }],
    ["that the whole order can leave", { a: {}, end: { type: "final" } }, { on: { END: ".end" } }],
  ])("is not told of a state %s", (_, states, more) => {
    expect(warned(machine(states, more))).toEqual([]);
  });
});

test("a thousand states in a row are judged at once", () => {
  const states = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, n) => [
      `s${n}`,
      { on: { GO: n === 999 ? "end" : `s${n + 1}` } },
    ]),
  );
  const chain = { machine: { initial: "s0", states: { ...states, end: { type: "final" } } } };
  expect(leastCpuMs(() => expect(warned(chain)).toEqual([]), 1)).toBeLessThan(5_000);
});

describe("a text", () => {
  test("that misses a language of the others is told", () => {
    const messages = { hello: { en: "Hello", zh: "你好" }, bye: { en: "Bye" } };
    expect(warned({ ...machine({ a: {} }), messages, title: { zh: "测试" } })).toEqual([
      "text-missing /title",
      "text-missing /messages/bye",
    ]);
  });

  test("for every language is told of nothing, and neither is a payload's field", () => {
    const payload = {
      type: "object",
      properties: { title: { type: "object", properties: { de: { type: "string" } } } },
    };
    expect(
      warned({
        ...machine({ a: {} }),
        title: "Test",
        events: { GO: { title: { en: "Go" }, payload } },
      }),
    ).toEqual([]);
  });
});

describe("states that lead to one another at once", () => {
  test("are told, once for each cycle, however one comes there", () => {
    const states = {
      a: { after: { PT0S: "b" } },
      b: { after: { PT0S: "c" } },
      c: { after: { P0D: "b" } },
      d: { after: { PT0S: "d2" } },
      d2: { after: { '= "PT0S"': "d" } },
      e: { on: { GO: "d" } },
    };
    const { findings } = judge(
      JSON.stringify({ process: "test", version: "1.0.0", ...machine(states) }),
      "json",
    );
    const told = findings.filter(({ rule }) => rule === "endless-cycle");
    expect(told.map(({ pointer, severity }) => `${severity} ${pointer}`)).toEqual([
      "warning /machine/states/b/after/PT0S",
      "warning /machine/states/d/after/PT0S",
    ]);
    expect(told[0]?.message).toBe(
      'Expected time to pass, a guard or an event somewhere on the way from the state "b" back to it, found delays of no length alone: b and c.',
    );
  });

  test.each<[string, JsonObject]>([
    [
      "a state that enters itself again",
      { a: { after: { PT0S: { target: "a", reenter: true } } } },
    ],
    [
      "an event besides, which may never come",
      { a: { after: { PT0S: "b" }, on: { GO: "z" } }, b: { after: { PT0S: "a" } }, z: {} },
    ],
    [
      "states inside one another",
      {
        a: { after: { PT0S: "b" } },
        b: { initial: "x", states: { x: { after: { PT0S: "#test.a" } } } },
      },
    ],
    [
      "one region beside another",
      {
        a: {
          type: "parallel",
          states: {
            one: {
              initial: "x",
              states: { x: { after: { PT0S: "y" } }, y: { after: { PT0S: "x" } } },
            },
            two: {},
          },
        },
      },
    ],
  ])("are told: %s", (_, states) => {
    expect(warned(machine(states)).filter((each) => each.startsWith("endless"))).toHaveLength(1);
  });

  test.each<[string, JsonObject]>([
    ["a delay of some length", { a: { after: { PT0S: "b" } }, b: { after: { "PT0.001S": "a" } } }],
    ["an event", { a: { after: { PT0S: "b" } }, b: { on: { GO: "a" } } }],
    [
      "a guard",
      {
        a: { after: { PT0S: [{ guard: '= order.id == ""', target: "b" }, { target: "b" }] } },
        b: { after: { PT0S: "a" } },
      },
    ],
    ["an end", { a: { after: { PT0S: "b" } }, b: { after: { PT0S: "c" } }, c: { type: "final" } }],
    ["a timer that is not set again", { a: { after: { PT0S: "a" } } }],
    ["a transition that leads nowhere", { a: { after: { PT0S: { actions: [] } } } }],
    [
      "an event that is raised on the way",
      {
        a: {
          after: { PT0S: { target: "b", actions: { type: "raise", params: { event: "GO" } } } },
        },
        b: { after: { PT0S: "a" }, on: { GO: "c" } },
        c: {},
      },
    ],
    [
      "an eventless transition",
      {
        a: { after: { PT0S: "b" } },
        b: { after: { PT0S: "a" }, always: { guard: '= order.id == ""', target: "c" } },
        c: {},
      },
    ],
    [
      "a way out of the state around them",
      {
        a: {
          initial: "x",
          after: { PT0S: "b" },
          states: { x: { after: { PT0S: "y" } }, y: { after: { PT0S: "x" } } },
        },
        b: {},
      },
    ],
  ])("are not told when the way is broken by %s", (_, states) => {
    expect(warned(machine(states)).filter((each) => each.startsWith("endless"))).toEqual([]);
  });

  test("are found among thousands in no time", () => {
    const count = 5_000;
    const states = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `s${index}`,
        { after: { PT0S: `s${(index + 1) % count}` } },
      ]),
    );
    const document = { machine: { initial: "s0", states } };
    expect(warned(document)).toEqual(["endless-cycle /machine/states/s0/after/PT0S"]);
  });
});
