/** Items: many things of one kind inside an order, each with its own state, data, timers and jobs, under one step. */

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../machines/json.ts";
import type { Order, StepResult, Stepped } from "../../../machines/order.ts";
import { choices } from "../../../machines/step/choices.ts";
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

const text: JsonObject = { type: "string" };
const lineEvent = (fields: JsonObject = {}): JsonObject => ({
  item: "addOns",
  payload: { type: "object", required: ["line"], properties: { line: text, ...fields } },
});

/** Added lines: proposed, decided by the customer, expiring by themselves. */
const visit = executableOf({
  data: {
    type: "object",
    properties: {
      agreed: { type: "array", items: text, default: [] },
      total: { type: "number", default: 0 },
    },
  },
  events: {
    PROPOSE: {
      payload: {
        type: "object",
        required: ["line"],
        properties: { line: text, price: { type: "number" }, colour: text },
      },
    },
    DECIDE: lineEvent({ decision: text }),
    TALK: lineEvent(),
    FORGET: { by: [] },
    AGREED: { by: [], payload: { type: "object", properties: { line: text } } },
    SWEEP: {},
    CLOSE: {},
  },
  effects: { notify: {} },
  items: {
    addOns: {
      key: "line",
      data: {
        type: "object",
        properties: {
          price: { type: "number", minimum: 0, default: 10 },
          asked: { type: "number" },
        },
      },
      machine: {
        initial: "proposed",
        states: {
          proposed: {
            tags: ["open"],
            on: {
              DECIDE: [
                {
                  guard: '= event.decision == "yes"',
                  target: "approved",
                  actions: [
                    {
                      type: "raise",
                      params: { event: "AGREED", to: "order", payload: { line: "= item.id" } },
                    },
                    { type: "assign", params: { asked: "= item.price + 1" } },
                  ],
                },
                {
                  guard: '= event.decision == "free"',
                  actions: { type: "assign", params: { price: "= item.price - 100" } },
                },
                { guard: '= event.decision == "no"', target: "declined" },
              ],
              FORGET: "declined",
            },
            after: {
              PT2H: {
                target: "expired",
                actions: [{ type: "notify", params: { to: "= item.id" } }],
              },
            },
          },
          approved: { tags: ["billable"], after: { P1D: "expired" } },
          declined: { type: "final" },
          expired: {},
        },
      },
    },
  },
  machine: {
    initial: "open",
    states: {
      open: {
        on: {
          PROPOSE: { actions: [{ type: "open", params: { in: "addOns", value: "= event" } }] },
          AGREED: {
            actions: [
              {
                type: "assign",
                params: {
                  agreed: "= agreed + [event.line]",
                  total: '= addOns.filter(a, a.state == "approved").map(a, a.price).sum()',
                },
              },
            ],
          },
          DECIDE: {
            guard: '= event.decision == "maybe"',
            actions: [{ type: "notify", params: { to: "nobody" } }],
          },
          TALK: { actions: [{ type: "notify", params: { about: "= event.line" } }] },
          SWEEP: {
            actions: [
              {
                type: "send",
                params: { in: "addOns", where: "= item.price < 20", event: "FORGET" },
              },
            ],
          },
          CLOSE: "closed",
        },
      },
      closed: { type: "final" },
    },
  },
});

function proposed(...lines: readonly JsonObject[]): Order {
  return lines.reduce(
    (order: Order, line) => stepped(send(visit, order, "PROPOSE", line)).order,
    startOrder(visit).order,
  );
}

const decide = (order: Order, line: string, decision: string): StepResult =>
  send(visit, order, "DECIDE", { line, decision });

const stateOf = (order: Order): JsonObject =>
  Object.fromEntries((order.snapshot.items["addOns"] ?? []).map(({ id, value }) => [id, value]));

