/** XState's traps, each reproduced on XState's own route first, then shown to be closed in ours. */

import { assign, createActor, createMachine, initialTransition, transition } from "xstate";
import type { AnyStateMachine } from "xstate";
import { describe, expect, test } from "vitest";
import { judge } from "../../../machines/compile/judge.ts";
import type { JsonObject } from "../../../machines/json.ts";
import { start } from "../../../machines/step/start.ts";
import {
  NOW,
  engine,
  executableOf,
  fire,
  restored,
  send,
  startOrder,
  stepped,
  technician,
} from "./orders.ts";

/** A machine as XState takes it from whoever writes one: a config that no type checker has seen. */
function naive(config: { readonly [key: string]: unknown }): AnyStateMachine {
  return createMachine({ ...config });
}

/** Two regions that answer one event by leaving for different states: only one of them can win. */
const competing: JsonObject = {
  id: "competing",
  initial: "both",
  states: {
    both: {
      type: "parallel",
      states: {
        alpha: { initial: "on", states: { on: { on: { LEAVE: "#first" } } } },
        beta: { initial: "on", states: { on: { on: { LEAVE: "#second" } } } },
      },
    },
    first: { id: "first" },
    second: { id: "second" },
  },
};

describe("the order of keys", () => {
  const reordered = { both: { beta: "on", alpha: "on" } };

  test("decides in XState which region wins", () => {
    const machine = naive(competing);
    const stored = machine.resolveState({ value: reordered, context: {} });
    const [next] = transition(machine, stored, { type: "LEAVE" });
    expect(next.value).toBe("second");
  });

  test("never decides here: the document does, whatever a store made of the value", () => {
    const executable = executableOf({ machine: competing });
    const { order } = startOrder(executable);
    const shuffled = { ...order, snapshot: { ...order.snapshot, value: reordered } };
    expect(stepped(send(executable, order, "LEAVE")).order.snapshot.value).toBe("first");
    expect(stepped(send(executable, shuffled, "LEAVE")).order.snapshot.value).toBe("first");
  });
});

describe("an entry action that throws at the start", () => {
  test("is swallowed by XState's initial transition", () => {
    const machine = naive({
      entry: assign(() => {
        throw new Error("boom");
      }),
    });
    expect(initialTransition(machine)[0].status).toBe("error");
  });

  test("rejects the start here", () => {
    const executable = executableOf({
      data: { type: "object", properties: { n: { type: "number", default: 0 } } },
      machine: { entry: { type: "assign", params: { n: "= n / (n * 0)" } } },
    });
    const identity = { id: "o", businessKey: null, centre: null };
    const result = start(executable, { identity, data: {}, actor: technician }, NOW);
    expect(result).toMatchObject({ kind: "rejected", code: "expression-failed" });
  });
});

describe("events from outside the vocabulary", () => {
  const machine: JsonObject = {
    initial: "a",
    on: { ANY: { actions: { type: "assign", params: { n: "= n + 1" } } } },
    states: { a: { after: { PT1H: "b" }, on: { END: "b" } }, b: { type: "final" } },
  };
  const data = { type: "object", properties: { n: { type: "number", default: 0 } } };
  const executable = executableOf({ data, machine });

  test("reach XState's timers when they are forged", () => {
    const theirs = naive({
      initial: "a",
      states: { a: { after: { 1000: "b" } }, b: {} },
    });
    const [from] = initialTransition(theirs);
    const [next] = transition(theirs, from, { type: "xstate.after.1000.(machine).a" });
    expect(next.value).toBe("b");
  });

  test.each([
    "xstate.after.PT1H.a",
    "xstate.done.state.chart",
    "xstate.stop",
    "xstate.init",
    "NOPE",
  ])("%s is refused here before the machine sees it", (type) => {
    const { order } = startOrder(executable);
    expect(send(executable, order, type)).toMatchObject({
      kind: "rejected",
      code: "event-unknown",
    });
  });

  test("a done machine's root still reacts in XState, but an ended order is closed here", () => {
    const theirs = naive({
      context: { n: 0 },
      initial: "b",
      on: { ANY: { actions: assign({ n: 1 }) } },
      states: { b: { type: "final" } },
    });
    const [done] = initialTransition(theirs);
    expect(done.status).toBe("done");
    expect(transition(theirs, done, { type: "ANY" })[0].context).toEqual({ n: 1 });

    const ended = stepped(send(executable, startOrder(executable).order, "END")).order;
    expect(ended.snapshot.status).toBe("done");
    expect(send(executable, ended, "ANY")).toMatchObject({
      kind: "rejected",
      code: "order-closed",
    });
  });
});

