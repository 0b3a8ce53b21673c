/** Effects, customer texts, timers and jobs: what a step asks of the world around it, as data. */

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../machines/json.ts";
import type { Order, StepResult } from "../../../machines/order.ts";
import { renderMessage } from "../../../machines/step/messages.ts";
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

const object = (properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: "object",
  required: [...required],
  properties,
});
const text: JsonObject = { type: "string" };
const number: JsonObject = { type: "number" };

describe("effects", () => {
  const executable = executableOf({
    data: object({ count: { type: "number", default: 0 } }),
    events: { GO: { payload: object({ n: number, to: {} }) } },
    effects: { notify: { payload: object({ to: text, count: number }, ["to"]) }, beep: {} },
    machine: {
      initial: "a",
      entry: "beep",
      states: {
        a: {
          on: {
            GO: {
              target: "b",
              actions: [
                { type: "assign", params: { count: "= count + event.n" } },
                { type: "notify", params: { to: "= event.to", count: "= count" } },
                { type: "assign", params: { count: "= count * 10.0" } },
              ],
            },
          },
          exit: { type: "beep", params: { at: { exit: "= count" } } },
        },
        b: { entry: { type: "beep", params: { all: ["= count", "literal", "= actor.sub"] } } },
      },
    },
  });

  test("stand in the order of exit, transition and entry, with params of that very point", () => {
    const { effects, order } = stepped(
      send(executable, startOrder(executable).order, "GO", { n: 2, to: "ann" }),
    );
    expect(effects).toEqual([
      { type: "beep", params: { at: { exit: 0 } } },
      { type: "notify", params: { to: "ann", count: 2 } },
      { type: "beep", params: { all: [20, "literal", "tech-7"] } },
    ]);
    expect(order.snapshot.data).toEqual({ count: 20 });
  });

  test("see the states that the transition started from; what follows it sees those that it came to", () => {
    const here: JsonObject = { type: "beep", params: { a: '= inState("a")', b: '= inState("b")' } };
    const moving = executableOf({
      effects: { beep: {} },
      machine: {
        initial: "a",
        states: {
          a: { on: { GO: { target: "b", actions: here } }, exit: here },
          b: { entry: here, always: { guard: '= inState("b")', target: "c" } },
          c: {},
        },
      },
    });
    const { effects, order } = stepped(send(moving, startOrder(moving).order, "GO"));
    expect(effects.map(({ params }) => params)).toEqual([
      { a: true, b: false },
      { a: true, b: false },
      { a: true, b: false },
    ]);
    expect(order.snapshot.value).toBe("c");
  });

  test("of the start are there too, without params when they have none", () => {
    expect(startOrder(executable).effects).toEqual([{ type: "beep", params: {} }]);
  });

  test("with params that the effect doesn't declare refuse the step", () => {
    const result = send(executable, startOrder(executable).order, "GO", { n: 2, to: 7 });
    expect(result).toMatchObject({
      kind: "rejected",
      code: "data-invalid",
      errors: [{ pointer: "/to" }],
    });
  });

  test("with an expression that fails refuse the step, naming it", () => {
    const result = send(executable, startOrder(executable).order, "GO", { n: 2 });
    expect(result).toMatchObject({ code: "expression-failed", because: "= event.to" });
  });
});