describe("opening an item", () => {
  test("enters its initial state with its data, defaults included, in the order of opening", () => {
    const { order, items } = stepped(
      send(visit, proposed({ line: "L2", price: 30 }), "PROPOSE", { line: "L1" }),
    );
    expect(order.snapshot.items["addOns"]).toEqual([
      { id: "L2", value: "proposed", status: "active", history: {}, data: { price: 30 } },
      { id: "L1", value: "proposed", status: "active", history: {}, data: { price: 10 } },
    ]);
    expect(items).toEqual({ "addOns/L1": [null, "proposed"] });
  });

  test("a second time under the same id is refused", () => {
    const result = send(visit, proposed({ line: "L1" }), "PROPOSE", { line: "L1" });
    expect(result).toMatchObject({ kind: "rejected", code: "item-exists" });
  });

  test.each(["", "x".repeat(129), "= 'a\\u0000b'"])("under the id %j is refused", (id) => {
    const opening = executableOf({
      items: { parts: { key: "part", machine: {} } },
      machine: {
        on: { ADD: { actions: { type: "open", params: { in: "parts", id } } } },
      },
    });
    expect(send(opening, startOrder(opening).order, "ADD")).toMatchObject({
      kind: "rejected",
      code: "item-unknown",
    });
  });

  test("with data that its schema refuses is refused, with the place", () => {
    const order = proposed();
    expect(send(visit, order, "PROPOSE", { line: "L1", price: -1 })).toMatchObject({
      code: "data-invalid",
      errors: [{ pointer: "/price" }],
    });
    expect(send(visit, order, "PROPOSE", { line: "L1", colour: "red" })).toMatchObject({
      code: "data-invalid",
    });
  });

  test("with such data is refused even where its first action would mend them", () => {
    const mending = executableOf({
      events: { ADD: { payload: { type: "object", properties: { n: {} } } } },
      items: {
        parts: {
          key: "part",
          data: { type: "object", properties: { n: { type: "number" } } },
          machine: { entry: { type: "assign", params: { n: 1 } } },
        },
      },
      machine: {
        on: { ADD: { actions: { type: "open", params: { in: "parts", value: "= event" } } } },
      },
    });
    const { order } = startOrder(mending);
    expect(send(mending, order, "ADD", { n: "many" })).toMatchObject({ code: "data-invalid" });
    expect(send(mending, order, "ADD", { n: 2 }).kind).toBe("stepped");
  });

  test.each([
    ["without a character", ""],
    ["of 129 characters", "x".repeat(129)],
  ])("under an id %s is refused", (_, line) => {
    expect(send(visit, proposed(), "PROPOSE", { line })).toMatchObject({ code: "item-unknown" });
  });

  test("by a text makes the text its id, by `id` the id is given apart, by neither it is counted", () => {
    const opening = executableOf({
      items: { parts: { key: "part", machine: {} } },
      machine: {
        entry: [
          { type: "open", params: { in: "parts", value: "= order.id + '-filter'" } },
          { type: "open", params: { in: "parts", id: "oil" } },
          { type: "open", params: { in: "parts" } },
        ],
      },
    });
    const { items } = startOrder(opening).order.snapshot;
    expect(items["parts"]?.map(({ id }) => id)).toEqual(["order-1-filter", "oil", "3"]);
  });
});

describe("an event that names an item", () => {
  test("moves that item alone and changes its data alone", () => {
    const before = proposed({ line: "L1" }, { line: "L2" });
    const { order, items } = stepped(decide(before, "L2", "yes"));
    expect(stateOf(order)).toEqual({ L1: "proposed", L2: "approved" });
    expect(items).toEqual({ "addOns/L2": ["proposed", "approved"] });
    expect(order.snapshot.items["addOns"]?.map(({ data }) => data)).toEqual([
      { price: 10 },
      { price: 10, asked: 11 },
    ]);
  });

  test("is refused when there is no such item", () => {
    const result = decide(proposed({ line: "L1" }), "L9", "yes");
    expect(result).toMatchObject({ kind: "rejected", code: "item-unknown" });
  });

  test("is refused by an item that knows it, and the order can't accept on its behalf", () => {
    const order = proposed({ line: "L1" });
    expect(decide(order, "L1", "maybe")).toMatchObject({ code: "event-not-enabled" });
    const decided = stepped(decide(order, "L1", "no")).order;
    expect(decide(decided, "L1", "maybe")).toMatchObject({ code: "event-not-enabled" });
  });

  test("goes to the order when no state of the item knows it", () => {
    const { effects, items } = stepped(
      send(visit, proposed({ line: "L1" }), "TALK", { line: "L1" }),
    );
    expect(effects).toEqual([{ type: "notify", params: { about: "L1" } }]);
    expect(items).toEqual({});
  });

  test("is refused when it would make the item's data invalid, and nothing moves", () => {
    const order = proposed({ line: "L1" });
    expect(decide(order, "L1", "free")).toMatchObject({
      code: "data-invalid",
      errors: [{ pointer: "/price" }],
    });
  });

  test("is refused once the item has ended", () => {
    const declined = stepped(decide(proposed({ line: "L1" }), "L1", "no")).order;
    expect(declined.snapshot.items["addOns"]?.[0]?.status).toBe("done");
    expect(decide(declined, "L1", "yes")).toMatchObject({ code: "event-not-enabled" });
  });
});