describe("timers", () => {
  const executable = executableOf({
    machine: {
      initial: "waiting",
      states: {
        waiting: { after: { PT1H: "late" }, on: { AGAIN: { target: "waiting", reenter: true } } },
        late: {},
      },
    },
  });
  const later = "2026-11-22T09:00:00.000Z";

  test("of an earlier stay are refused after the state was entered again", () => {
    const first = startOrder(executable);
    const again = stepped(send(executable, first.order, "AGAIN", {}, "2026-11-22T08:30:00.000Z"));
    const [stale] = first.timers.set;
    const [fresh] = again.timers.set;
    expect(again.timers.cancelled).toEqual([stale?.id]);
    expect(fire(executable, again.order, stale?.id ?? "", later)).toMatchObject({
      code: "timer-unknown",
    });
    expect(fire(executable, again.order, fresh?.id ?? "", later)).toMatchObject({
      code: "timer-not-due",
    });
    const fired = stepped(
      fire(executable, again.order, fresh?.id ?? "", "2026-11-22T09:30:00.000Z"),
    );
    expect(fired.order.snapshot.value).toBe("late");
    expect(fired.timers.cancelled).toEqual([]);
    expect(fired.order.snapshot.timers).toEqual([]);
  });

  test("without a length fire at once in XState, and are refused here", () => {
    const machine = naive({
      initial: "a",
      states: { a: { after: { soon: "b" } }, b: {} },
    });
    const actor = createActor(machine).start();
    expect(actor.getSnapshot().value).toBe("b");

    const text = JSON.stringify({
      process: "test",
      version: "1.0.0",
      machine: { initial: "a", states: { a: { after: { soon: "b" } }, b: {} } },
    });
    expect(judge(text, "json").findings).toMatchObject([
      { rule: "malformed-delay", pointer: "/machine/states/a/after/soon" },
    ]);
  });
});

describe("names that are not what they seem", () => {
  test("an action that nobody declared is refused at publishing, where XState would carry it along", () => {
    const text = JSON.stringify({
      process: "test",
      version: "1.0.0",
      machine: { entry: "notifyy" },
    });
    expect(judge(text, "json").findings).toMatchObject([
      { rule: "unknown-action", pointer: "/machine/entry" },
    ]);
  });

  test.each<[string, JsonObject, string]>([
    ["an effect", { type: "constructor" }, "unknown-action"],
    ["a message", { type: "beep", params: { message: "constructor" } }, "unknown-message"],
    ["a collection", { type: "open", params: { in: "constructor" } }, "unknown-collection"],
    [
      "a collection to send to",
      { type: "send", params: { in: "toString", event: "GO" } },
      "unknown-collection",
    ],
  ])("%s that only a prototype has is unknown", (_, action, rule) => {
    const text = JSON.stringify({
      process: "test",
      version: "1.0.0",
      events: { GO: {} },
      effects: { beep: {} },
      messages: { hello: "hello" },
      items: { parts: { key: "part", machine: {} } },
      machine: { on: { GO: { actions: action } } },
    });
    expect(judge(text, "json").findings).toMatchObject([{ rule }]);
  });

  test("a guard named constructor passes in XState through the prototype, and is refused here", () => {
    const machine = naive({
      initial: "a",
      states: { a: { on: { GO: { guard: "constructor", target: "b" } } }, b: {} },
    });
    const [from] = initialTransition(machine);
    expect(transition(machine, from, { type: "GO" })[0].value).toBe("b");

    const text = JSON.stringify({
      process: "test",
      version: "1.0.0",
      events: { GO: {} },
      machine: {
        initial: "a",
        states: { a: { on: { GO: { guard: "constructor", target: "b" } } }, b: {} },
      },
    });
    const { executable, findings } = judge(text, "json");
    expect(executable).toBeNull();
    expect(findings.map(({ pointer }) => pointer)).toEqual(["/machine/states/a/on/GO/guard"]);
  });
});