describe("customer texts", () => {
  const executable = executableOf({
    data: object({
      plate: { type: "string", default: "A-1" },
      price: number,
      lines: { type: "array" },
    }),
    effects: { notify: {} },
    events: { GO: { payload: object({ price: number }, ["price"]) } },
    messages: {
      ready: {
        en: "Car {{ plate }} is ready: {{ price }} yuan, {{ lines }}{{ plate }}.",
        zh: "您的车 {{ plate }} 已好，共 {{ price * 2.0 }} 元。",
      },
      plain: "OK {{ plate }",
      line: { en: "Line {{ item.id }} of {{ plate }}", zh: "项目 {{ item.id }}" },
    },
    items: {
      parts: {
        key: "part",
        machine: { entry: { type: "notify", params: { message: "line" } } },
      },
    },
    machine: {
      on: {
        GO: {
          actions: [
            { type: "assign", params: { price: "= event.price" } },
            { type: "notify", params: { message: "ready" } },
            { type: "assign", params: { price: 0, plate: "gone" } },
            { type: "notify", params: { message: "plain" } },
            { type: "notify", params: { text: "no message" } },
            { type: "open", params: { in: "parts", id: "L1" } },
          ],
        },
      },
    },
  });
  const { order } = startOrder(executable, { lines: [1, "x"] });
  const [ready, plain, none, line] = stepped(
    send(executable, order, "GO", { price: 12.5 }),
  ).effects;

  test("keep the values of all their placeholders, as they were at the transition", () => {
    expect(ready?.values).toEqual({
      plate: "A-1",
      price: 12.5,
      "price * 2.0": 25,
      lines: [1, "x"],
    });
    expect(none).toEqual({ type: "notify", params: { text: "no message" } });
  });

  test.each([
    ["en", 'Car A-1 is ready: 12.5 yuan, [1,"x"]A-1.'],
    ["zh", "您的车 A-1 已好，共 25 元。"],
    ["zh-CN", "您的车 A-1 已好，共 25 元。"],
  ])("read in %s as that language says it", (language, said) => {
    expect(ready === undefined ? null : renderMessage(executable, ready, language)).toBe(said);
  });

  test("of one string read the same in every language, an unclosed brace as it stands", () => {
    for (const language of ["en", "zh"]) {
      expect(plain === undefined ? null : renderMessage(executable, plain, language)).toBe(
        "OK {{ plate }",
      );
    }
  });

  test("of an item may read the item", () => {
    expect(line).toMatchObject({ item: "parts/L1", values: { "item.id": "L1", plate: "gone" } });
    expect(line === undefined ? null : renderMessage(executable, line, "en")).toBe(
      "Line L1 of gone",
    );
  });

  test("are none when the effect names no message, or one that was never declared", () => {
    expect(renderMessage(executable, { params: {} }, "en")).toBeNull();
    expect(renderMessage(executable, { params: { message: "constructor" } }, "en")).toBeNull();
  });
});

