/** An order goes on in another version of its process: what it is there, what it waits for, and what is refused. */

import { describe, expect, test } from "vitest";
import { activePaths } from "../../../machines/migrate/map-chart.ts";
import { GARAGE } from "../../runtime/garage.ts";
import { send, stepped } from "../step/orders.ts";
import { garage, LATER, migrated, orderAfter, read, versionOf } from "./versions.ts";

const SAME = versionOf(GARAGE);

describe("migrate", () => {
  test("leaves an order as it is where nothing has changed, but for its version", () => {
    const before = orderAfter(garage, ["ACCEPT", ["ADD", { line: "brakes" }], "START"]);
    const { order, timers, jobs, items, effects } = stepped(
      migrated({ from: garage, to: SAME }, before),
    );
    expect(order).toEqual({ ...before, digest: SAME.digest, revision: 5, at: LATER });
    expect({ timers, jobs, items, effects }).toEqual({
      ...{ timers: { set: [], cancelled: [] }, jobs: { opened: [], closed: [] } },
      ...{ items: {}, effects: [] },
    });
  });

  test("and back again", () => {
    const before = orderAfter(garage, ["ACCEPT", "START", "STOP"]);
    const there = stepped(migrated({ from: garage, to: SAME }, before));
    const back = stepped(migrated({ from: SAME, to: garage }, there.order));
    expect(back.order).toEqual({ ...before, revision: before.revision + 2, at: LATER });
  });

  test("moves states by rules, what is inside them with them, and what a history remembers", () => {
    const to = versionOf(
      GARAGE,
      ["        hands:", "        bench:"],
      ["            doing:", "            busy:"],
      ["START: doing", "START: busy"],
    );
    const rules = { states: { "work.hands": "work.bench", "work.hands.doing": "work.bench.busy" } };
    const working = stepped(
      migrated({ from: garage, to }, orderAfter(garage, ["ACCEPT", "START"]), rules),
    );
    expect(working.order.snapshot.value).toEqual({ work: { bench: "busy", papers: "form" } });
    const stopped = stepped(
      migrated({ from: garage, to }, orderAfter(garage, ["ACCEPT", "START", "STOP"]), rules),
    );
    const resumed = stepped(
      send(to, stopped.order, "RESUME", {}, LATER, { sub: "a", role: "advisor", centre: null }),
    );
    expect(resumed.order.snapshot.value).toEqual({ work: { bench: "busy", papers: "form" } });
  });

  test("asks for a rule where a state is gone, has states inside now, or a region has none", () => {
    const order = orderAfter(garage, ["ACCEPT", "START"]);
    const gone = versionOf(
      GARAGE,
      ["            doing:", "            busy:"],
      ["START: doing", "START: busy"],
    );
    const inside = versionOf(GARAGE, [
      "doing: { meta: { element: userTask, role: technician }, tags: [moving], on: { FINISH: finished } }",
      "doing: { on: { FINISH: finished }, initial: one, states: { one: { on: { START: two } }, two: {} } }",
    ]);
    const region = versionOf(GARAGE, [
      "        back: { type",
      "        photos: { initial: none, states: { none: { on: { START: some } }, some: {} } }\n        back: { type",
    ]);
    const answers = [gone, inside, region].map((to) => migrated({ from: garage, to }, order));
    expect(answers).toMatchObject([
      {
        code: "migration-undecided",
        detail: expect.stringContaining('no state "work.hands.doing"'),
      },
      { code: "migration-undecided", detail: expect.stringContaining('inside "work.hands.doing"') },
      { code: "migration-undecided", detail: expect.stringContaining('region "work.photos"') },
    ]);
    const decided = [
      migrated({ from: garage, to: inside }, order, {
        states: { "work.hands.doing": "work.hands.doing.two" },
      }),
      migrated({ from: garage, to: region }, order, {
        states: { "work.hands.doing": ["work.hands.doing", "work.photos"] },
      }),
    ];
    expect(decided.map((answer) => stepped(answer).order.snapshot.value)).toEqual([
      { work: { hands: { doing: "two" }, papers: "form" } },
      { work: { hands: "doing", papers: "form", photos: "none" } },
    ]);
  });

  test("a rule may lead by what the order holds", () => {
    const to = versionOf(GARAGE, [
      "    paid: { type: final }",
      "    paid: { type: final }\n    wreck: { on: { RESUME: paid } }",
    ]);
    const rules = { states: { reception: '= broken ? "wreck" : "reception"' } };
    const versions = { from: garage, to };
    const [whole, broken] = [orderAfter(garage, []), orderAfter(garage, ["BREAK"])].map(
      (order) => stepped(migrated(versions, order, rules)).order.snapshot,
    );
    expect([whole?.value, broken?.value]).toEqual(["reception", "wreck"]);
    // What reception waited for ends with it.
    expect([whole?.timers.length, broken?.timers.length]).toEqual([2, 0]);
  });

  test("keeps timers with their due instants, ends those that are gone, and begins new ones now", () => {
    const to = versionOf(GARAGE, [
      "        PT1H: { actions: { type: remind, params: { about: reception } } }",
      "        PT2H: { actions: { type: remind, params: { about: reception } } }",
    ]);
    const before = orderAfter(garage, []);
    const { order, timers } = stepped(migrated({ from: garage, to }, before));
    const [hour, minutes] = before.snapshot.timers;
    expect(order.snapshot.timers).toEqual([
      minutes,
      { id: "2.1", state: "reception", after: "PT2H", dueAt: "2026-11-22T11:30:00.000Z" },
    ]);
    expect(timers).toMatchObject({ set: [{ id: "2.1" }], cancelled: [hour?.id] });
  });

  test("a timer that has fired does not come again", () => {
    const before = orderAfter(garage, []);
    const [, minutes] = before.snapshot.timers;
    const fired = stepped(
      send(garage, before, "timer.fired", { timer: minutes?.id ?? "" }, LATER, {
        ...{ sub: "sevenstep", role: "system", centre: null },
      }),
    );
    const { order } = stepped(migrated({ from: garage, to: SAME }, fired.order));
    expect(order.snapshot.timers).toEqual(fired.order.snapshot.timers);
  });

  test("gives data by literals and expressions over what it was, and loses what is dropped", () => {
    const to = versionOf(
      GARAGE,
      [
        'note: { type: string, default: "" }, broken: { type: boolean, default: false }',
        "remark: { type: string }, tries: { type: number }, open: { type: boolean, default: true }",
      ],
      [
        "NOTE: { actions: { type: assign, params: { note: = event.note } } }",
        "NOTE: { actions: { type: assign, params: { remark: = event.note } } }",
      ],
      ["BREAK: { actions: { type: assign, params: { broken: true } } }", "BREAK: {}"],
      ["note: '= broken ? string(1 / 0) : \"late\"'", "remark: late"],
      [
        "NOTE: { actions: { type: assign, params: { note: = event.note } } }",
        "NOTE: { actions: { type: assign, params: { remark: = event.note } } }",
      ],
    );
    const before = orderAfter(garage, [["NOTE", { note: "red car" }]]);
    const rules = { data: { remark: '= "was: " + note', tries: 2 }, drop: ["note", "broken"] };
    const { order } = stepped(migrated({ from: garage, to }, before, rules));
    expect(order.snapshot.data).toEqual({ remark: "was: red car", tries: 2, open: true });
    expect(migrated({ from: garage, to }, before)).toMatchObject({
      code: "data-invalid",
      errors: [{ pointer: "/note" }, { pointer: "/broken" }],
    });
  });

  test("takes items along, into another collection, each with its own timers and data", () => {
    const to = versionOf(
      GARAGE,
      ["item: lines, by: [customer]", "item: extras, by: [customer]"],
      ["MAKE: { item: lines", "MAKE: { item: extras"],
      ["WITHDRAW: { item: lines", "WITHDRAW: { item: extras"],
      ["  lines:\n    key: line", "  extras:\n    key: line"],
      [
        "properties: { line: { type: string } } }\n    machine",
        "properties: { line: { type: string }, price: { type: number } } }\n    machine",
      ],
      ["initial: proposed", "initial: offered"],
      ["        proposed:\n", "        offered:\n"],
      ["in: lines", "in: extras"],
    );
    const before = orderAfter(garage, [
      "ACCEPT",
      ["ADD", { line: "brakes" }],
      ["ADD", { line: "oil" }],
      ["APPROVE", { line: "oil" }],
    ]);
    const rules = {
      items: {
        lines: {
          to: "extras",
          states: { proposed: "offered" },
          data: { price: '= item.id == "oil" ? 5 : 9' },
        },
      },
    };
    const { order, items, begun } = stepped(migrated({ from: garage, to }, before, rules));
    expect(order.snapshot.items).toEqual({
      extras: [
        {
          id: "brakes",
          value: "offered",
          status: "active",
          history: {},
          data: { line: "brakes", price: 9 },
        },
        {
          id: "oil",
          value: "approved",
          status: "active",
          history: {},
          data: { line: "oil", price: 5 },
        },
      ],
    });
    expect(order.snapshot.timers.map(({ id, item, state }) => ({ id, item, state }))).toEqual([
      { id: "2.1", item: undefined, state: "work.hands.todo" },
      { id: "3.1", item: "extras/brakes", state: "offered" },
    ]);
    expect(items).toEqual({
      "extras/brakes": ["proposed", "offered"],
      "extras/oil": ["approved", "approved"],
    });
    expect(begun).toMatchObject([{ item: "extras/brakes" }, { item: "extras/oil" }]);
    expect(migrated({ from: garage, to }, before)).toMatchObject({ code: "migration-undecided" });
  });

  test("refuses a place where the order would end, go on by itself, or wait for an end that is over", () => {
    const versions = (to: ReturnType<typeof read>) => ({ from: garage, to });
    const order = orderAfter(garage, ["ACCEPT", "START"]);
    const states = { "work.hands.doing": "paid", "work.papers.form": "paid" };
    const ended = migrated(versions(SAME), order, { states });
    const eager = versionOf(
      GARAGE,
      ["            form:", "            form2: { type: final }\n            form:"],
      [
        "form: { meta: { element: userTask, role: advisor }",
        "form: { always: { target: form2, guard: = note == '' }, meta: { element: userTask, role: advisor }",
      ],
    );
    const both = {
      "work.hands.doing": "work.hands.finished",
      "work.papers.form": "work.papers.signed",
    };
    expect([
      ended,
      migrated(versions(eager), order),
      migrated(versions(SAME), order, { states: both }),
      migrated(versions(SAME), order, { states: { "work.hands.doing": "reception" } }),
    ]).toMatchObject([
      { code: "migration-impossible", detail: expect.stringContaining("would end there") },
      { code: "migration-impossible", detail: expect.stringContaining("without an event") },
      { code: "migration-impossible", detail: expect.stringContaining('"work" would have ended') },
      { code: "migration-impossible", detail: expect.stringContaining("both of which") },
    ]);
  });

  test("refuses what breaks an invariant of the new version", () => {
    const strict = read(
      `${GARAGE.replace("version: 1.0.0", "version: 2.0.0")}\ninvariants:\n  - { id: whole, always: "= !broken" }\n`,
    );
    const versions = { from: garage, to: strict };
    expect(migrated(versions, orderAfter(garage, ["BREAK"]))).toMatchObject({
      code: "invariant-violated",
    });
    expect(migrated(versions, orderAfter(garage, []))).toMatchObject({ kind: "stepped" });
  });

  test("keeps duties separate that only the new version separates", () => {
    const strict = read(
      `${GARAGE.replace("version: 1.0.0", "version: 2.0.0")}\nseparation:\n  - { event: SIGN, notBy: [ACCEPT] }\n`,
    );
    const before = orderAfter(garage, ["ACCEPT"]);
    const told = { ACCEPT: ["the ACCEPT"] };
    const { order } = stepped(migrated({ from: garage, to: strict }, before, {}, told));
    const sign = (sub: string) =>
      send(strict, order, "SIGN", {}, LATER, { sub, role: "advisor", centre: null });
    expect(sign("the ACCEPT")).toMatchObject({ code: "separation-violated" });
    expect(sign("somebody else")).toMatchObject({ kind: "stepped" });
    expect(migrated({ from: garage, to: SAME }, before, {}, told)).toMatchObject({
      code: "migration-impossible",
    });
  });

  test("refuses another version's order, one that has ended, and the version that it lives under", () => {
    const over = orderAfter(garage, ["ACCEPT", "START", "FINISH", "SIGN", ["PAY", { amount: 1 }]]);
    expect([
      migrated({ from: garage, to: garage }, orderAfter(garage, [])),
      migrated({ from: garage, to: SAME }, over),
    ]).toMatchObject([{ code: "migration-impossible" }, { code: "order-closed" }]);
    expect(send(garage, orderAfter(garage, []), "order.migrated")).toMatchObject({
      code: "event-unknown",
    });
  });

  test("names active states the root first", () => {
    expect(activePaths(garage.order.root, { work: { papers: "form", hands: "todo" } })).toEqual([
      ...["", "work", "work.hands", "work.hands.todo", "work.papers", "work.papers.form"],
    ]);
  });
});
