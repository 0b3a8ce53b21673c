/** Who may do what, and what no step may lead to: roles, separation of duties, schemas, invariants. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../machines/json.ts";
import type { Order, StepResult } from "../../../machines/order.ts";
import { start } from "../../../machines/step/start.ts";
import { step } from "../../../machines/step/step.ts";
import {
  NOW,
  engine,
  executableOf,
  restored,
  send,
  startOrder,
  stepped,
  technician,
} from "./orders.ts";

const person = (sub: string, role: string) => ({ sub, role, centre: null });

describe("roles", () => {
  const executable = executableOf({
    roles: ["advisor", "technician"],
    events: { OPEN: {}, BILL: { by: ["advisor"] }, TICK: { by: [] }, FORCE: { by: ["admin"] } },
    machine: {
      on: {
        OPEN: { actions: { type: "raise", params: { event: "TICK" } } },
        BILL: { actions: [] },
        TICK: { actions: [] },
        FORCE: { actions: [] },
      },
    },
  });
  const { order } = startOrder(executable);
  const by = (type: string, role: string): StepResult =>
    step(executable, order, { type, payload: {}, actor: person("ann", role) }, NOW);

  test.each([
    ["OPEN", "advisor"],
    ["OPEN", "technician"],
    ["OPEN", "admin"],
    ["BILL", "advisor"],
    ["FORCE", "admin"],
  ])("%s may be sent by %s", (type, role) => {
    expect(by(type, role).kind).toBe("stepped");
  });

  test.each([
    ["OPEN", "customer"],
    ["BILL", "technician"],
    ["BILL", "admin"],
    ["TICK", "advisor"],
    ["TICK", "admin"],
    ["FORCE", "advisor"],
  ])("%s is refused to %s", (type, role) => {
    expect(by(type, role)).toMatchObject({ kind: "rejected", code: "role-not-allowed" });
  });

  test("an event that nobody may send is raised by the machine all the same", () => {
    const { taken } = stepped(by("OPEN", "advisor"));
    expect(taken.map(({ event }) => event)).toEqual(["OPEN", "TICK"]);
  });

  test("a document without roles asks for none", () => {
    const open = executableOf({ machine: { on: { OPEN: { actions: [] } } } });
    const result = send(open, startOrder(open).order, "OPEN", {}, NOW, person("x", "anything"));
    expect(result.kind).toBe("stepped");
  });
});

describe("separation of duties", () => {
  const executable = executableOf({
    events: { REPAIR: {}, ASSIST: {}, PASS: {}, FAIL: {}, SIGN: {} },
    separation: [
      { event: "PASS", in: "checking", notBy: ["REPAIR", "ASSIST"] },
      { event: "SIGN", notBy: ["PASS"] },
    ],
    machine: {
      initial: "repairing",
      states: {
        repairing: { on: { REPAIR: "checking", ASSIST: { actions: [] }, PASS: { actions: [] } } },
        checking: { on: { PASS: "passed", FAIL: "repairing", SIGN: { actions: [] } } },
        passed: { on: { SIGN: "signed" } },
        signed: { type: "final" },
      },
    },
  });
  const play = (...events: readonly (readonly [string, string])[]): Order =>
    events.reduce(
      (order: Order, [type, sub]) =>
        restored(stepped(send(executable, order, type, {}, NOW, person(sub, "any"))).order),
      startOrder(executable).order,
    );
  const attempt = (order: Order, type: string, sub: string): StepResult =>
    send(executable, order, type, {}, NOW, person(sub, "any"));

  test("refuses the person who did the one duty the other one, and names the rule", () => {
    expect(attempt(play(["REPAIR", "ann"]), "PASS", "ann")).toEqual({
      kind: "rejected",
      code: "separation-violated",
      detail: "Expected PASS by somebody else: ann has sent REPAIR to this order.",
      because: "separation: PASS in checking not by who sent REPAIR or ASSIST",
      pointer: "/separation/0",
    });
    expect(attempt(play(["REPAIR", "ann"]), "PASS", "bob").kind).toBe("stepped");
  });

  test("remembers everybody who had a hand in it, through every rework", () => {
    const order = play(
      ["ASSIST", "cem"],
      ["REPAIR", "ann"],
      ["FAIL", "dee"],
      ["REPAIR", "bob"],
      ["FAIL", "dee"],
      ["REPAIR", "ann"],
    );
    expect(order.snapshot.performers).toEqual({ ASSIST: ["cem"], REPAIR: ["ann", "bob"] });
    for (const sub of ["ann", "bob", "cem"]) {
      expect(attempt(order, "PASS", sub)).toMatchObject({ code: "separation-violated" });
    }
    expect(attempt(order, "PASS", "dee").kind).toBe("stepped");
  });

  test("goes by the person, whatever role is acted in", () => {
    const result = send(
      executable,
      play(["REPAIR", "ann"]),
      "PASS",
      {},
      NOW,
      person("ann", "lead"),
    );
    expect(result).toMatchObject({ code: "separation-violated" });
  });

  test("holds in the named state alone, and everywhere when none is named", () => {
    const assisted = play(["ASSIST", "ann"]);
    expect(attempt(assisted, "PASS", "ann").kind).toBe("stepped");
    const passed = play(["PASS", "bob"], ["REPAIR", "ann"], ["PASS", "cem"]);
    expect(attempt(passed, "SIGN", "cem")).toMatchObject({ pointer: "/separation/1" });
    expect(attempt(passed, "SIGN", "bob")).toMatchObject({ pointer: "/separation/1" });
    expect(attempt(passed, "SIGN", "ann").kind).toBe("stepped");
  });

  test("doesn't count what was refused", () => {
    const order = play(["REPAIR", "ann"]);
    expect(attempt(order, "ASSIST", "bob")).toMatchObject({ code: "event-not-enabled" });
    expect(attempt(order, "PASS", "bob").kind).toBe("stepped");
  });
});

describe("schemas", () => {
  const executable = executableOf({
    data: {
      type: "object",
      required: ["plate"],
      properties: {
        plate: { type: "string", pattern: "^[A-Z]+$" },
        n: { type: "number", maximum: 2, default: 0 },
        late: { type: "string" },
      },
    },
    events: {
      SET: {
        payload: { type: "object", required: ["n"], properties: { n: { type: "number" } } },
      },
      NAME: { payload: { type: "object", properties: { late: { type: "string" } } } },
    },
    machine: {
      on: {
        SET: { actions: { type: "assign", params: { n: "= event.n" } } },
        NAME: { actions: { type: "assign", params: { late: "= event.late" } } },
      },
    },
  });
  const identity = { id: "o", businessKey: null, centre: null };
  const begin = (data: JsonObject): StepResult =>
    start(executable, { identity, data, actor: technician }, NOW);

  test("give the data that an order starts without its defaults", () => {
    expect(stepped(begin({ plate: "A" })).order.snapshot.data).toEqual({ plate: "A", n: 0 });
  });

  test.each<[string, JsonObject, string]>([
    ["without a required field", {}, "/plate"],
    ["with a value out of its bounds", { plate: "A", n: 3 }, "/n"],
    ["with a text of another pattern", { plate: "a" }, "/plate"],
    ["with an unknown field", { plate: "A", colour: "red" }, "/colour"],
  ])("refuse a start %s", (_, data, pointer) => {
    expect(begin(data)).toMatchObject({
      kind: "rejected",
      code: "data-invalid",
      errors: [{ pointer }],
    });
  });

  test.each<[string, JsonObject]>([
    ["without a required field", {}],
    ["with another type", { n: "1" }],
    ["with an unknown field", { n: 1, more: 1 }],
  ])("refuse a payload %s", (_, payload) => {
    const { order } = stepped(begin({ plate: "A" }));
    expect(send(executable, order, "SET", payload)).toMatchObject({ code: "payload-invalid" });
  });

  test("refuse a step after which the data would be invalid", () => {
    const { order } = stepped(begin({ plate: "A" }));
    expect(send(executable, order, "SET", { n: 3 })).toMatchObject({
      kind: "rejected",
      code: "data-invalid",
      errors: [{ pointer: "/n" }],
    });
    expect(send(executable, order, "SET", { n: 2 }).kind).toBe("stepped");
  });

  test("fix the order of the fields, whenever each was assigned", () => {
    const early = stepped(begin({ late: "x", plate: "A" })).order;
    const named = stepped(
      send(executable, stepped(begin({ plate: "A" })).order, "NAME", { late: "x" }),
    ).order;
    expect(JSON.stringify(named.snapshot.data)).toBe('{"plate":"A","n":0,"late":"x"}');
    expect(
      Object.keys(stepped(send(executable, early, "SET", { n: 1 })).order.snapshot.data),
    ).toEqual(Object.keys(early.snapshot.data));
  });
});

describe("invariants", () => {
  const executable = executableOf({
    data: { type: "object", properties: { n: { type: "number", default: 0 } } },
    items: {
      parts: {
        key: "part",
        machine: { initial: "new", states: { new: { on: { FIT: "fitted" } }, fitted: {} } },
      },
    },
    invariants: [
      { id: "few", always: "= n < 2" },
      { id: "all-fitted", always: '= !inState("ended") || parts.all(p, p.state == "fitted")' },
    ],
    machine: {
      initial: "going",
      states: {
        going: {
          on: {
            COUNT: { actions: { type: "assign", params: { n: "= n + 1" } } },
            DIP: {
              actions: [
                { type: "assign", params: { n: 9 } },
                { type: "assign", params: { n: 0 } },
              ],
            },
            ADD: { actions: { type: "open", params: { in: "parts" } } },
            FIT_ALL: { actions: { type: "send", params: { in: "parts", event: "FIT" } } },
            END: "ended",
          },
          after: { PT1H: { actions: { type: "assign", params: { n: "= n + 5" } } } },
        },
        ended: { type: "final" },
      },
    },
  });
  const { order } = startOrder(executable);
  const play = (...types: readonly string[]): Order =>
    types.reduce((from: Order, type) => stepped(send(executable, from, type)).order, order);

  test("refuse the step that would break one, and name it", () => {
    expect(send(executable, play("COUNT"), "COUNT")).toEqual({
      kind: "rejected",
      code: "invariant-violated",
      detail: 'The invariant "few" would no longer hold.',
      because: "= n < 2",
      pointer: "/invariants/0/always",
    });
  });

  test("are judged where the step comes to rest, not on the way", () => {
    expect(send(executable, order, "DIP").kind).toBe("stepped");
  });

  test("see the items and the state after the step", () => {
    const added = play("ADD", "ADD");
    expect(send(executable, added, "END")).toMatchObject({ pointer: "/invariants/1/always" });
    const fitted = stepped(send(executable, added, "FIT_ALL")).order;
    expect(stepped(send(executable, fitted, "END")).order.snapshot.outcome).toBe("ended");
  });

  test("hold for the engine's events too", () => {
    const timer = order.snapshot.timers[0]?.id ?? "";
    const later = "2026-11-22T09:00:00.000Z";
    expect(send(executable, order, "timer.fired", { timer }, later, engine)).toMatchObject({
      code: "invariant-violated",
    });
  });

  test("hold alike for an order that is at hand and for one that is read", () => {
    const events = ["COUNT", "DIP", "ADD", "FIT_ALL", "END"] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 12 }), (types) => {
        let at = order;
        for (const type of types) {
          const next = send(executable, at, type);
          expect(next).toEqual(send(executable, restored(at), type));
          if (next.kind === "stepped") at = next.order;
        }
      }),
    );
  });

  test("hold from the start", () => {
    const identity = { id: "o", businessKey: null, centre: null };
    expect(start(executable, { identity, data: { n: 2 }, actor: technician }, NOW)).toMatchObject({
      code: "invariant-violated",
    });
  });
});