describe("timers", () => {
  const calendars = {
    default: {
      timeZone: "Asia/Shanghai",
      hours: Object.fromEntries(
        ["monday", "tuesday", "wednesday", "thursday", "friday"].map((day) => [
          day,
          ["09:00-12:00", "13:00-18:00"],
        ]),
      ),
    },
    always: {
      centres: ["sh-01"],
      timeZone: "Asia/Shanghai",
      hours: Object.fromEntries(["sunday", "monday"].map((day) => [day, ["00:00-24:00"]])),
    },
  };
  const waiting = (after: string, centre: string | null = null, data: JsonObject = {}) => {
    const executable = executableOf({
      calendars,
      data: object({ slot: text, patience: text, rounds: number }),
      machine: { initial: "a", states: { a: { after: { [after]: "b" } }, b: {} } },
    });
    const identity = { id: "o", businessKey: null, centre };
    return start(executable, { identity, data, actor: technician }, NOW);
  };
  const dueOf = (result: StepResult): readonly string[] =>
    stepped(result).timers.set.map(({ dueAt }) => dueAt);

  // NOW is a Sunday, 16:00 in Shanghai.
  test.each<[string, string | null, JsonObject, string]>([
    ["PT15M", null, {}, "2026-11-22T08:15:00.000Z"],
    ["P1D", null, {}, "2026-11-23T08:00:00.000Z"],
    ["working PT4H", null, {}, "2026-11-23T06:00:00.000Z"],
    ["working PT4H", "sh-01", {}, "2026-11-22T12:00:00.000Z"],
    ["= slot", null, { slot: "2026-11-24T09:00:00+08:00" }, "2026-11-24T01:00:00.000Z"],
    ["= slot", null, { slot: "2020-01-01T00:00:00Z" }, NOW],
    ["= patience", null, { patience: "PT90S" }, "2026-11-22T08:01:30.000Z"],
    ["working = patience", null, { patience: "PT4H" }, "2026-11-23T06:00:00.000Z"],
    ['= duration("PT2H")', null, {}, "2026-11-22T10:00:00.000Z"],
  ])("of %j at centre %j fall due in time", (after, centre, data, due) => {
    expect(dueOf(waiting(after, centre, data))).toEqual([due]);
  });

  test.each<[string, JsonObject]>([
    ["= slot", { slot: "tomorrow" }],
    ["= slot", { slot: "-PT5M" }],
    ["= slot", {}],
  ])("of %j with %j refuse the step: a wait without an end is none", (after, data) => {
    expect(waiting(after, null, data)).toMatchObject({
      kind: "rejected",
      code: "expression-failed",
    });
  });

  const executable = executableOf({
    data: object({ n: { type: "number", default: 0 } }),
    effects: { beep: {} },
    machine: {
      initial: "a",
      states: {
        a: {
          after: {
            PT1H: [{ guard: "= n > 0", target: "b" }],
            PT2H: { actions: { type: "beep", params: { at: "= now" } } },
          },
          on: {
            COUNT: { actions: { type: "assign", params: { n: "= n + 1" } } },
            LEAVE: "b",
            PASS: "passing",
          },
        },
        passing: { after: { PT1H: "b" }, always: "c" },
        b: {},
        c: { after: { PT3H: "b" } },
      },
    },
  });
  const { order } = startOrder(executable);
  const [first, second] = order.snapshot.timers.map(({ id }) => id);

  test("fire once each, in their own time; the others of the state go on", () => {
    const later = "2026-11-22T10:00:00.000Z";
    const beeped = stepped(fire(executable, restored(order), second ?? "", later));
    expect(beeped.effects).toEqual([{ type: "beep", params: { at: later } }]);
    expect(beeped.order.snapshot.timers.map(({ id }) => id)).toEqual([first]);
    expect(fire(executable, beeped.order, second ?? "", later)).toMatchObject({
      code: "timer-unknown",
    });
  });

  test("whose guard says no are spent, and the order stays", () => {
    const spent = stepped(fire(executable, order, first ?? "", "2026-11-22T09:00:00.000Z"));
    expect(spent).toMatchObject({ taken: [], timers: { set: [], cancelled: [] } });
    expect(spent.order.snapshot).toMatchObject({ value: "a", timers: [{ after: "PT2H" }] });
    expect(spent.order.revision).toBe(order.revision + 1);
  });

  test("are cancelled when their state is left, in the order in which they were set", () => {
    const left = stepped(send(executable, order, "LEAVE"));
    expect(left.timers).toEqual({ set: [], cancelled: [first, second] });
    expect(left.order.snapshot.timers).toEqual([]);
  });

  test("set and cancelled in one step leave no trace", () => {
    const passed = stepped(send(executable, order, "PASS"));
    expect(passed.order.snapshot.value).toBe("c");
    expect(passed.timers.cancelled).toEqual([first, second]);
    expect(passed.timers.set).toEqual(passed.order.snapshot.timers);
    expect(passed.timers.set).toMatchObject([
      { state: "c", after: "PT3H", dueAt: "2026-11-22T11:00:00.000Z" },
    ]);
  });
});