describe("an item that has ended", () => {
  test("hears nothing any more, not even at its root", () => {
    const executable = executableOf({
      events: {
        TAP: {
          item: "parts",
          payload: { type: "object", required: ["part"], properties: { part: text } },
        },
      },
      items: {
        parts: {
          key: "part",
          data: { type: "object", properties: { n: { type: "number", default: 0 } } },
          machine: {
            on: {
              LOOK: { actions: { type: "assign", params: { n: "= item.n + 1" } } },
              TAP: { actions: [] },
            },
            initial: "new",
            states: { new: { on: { FIT: "fitted" } }, fitted: { type: "final" } },
          },
        },
      },
      machine: {
        entry: { type: "open", params: { in: "parts", id: "a" } },
        on: Object.fromEntries(
          ["LOOK", "FIT"].map((event) => [
            `${event}_ALL`,
            { actions: { type: "send", params: { in: "parts", event } } },
          ]),
        ),
      },
    });
    const { order: begun } = startOrder(executable);
    const ended = ["LOOK_ALL", "FIT_ALL", "LOOK_ALL"].reduce(
      (order: Order, type) => restored(stepped(send(executable, order, type)).order),
      begun,
    );
    expect(ended.snapshot.items["parts"]).toMatchObject([
      { value: "fitted", status: "done", data: { n: 1 } },
    ]);
    const taps = [begun, ended].map((order) =>
      choices(executable, order, technician, NOW).enabled.filter(({ event }) => event === "TAP"),
    );
    expect(taps).toMatchObject([[{ item: "a" }], []]);
    expect(send(executable, ended, "TAP", { part: "a" })).toMatchObject({
      code: "event-not-enabled",
    });
  });
});

describe("what an item and the order tell each other", () => {
  test("an item raises to the order, whose expressions see the item where it now rests", () => {
    const before = proposed({ line: "L1", price: 30 }, { line: "L2", price: 12.5 });
    const first = stepped(decide(before, "L1", "yes")).order;
    const second = stepped(decide(restored(first), "L2", "yes")).order;
    expect(second.snapshot.data).toEqual({ agreed: ["L1", "L2"], total: 42.5 });
  });

  test("the order sends to the items for which `where` holds", () => {
    const before = proposed({ line: "L1" }, { line: "L2", price: 25 }, { line: "L3" });
    const { order, items } = stepped(send(visit, before, "SWEEP"));
    expect(stateOf(order)).toEqual({ L1: "declined", L2: "proposed", L3: "declined" });
    expect(Object.keys(items)).toEqual(["addOns/L1", "addOns/L3"]);
  });

  test("an item that the event finds elsewhere ignores it", () => {
    const approved = stepped(decide(proposed({ line: "L1" }), "L1", "yes")).order;
    const { order, items } = stepped(send(visit, approved, "SWEEP"));
    expect(stateOf(order)).toEqual({ L1: "approved" });
    expect(items).toEqual({});
  });

  test("all in one fixed order: the item, the order, then what they raised, as it was raised", () => {
    const note = (words: string): JsonObject => ({ type: "note", params: { words } });
    const raise = (event: string): JsonObject => ({
      type: "raise",
      params: { event, to: "order" },
    });
    const relay = executableOf({
      events: {
        GO: {
          item: "parts",
          payload: { type: "object", required: ["part"], properties: { part: text } },
        },
      },
      effects: { note: {} },
      items: {
        parts: {
          key: "part",
          machine: {
            on: {
              GO: { actions: [raise("FIRST"), note("goes"), raise("SECOND")] },
              ECHO: { actions: [note("echoes"), raise("THIRD")] },
            },
          },
        },
      },
      machine: {
        entry: ["a", "b"].map((id) => ({ type: "open", params: { in: "parts", id } })),
        on: {
          GO: { actions: [{ type: "send", params: { in: "parts", event: "ECHO" } }, note("goes")] },
          FIRST: { actions: note("first") },
          SECOND: { actions: note("second") },
          THIRD: { actions: note("third") },
        },
      },
    });
    const result = stepped(send(relay, startOrder(relay).order, "GO", { part: "b" }));
    expect(heard(result)).toEqual([
      "parts/b goes",
      "order goes",
      "order first",
      "order second",
      "parts/a echoes",
      "parts/b echoes",
      "order third",
      "order third",
    ]);
  });

  test("without end is stopped", () => {
    const endless = executableOf({
      items: {
        parts: {
          key: "part",
          machine: {
            on: { PING: { actions: { type: "raise", params: { event: "PONG", to: "order" } } } },
          },
        },
      },
      machine: {
        entry: { type: "open", params: { in: "parts", id: "a" } },
        on: {
          GO: { actions: { type: "send", params: { in: "parts", event: "PING" } } },
          PONG: { actions: { type: "send", params: { in: "parts", event: "PING" } } },
        },
      },
    });
    expect(send(endless, startOrder(endless).order, "GO")).toMatchObject({
      kind: "rejected",
      code: "step-unbounded",
    });
  });
});