describe("a guard that fails", () => {
  const executable = executableOf({
    events: {
      GO: { payload: { type: "object", properties: { n: { type: "number" } } } },
    },
    machine: {
      initial: "a",
      states: { a: { on: { GO: { guard: "= event.n > 1", target: "b" } } }, b: {} },
    },
  });

  test("rejects the event and leaves the order as it was", () => {
    const { order } = startOrder(executable);
    const before = JSON.stringify(order);
    expect(send(executable, order, "GO", {})).toMatchObject({
      kind: "rejected",
      code: "expression-failed",
      because: "= event.n > 1",
    });
    expect(JSON.stringify(order)).toBe(before);
    expect(stepped(send(executable, order, "GO", { n: 2 })).order.snapshot.value).toBe("b");
  });
});

describe("restoring", () => {
  const executable = executableOf({ machine: competing });
  const { order } = startOrder(executable);

  test("XState fills a region that is missing, without its entry actions", () => {
    const machine = naive(competing);
    const filled = machine.resolveState({ value: { both: { alpha: "on" } }, context: {} });
    expect(filled.value).toEqual({ both: { alpha: "on", beta: "on" } });
  });

  test.each([
    ["a region that is missing", { both: { alpha: "on" } }],
    ["a region too many", { both: { alpha: "on", beta: "on", gamma: "on" } }],
    ["a state that was removed", "gone"],
    ["two states at once", { first: {}, second: {} }],
    ["a prototype's name", "constructor"],
  ])("%s is a mismatch here", (_, value) => {
    const broken = { ...order, snapshot: { ...order.snapshot, value } };
    expect(send(executable, broken, "LEAVE")).toMatchObject({ code: "definition-mismatch" });
  });

  test("an order of another definition is refused by its digest", () => {
    const other = executableOf({ version: "1.0.1", machine: competing });
    expect(send(other, order, "LEAVE")).toMatchObject({ code: "definition-mismatch" });
  });
});

describe("data of shapes that XState's own persistence mangles", () => {
  const executable = executableOf({
    data: { type: "object", properties: { free: { type: "object", additionalProperties: true } } },
    events: {
      PUT: {
        payload: {
          type: "object",
          properties: { free: { type: "object", additionalProperties: true } },
        },
      },
    },
    machine: { on: { PUT: { actions: { type: "assign", params: { free: "= event.free" } } } } },
  });

  test.each([
    { xstate$$type: 1, id: "x" },
    { sessionId: "s", send: "s", ref: "r", id: "y" },
  ])("%j comes back as it was", (shape) => {
    const { order } = startOrder(executable);
    const next = stepped(send(executable, order, "PUT", { free: { nested: shape } })).order;
    expect(restored(next).snapshot.data).toEqual({ free: { nested: shape } });
  });
});

describe("transitions without an event", () => {
  test("that follow each other for ever are stopped", () => {
    const executable = executableOf({
      machine: {
        initial: "idle",
        states: { idle: { on: { GO: "a" } }, a: { always: "b" }, b: { always: "a" } },
      },
    });
    const { order } = startOrder(executable);
    expect(send(executable, order, "GO")).toMatchObject({
      kind: "rejected",
      code: "step-unbounded",
    });
  });
});

describe("engine events", () => {
  test("are refused when they name nothing that is open", () => {
    const executable = executableOf({ machine: { initial: "a", states: { a: {} } } });
    const { order } = startOrder(executable);
    expect(send(executable, order, "timer.fired", { timer: "1.1" }, NOW, engine)).toMatchObject({
      code: "timer-unknown",
    });
    expect(send(executable, order, "job.completed", { job: "1.1" }, NOW, engine)).toMatchObject({
      code: "job-unknown",
    });
    expect(send(executable, order, "order.started", {}, NOW, engine)).toMatchObject({
      code: "event-unknown",
    });
  });
});