describe("jobs", () => {
  const onError = [
    { guard: '= event.error.code == "slot-taken"', target: "taken" },
    { guard: '= event.error.message == "hopeless"', target: "lost" },
  ];
  const executable = executableOf({
    data: object({ slot: { type: "string", default: "S1" }, got: text }),
    events: { LEAVE: {}, AGAIN: {}, PASS: {} },
    jobs: {
      reserve: { input: object({ slot: text }, ["slot"]), output: object({ ref: text }, ["ref"]) },
      tell: { input: object({ n: number }) },
    },
    machine: {
      initial: "reserving",
      states: {
        reserving: {
          invoke: [
            {
              id: "slot",
              src: "reserve",
              input: { slot: "= slot" },
              onDone: {
                target: "reserved",
                actions: { type: "assign", params: { got: "= event.output.ref" } },
              },
              onError,
            },
            { id: "word", src: "tell", input: { n: 1 } },
          ],
          on: {
            LEAVE: "taken",
            AGAIN: { target: "reserving", reenter: true },
            PASS: "passing",
          },
        },
        passing: { invoke: { src: "tell" }, always: "taken" },
        reserved: {},
        taken: {},
        lost: {},
      },
    },
  });
  const { order, jobs } = startOrder(executable);
  const [slot = "", word = ""] = order.snapshot.jobs.map(({ id }) => id);
  const complete = (from: Order, job: string, output: JsonObject): StepResult =>
    send(executable, from, "job.completed", { job, output }, NOW, engine);
  const fail = (from: Order, job: string, code: string, message: string): StepResult =>
    send(executable, from, "job.failed", { job, error: { code, message } }, NOW, engine);

  test("open with their input when their state is entered", () => {
    expect(jobs).toEqual({ opened: order.snapshot.jobs, closed: [] });
    expect(order.snapshot.jobs).toEqual([
      { id: "1.1", state: "reserving", invoke: "slot", type: "reserve", input: { slot: "S1" } },
      { id: "1.2", state: "reserving", invoke: "word", type: "tell", input: { n: 1 } },
    ]);
  });

  test("complete by `onDone`, which reads their output; the state's other jobs are withdrawn", () => {
    const done = stepped(complete(restored(order), slot, { ref: "R7" }));
    expect(done.order.snapshot).toMatchObject({
      value: "reserved",
      data: { slot: "S1", got: "R7" },
      jobs: [],
    });
    expect(done.jobs).toEqual({ opened: [], closed: [word] });
    expect(complete(done.order, slot, { ref: "R7" })).toMatchObject({ code: "job-unknown" });
  });

  test("complete without `onDone` too, and the order stays", () => {
    const done = stepped(complete(order, word, {}));
    expect(done.order.snapshot).toMatchObject({ value: "reserving", jobs: [{ id: slot }] });
  });

  test("with an output that they don't declare are refused, and stay open", () => {
    expect(complete(order, slot, { ref: 7 })).toMatchObject({
      code: "payload-invalid",
      errors: [{ pointer: "/output/ref" }],
    });
    expect(complete(order, slot, {})).toMatchObject({ code: "payload-invalid" });
  });

  test.each([
    ["slot-taken", "no", "taken"],
    ["failed", "hopeless", "lost"],
  ])("fail with %s and %j by the first `onError` that applies", (code, message, state) => {
    const failed = stepped(fail(order, slot, code, message));
    expect(failed.order.snapshot).toMatchObject({ value: state, jobs: [] });
  });

  test("are refused to fail where no `onError` applies", () => {
    expect(fail(order, slot, "other", "reason")).toMatchObject({ code: "event-not-enabled" });
    expect(fail(order, word, "slot-taken", "no")).toMatchObject({ code: "event-not-enabled" });
  });

  test("close when their state is left, and open anew when it is entered again", () => {
    const left = stepped(send(executable, order, "LEAVE"));
    expect(left.jobs).toEqual({ opened: [], closed: [slot, word] });
    expect(complete(left.order, slot, { ref: "R7" })).toMatchObject({ code: "job-unknown" });

    const again = stepped(send(executable, order, "AGAIN"));
    expect(again.jobs.closed).toEqual([slot, word]);
    expect(again.jobs.opened.map(({ id }) => id)).toEqual(["2.1", "2.2"]);
    expect(again.order.snapshot.jobs).toEqual(again.jobs.opened);
  });

  test("opened and closed in one step leave no trace", () => {
    const passed = stepped(send(executable, order, "PASS"));
    expect(passed.order.snapshot).toMatchObject({ value: "taken", jobs: [] });
    expect(passed.jobs).toEqual({ opened: [], closed: [slot, word] });
  });

  test("with an input that they don't declare refuse the step", () => {
    const hungry = executableOf({
      data: object({ slot: {} }),
      jobs: { reserve: { input: object({ slot: text }) } },
      machine: {
        initial: "a",
        states: { a: { invoke: { src: "reserve", input: { slot: "= slot" } } } },
      },
    });
    const identity = { id: "o", businessKey: null, centre: null };
    const from = { identity, data: { slot: 7 }, actor: technician };
    expect(start(hungry, from, NOW)).toMatchObject({
      code: "data-invalid",
      errors: [{ pointer: "/slot" }],
      pointer: "/machine/states/a/invoke",
    });
  });
});