describe("items that each go round for long", () => {
  const round = (rounds: number) =>
    executableOf({
      data: { type: "object", properties: { n: { type: "number", default: 0 } } },
      events: { GO: {} },
      items: {
        parts: {
          key: "part",
          data: { type: "object", properties: { n: { type: "number", default: 0 } } },
          machine: {
            initial: "turning",
            states: {
              turning: {
                always: {
                  guard: `= item.n < ${rounds}`,
                  target: "turning",
                  reenter: true,
                  actions: { type: "assign", params: { n: "= item.n + 1" } },
                },
              },
            },
          },
        },
      },
      machine: {
        initial: "here",
        states: {
          here: { on: { GO: "opening" } },
          opening: {
            always: {
              guard: "= n < 200",
              target: "opening",
              reenter: true,
              actions: [
                { type: "open", params: { in: "parts" } },
                { type: "assign", params: { n: "= n + 1" } },
              ],
            },
          },
        },
      },
    });

  test("come to rest, each in its own bounds", () => {
    const gone = stepped(send(round(40), startOrder(round(40)).order, "GO"));
    expect(gone.taken).toHaveLength(200 * 40 + 201);
  });

  test("are refused when all of them together are too many", () => {
    expect(send(round(900), startOrder(round(900)).order, "GO")).toMatchObject({
      kind: "rejected",
      code: "step-unbounded",
    });
  });
});

describe("items that open items", () => {
  const tree = (levels: number) =>
    executableOf({
      events: { GROW: {} },
      items: {
        nodes: {
          key: "id",
          data: { type: "object", properties: { level: { type: "number" } } },
          machine: {
            initial: "fresh",
            states: {
              fresh: {
                entry: {
                  type: "open",
                  params: { in: "leaves", value: { level: "= item.level + 1" } },
                },
              },
            },
          },
        },
        leaves: {
          key: "id",
          data: { type: "object", properties: { level: { type: "number" } } },
          machine: {
            initial: "young",
            states: {
              young: { always: { guard: `= item.level < ${levels}`, target: "forked" } },
              forked: {
                entry: [
                  { type: "open", params: { in: "leaves", value: { level: "= item.level + 1" } } },
                  { type: "open", params: { in: "leaves", value: { level: "= item.level + 1" } } },
                ],
              },
            },
          },
        },
      },
      machine: {
        initial: "here",
        states: {
          here: {
            on: {
              GROW: { actions: { type: "open", params: { in: "nodes", value: { level: 0 } } } },
            },
          },
        },
      },
    });

  test("come to rest when each level ends", () => {
    const grown = stepped(send(tree(4), startOrder(tree(4)).order, "GROW"));
    expect(grown.order.snapshot.items["leaves"]).toHaveLength(15);
  });

  test.each([
    ["one inside the other without an end", 1_000_000],
    ["in ever more branches", 14],
  ])("%s are refused, whatever the call stack holds", (_, levels) => {
    expect(send(tree(levels), startOrder(tree(levels)).order, "GROW")).toMatchObject({
      kind: "rejected",
      code: "step-unbounded",
    });
  });
});

