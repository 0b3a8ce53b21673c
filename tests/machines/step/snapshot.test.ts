/** What a snapshot says of a statechart: how the order ended, and where its history states come back to. */

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../machines/json.ts";
import type { Order } from "../../../machines/order.ts";
import { executableOf, restored, send, startOrder, stepped } from "./orders.ts";

function play(machine: JsonObject, ...events: readonly string[]): Order {
  const executable = executableOf({ machine });
  return events.reduce(
    (order: Order, event) => restored(stepped(send(executable, order, event)).order),
    startOrder(executable).order,
  );
}

describe("the outcome", () => {
  const nested: JsonObject = {
    initial: "work",
    states: {
      work: {
        initial: "task",
        onDone: "billed",
        states: {
          task: { on: { DONE: "finished", STOP: "#stopped", PART: "half" } },
          half: {
            initial: "in",
            onDone: "finished",
            states: { in: { on: { DONE: "out" } }, out: { type: "final" } },
          },
          finished: { type: "final", meta: { outcome: "work-done" } },
        },
      },
      billed: { on: { PAY: "paid" } },
      paid: { type: "final", meta: { outcome: "happy" } },
      stopped: { id: "stopped", type: "final" },
    },
  };

  test("is what the final state says, else its key", () => {
    expect(play(nested, "DONE", "PAY").snapshot).toMatchObject({
      status: "done",
      outcome: "happy",
    });
    expect(play(nested, "STOP").snapshot).toMatchObject({ status: "done", outcome: "stopped" });
  });

  test("is none while only a state inside has ended", () => {
    for (const events of [["DONE"], ["PART"], ["PART", "DONE"]]) {
      expect(play(nested, ...events).snapshot).toMatchObject({ status: "active", outcome: null });
    }
  });

  test("of a parallel order comes when every region has ended", () => {
    const region = (event: string, outcome: string): JsonObject => ({
      initial: "on",
      states: { on: { on: { [event]: "off" } }, off: { type: "final", meta: { outcome } } },
    });
    const both: JsonObject = {
      type: "parallel",
      states: { left: region("A", "first"), right: region("B", "second") },
    };
    expect(play(both, "B").snapshot).toMatchObject({ status: "active", outcome: null });
    expect(play(both, "B", "A").snapshot).toMatchObject({ status: "done", outcome: "first" });
  });

  test("is the outermost final state's, when several are active", () => {
    const region = (outcome: string): JsonObject => ({
      initial: "on",
      states: { on: { on: { GO: "off" } }, off: { type: "final", meta: { outcome } } },
    });
    const deep: JsonObject = {
      type: "parallel",
      states: {
        inner: { type: "parallel", states: { left: region("deep"), right: region("deep") } },
        outer: region("near"),
      },
    };
    expect(play(deep, "GO").snapshot).toMatchObject({ status: "done", outcome: "near" });
  });
});

describe("history", () => {
  const machine = (kind: "shallow" | "deep"): JsonObject => ({
    initial: "repair",
    states: {
      repair: {
        initial: "first",
        on: { PAUSE: "paused" },
        states: {
          first: { on: { NEXT: "second" } },
          second: {
            initial: "a",
            states: { a: { on: { NEXT: "b" } }, b: { on: { NEXT: "c" } }, c: {} },
          },
          back: { type: "history", history: kind, target: "second" },
        },
      },
      paused: { on: { RESUME: "repair.back", WAIT: { actions: [] } } },
    },
  });

  test("is kept under the history state's path, as the paths of the states to come back to", () => {
    expect(play(machine("shallow"), "NEXT", "NEXT").snapshot.history).toEqual({});
    expect(play(machine("shallow"), "NEXT", "NEXT", "PAUSE").snapshot.history).toEqual({
      "repair.back": ["repair.second"],
    });
    expect(play(machine("deep"), "NEXT", "NEXT", "PAUSE").snapshot.history).toEqual({
      "repair.back": ["repair.second.b"],
    });
  });

  test("brings back the child when it is shallow, the innermost state when it is deep", () => {
    const events = ["NEXT", "NEXT", "PAUSE", "RESUME"];
    expect(play(machine("shallow"), ...events).snapshot.value).toEqual({ repair: { second: "a" } });
    expect(play(machine("deep"), ...events).snapshot.value).toEqual({ repair: { second: "b" } });
  });

  test("follows the last pause", () => {
    const order = play(machine("deep"), "PAUSE", "RESUME", "NEXT", "NEXT", "NEXT", "PAUSE");
    expect(order.snapshot.history).toEqual({ "repair.back": ["repair.second.c"] });
  });

  test("outlasts events that leave it alone", () => {
    const events = ["NEXT", "NEXT", "PAUSE", "WAIT", "WAIT", "RESUME"];
    expect(play(machine("deep"), ...events).snapshot.value).toEqual({ repair: { second: "b" } });
  });

  test("of a state never left leads to its default target", () => {
    const early: JsonObject = {
      ...machine("deep"),
      initial: "paused",
    };
    expect(play(early, "RESUME").snapshot).toMatchObject({
      value: { repair: { second: "a" } },
      history: {},
    });
  });

  test("of parallel regions keeps each region, in document order", () => {
    const region = (event: string): JsonObject => ({
      initial: "on",
      states: { on: { on: { [event]: "off" } }, off: {} },
    });
    const both: JsonObject = {
      initial: "work",
      states: {
        work: {
          type: "parallel",
          on: { PAUSE: "paused" },
          states: {
            zebra: region("Z"),
            ant: region("A"),
            back: { type: "history", history: "deep" },
          },
        },
        paused: { on: { RESUME: "work.back" } },
      },
    };
    const paused = play(both, "Z", "PAUSE");
    expect(paused.snapshot.history).toEqual({ "work.back": ["work.zebra.off", "work.ant.on"] });
    expect(JSON.stringify(play(both, "Z", "PAUSE", "RESUME").snapshot.value)).toBe(
      '{"work":{"zebra":"off","ant":"on"}}',
    );
  });

  test("of a state that was removed is a mismatch", () => {
    const executable = executableOf({ machine: machine("deep") });
    const { order } = startOrder(executable);
    const snapshot = { ...order.snapshot, history: { "repair.back": ["repair.gone"] } };
    expect(send(executable, { ...order, snapshot }, "NEXT")).toMatchObject({
      code: "definition-mismatch",
    });
  });
});
