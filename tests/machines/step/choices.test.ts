/** What may happen next, told before it is tried: enabled, enabled under a condition, blocked with the reason. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Choices, Order } from "../../../machines/order.ts";
import { choices } from "../../../machines/step/choices.ts";
import { NOW, executableOf, send, startOrder, stepped } from "./orders.ts";

const person = (sub: string, role: string) => ({ sub, role, centre: null });
const number = { type: "number" };

const executable = executableOf({
  roles: ["technician", "lead"],
  data: { type: "object", properties: { n: { type: "number", default: 0 } } },
  events: {
    FREE: {},
    CLOSED: {},
    SCORE: { payload: { type: "object", required: ["score"], properties: { score: number } } },
    MIXED: { payload: { type: "object", required: ["score"], properties: { score: number } } },
    EITHER: { payload: { type: "object", properties: { score: number } } },
    TOLD: {},
    ASKED: { payload: { type: "object", required: ["score"], properties: { score: number } } },
    BROKEN: {},
    LEAD: { by: ["lead"] },
    INNER: {},
    REPAIR: {},
    PASS: {},
    ELSEWHERE: {},
    TICK: { by: [] },
    COUNT: {},
  },
  separation: [{ event: "PASS", notBy: ["REPAIR"] }],
  machine: {
    initial: "both",
    states: {
      both: {
        type: "parallel",
        on: { INNER: { actions: [] } },
        states: {
          left: {
            on: {
              FREE: { actions: [] },
              CLOSED: [
                { guard: "= n > 1", actions: [] },
                { guard: "= n > 2", actions: [] },
              ],
              SCORE: { guard: "= event.score > 5", actions: [] },
              MIXED: [
                { guard: "= n > 1", actions: [] },
                { guard: "= event.score > 5", actions: [] },
                { guard: "= event.score < n", actions: [] },
              ],
              EITHER: { guard: "= event.score > 5", actions: [] },
              TOLD: {
                guard: "= n > 5",
                actions: [],
                meta: { because: { en: "Count to six first.", zh: "先数到六。" } },
              },
              ASKED: [
                { guard: "= event.score > 5", actions: [] },
                {
                  guard: "= event.score < n",
                  actions: [],
                  meta: { because: "A score is above five." },
                },
              ],
              BROKEN: { guard: "= 1 / (n - n) > 0", actions: [] },
              LEAD: { actions: [] },
              INNER: { guard: "= n > 1", actions: [] },
              TICK: { actions: [] },
              COUNT: { actions: { type: "assign", params: { n: "= n + 1" } } },
            },
          },
          right: {
            on: {
              CLOSED: { guard: '= actor.role == "lead"', actions: [] },
              EITHER: { actions: [] },
              REPAIR: { actions: [] },
              PASS: { actions: [] },
            },
          },
        },
      },
      after: { on: { ELSEWHERE: { actions: [] } } },
    },
  },
});
const { order } = startOrder(executable);
const every = ["technician", "lead", "admin"];
const asked = (from: Order, sub: string, role: string): Choices =>
  choices(executable, from, person(sub, role), NOW);
const enabledOf = (from: Order, sub = "ann", role = "technician") =>
  Object.fromEntries(asked(from, sub, role).enabled.map((each) => [each.event, each]));
const blockedOf = (from: Order, sub = "ann", role = "technician") =>
  Object.fromEntries(asked(from, sub, role).blocked.map((each) => [each.event, each]));

describe("an event is enabled", () => {
  test("when a transition has no guard, with the roles that may send it", () => {
    expect(enabledOf(order)["FREE"]).toEqual({ event: "FREE", by: every });
  });

  test("under a condition when its guard needs the payload", () => {
    expect(enabledOf(order)["SCORE"]).toEqual({
      event: "SCORE",
      by: every,
      when: "= event.score > 5",
    });
    expect(enabledOf(order)["MIXED"]?.when).toBe("= event.score > 5 or = event.score < n");
  });

  test("without a condition once a guard that needs no payload holds", () => {
    const counted = ["COUNT", "COUNT"].reduce(
      (from: Order, type) => stepped(send(executable, from, type)).order,
      order,
    );
    expect(enabledOf(counted)["MIXED"]).toEqual({ event: "MIXED", by: every });
    expect(enabledOf(counted)["CLOSED"]).toEqual({ event: "CLOSED", by: every });
  });

  test("when another region, or a state further out, takes it", () => {
    expect(enabledOf(order, "lea", "lead")["CLOSED"]).toEqual({ event: "CLOSED", by: every });
    expect(enabledOf(order)["INNER"]).toEqual({ event: "INNER", by: every });
    expect(enabledOf(order)["EITHER"]).toEqual({ event: "EITHER", by: every });
  });
});

describe("an event is blocked", () => {
  test("by the first guard that says no, as it is written and where", () => {
    expect(blockedOf(order)["CLOSED"]).toEqual({
      event: "CLOSED",
      by: every,
      refuses: "guard",
      because: "= n > 1",
      pointer: "/machine/states/both/states/left/on/CLOSED/0/guard",
    });
  });

  test("by a guard that fails, as it would refuse the event", () => {
    expect(blockedOf(order)["BROKEN"]?.because).toBe("= 1 / (n - n) > 0");
    expect(send(executable, order, "BROKEN").kind).toBe("rejected");
  });

  test("by the role", () => {
    expect(blockedOf(order)["LEAD"]).toEqual({
      event: "LEAD",
      by: ["lead"],
      refuses: "role",
      because: "role: only lead",
      pointer: "/events/LEAD/by",
    });
    expect(enabledOf(order, "lea", "lead")["LEAD"]).toBeDefined();
  });

  test("by a separation rule, for the person who did the other duty", () => {
    const repaired = stepped(
      send(executable, order, "REPAIR", {}, NOW, person("ann", "technician")),
    ).order;
    expect(blockedOf(repaired, "ann")["PASS"]).toEqual({
      event: "PASS",
      by: every,
      refuses: "separation",
      because: "separation: PASS not by who sent REPAIR",
      pointer: "/separation/0",
    });
    expect(enabledOf(repaired, "bob")["PASS"]).toEqual({ event: "PASS", by: every });
  });
});

describe("the document's own words", () => {
  test("say why a guard refuses", () => {
    expect(blockedOf(order)["TOLD"]).toMatchObject({
      because: "= n > 5",
      words: { en: "Count to six first.", zh: "先数到六。" },
    });
  });

  test("say on what a condition depends, though only one of its guards has words", () => {
    expect(enabledOf(order)["ASKED"]).toMatchObject({
      when: "= event.score > 5 or = event.score < n",
      words: "A score is above five.",
    });
  });
});

describe("an event is not told of", () => {
  test("when the present state doesn't know it, or nobody may send it", () => {
    const { enabled, blocked } = asked(order, "ann", "technician");
    const told = [...enabled, ...blocked].map(({ event }) => event);
    expect(told).not.toContain("ELSEWHERE");
    expect(told).not.toContain("TICK");
  });

  test("when the order has ended", () => {
    const ended = executableOf({
      machine: {
        on: { ANY: { actions: [] } },
        initial: "end",
        states: { end: { type: "final" } },
      },
    });
    const choice = choices(ended, startOrder(ended).order, person("ann", "any"), NOW);
    expect(choice).toEqual({ enabled: [], blocked: [] });
  });
});

test("what is told is what happens: enabled steps, blocked is refused", () => {
  const turn = fc.record({
    type: fc.constantFrom(...executable.events.keys()),
    role: fc.constantFrom("technician", "lead", "admin", "customer"),
    sub: fc.constantFrom("ann", "bob"),
    score: fc.integer({ min: 0, max: 10 }),
  });
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 12 }), (turns) => {
      let from = order;
      for (const { type, role, sub, score } of turns) {
        const actor = person(sub, role);
        const { enabled, blocked } = choices(executable, from, actor, NOW);
        const choice = enabled.find(({ event }) => event === type);
        const payload = ["SCORE", "MIXED", "EITHER"].includes(type) ? { score } : {};
        const result = send(executable, from, type, payload, NOW, actor);
        if (choice === undefined || choice.when === undefined) {
          expect([type, result.kind]).toEqual([
            type,
            choice === undefined ? "rejected" : "stepped",
          ]);
        }
        if (blocked.some(({ event }) => event === type)) expect(choice).toBeUndefined();
        if (result.kind === "stepped") from = result.order;
      }
    }),
  );
});