describe("an item's timers", () => {
  const later = "2026-11-22T10:00:00.000Z";

  test("are its own: each item's fires for that item", () => {
    const before = proposed({ line: "L1" }, { line: "L2" });
    expect(before.snapshot.timers).toEqual([
      { id: "2.1", item: "addOns/L1", state: "proposed", after: "PT2H", dueAt: later },
      { id: "3.1", item: "addOns/L2", state: "proposed", after: "PT2H", dueAt: later },
    ]);
    const { order, effects } = stepped(fire(visit, restored(before), "3.1", later));
    expect(stateOf(order)).toEqual({ L1: "proposed", L2: "expired" });
    expect(effects).toEqual([{ type: "notify", item: "addOns/L2", params: { to: "L2" } }]);
    expect(order.snapshot.timers.map(({ id }) => id)).toEqual(["2.1"]);
  });

  test("go when it leaves the state that set them, and others come", () => {
    const { order, timers } = stepped(
      decide(proposed({ line: "L1" }, { line: "L2" }), "L1", "yes"),
    );
    expect(timers.cancelled).toEqual(["2.1"]);
    expect(timers.set).toMatchObject([{ item: "addOns/L1", state: "approved", after: "P1D" }]);
    expect(order.snapshot.timers.map(({ item }) => item)).toEqual(["addOns/L2", "addOns/L1"]);
  });

  test("go with the order when it ends", () => {
    const { order, timers } = stepped(send(visit, proposed({ line: "L1" }), "CLOSE"));
    expect(order.snapshot.timers).toEqual([]);
    expect(timers.cancelled).toEqual(["2.1"]);
  });

  test("of a state around the final one go when the item ends", () => {
    const executable = executableOf({
      events: { END: lineEvent() },
      items: {
        addOns: {
          key: "line",
          machine: {
            after: { P1D: { actions: [] } },
            invoke: { src: "watch" },
            initial: "on",
            states: { on: { on: { END: "off" } }, off: { type: "final" } },
          },
        },
      },
      machine: { entry: { type: "open", params: { in: "addOns", id: "L1" } } },
    });
    const { order } = startOrder(executable);
    expect(order.snapshot.timers).toMatchObject([{ item: "addOns/L1", state: "" }]);
    const ended = stepped(send(executable, order, "END", { line: "L1" }));
    expect(ended.order.snapshot).toMatchObject({ status: "active", timers: [], jobs: [] });
    expect(ended.timers.cancelled).toEqual([order.snapshot.timers[0]?.id]);
    expect(ended.jobs.closed).toEqual([order.snapshot.jobs[0]?.id]);
  });
});

describe("an item's jobs", () => {
  test("come back to that item, and their output is its event", () => {
    const executable = executableOf({
      jobs: { price: { output: { type: "object", properties: { amount: { type: "number" } } } } },
      items: {
        parts: {
          key: "part",
          data: { type: "object", properties: { amount: { type: "number", default: 0 } } },
          machine: {
            initial: "asking",
            states: {
              asking: {
                invoke: {
                  src: "price",
                  input: { part: "= item.id" },
                  onDone: {
                    target: "priced",
                    actions: { type: "assign", params: { amount: "= event.output.amount" } },
                  },
                },
              },
              priced: {},
            },
          },
        },
      },
      machine: {
        entry: ["a", "b"].map((id) => ({ type: "open", params: { in: "parts", id } })),
      },
    });
    const { order } = startOrder(executable);
    expect(order.snapshot.jobs.map(({ item, input }) => [item, input])).toEqual([
      ["parts/a", { part: "a" }],
      ["parts/b", { part: "b" }],
    ]);
    const job = order.snapshot.jobs[1]?.id ?? "";
    const done = send(
      executable,
      order,
      "job.completed",
      { job, output: { amount: 7 } },
      NOW,
      engine,
    );
    expect(stepped(done).order.snapshot.items["parts"]).toMatchObject([
      { id: "a", value: "asking", data: { amount: 0 } },
      { id: "b", value: "priced", data: { amount: 7 } },
    ]);
  });
});

describe("choices about items", () => {
  test("are given per item, by the state of each", () => {
    const order = stepped(decide(proposed({ line: "L1" }, { line: "L2" }), "L1", "no")).order;
    const { enabled } = choices(visit, order, technician, NOW);
    expect(enabled.filter(({ event }) => event === "DECIDE")).toEqual([
      {
        event: "DECIDE",
        item: "L2",
        by: [],
        when: '= event.decision == "yes" or = event.decision == "free" or = event.decision == "no"',
      },
    ]);
    expect(enabled.filter(({ event }) => event === "TALK").map(({ item }) => item)).toEqual([
      "L1",
      "L2",
    ]);
  });
});

describe("an order whose items don't fit its definition", () => {
  test.each([
    ["is in a state that was removed", { addOns: [{ id: "L1", value: "gone" }] }],
    ["is of a collection that was removed", { wheels: [{ id: "L1", value: "proposed" }] }],
  ])("is refused when an item %s", (_, items) => {
    const order = proposed({ line: "L1" });
    const [kept] = order.snapshot.items["addOns"] ?? [];
    const broken = Object.fromEntries(
      Object.entries(items).map(([collection, members]) => [
        collection,
        members.map((member) => ({
          status: "active" as const,
          history: {},
          data: {},
          ...kept,
          ...member,
        })),
      ]),
    );
    const found = { ...order, snapshot: { ...order.snapshot, items: broken } };
    expect(decide(found, "L1", "yes")).toMatchObject({ code: "definition-mismatch" });
  });
});

/** Who said what, in the order of the effects. */
function heard({ effects }: Stepped): readonly string[] {
  return effects.map(({ item, params: { words } }) =>
    typeof words === "string" ? `${item ?? "order"} ${words}` : "",
  );
}
