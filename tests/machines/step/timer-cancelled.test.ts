/** A timer that a person gives up: the timer goes, and nothing else of the order changes. */

import { describe, expect, test } from "vitest";
import { NOW, executableOf, fire, send, startOrder, stepped } from "./orders.ts";

const manager = { sub: "meng", role: "manager", centre: null };

describe("timer.cancelled", () => {
  const executable = executableOf({
    data: { type: "object", properties: { late: { type: "integer", default: 0 } } },
    events: { GO: {} },
    machine: {
      initial: "waiting",
      states: {
        waiting: {
          on: { GO: "waiting" },
          after: {
            PT1H: { actions: { type: "assign", params: { late: "= late + 1" } } },
            PT2H: "over",
          },
        },
        over: { type: "final" },
      },
    },
  });
  const { order } = startOrder(executable);
  const [first, second] = order.snapshot.timers;
  const cancel = (timer: string) =>
    send(executable, order, "timer.cancelled", { timer, reason: "it fails" }, NOW, manager);

  test("takes the timer away, and leaves state, data and the other timers as they are", () => {
    const given = stepped(cancel(first?.id ?? ""));
    expect(given.order).toMatchObject({ revision: order.revision + 1, at: NOW });
    expect(given.order.snapshot).toEqual({ ...order.snapshot, timers: [second] });
    expect(given).toMatchObject({ timers: { set: [], cancelled: [first?.id] }, effects: [] });
    expect(given.taken).toEqual([]);
  });

  test("is told of in time: what was given up does not fire", () => {
    const { order: after } = stepped(cancel(first?.id ?? ""));
    const due = "2026-11-22T09:00:00.000Z";
    expect(fire(executable, after, first?.id ?? "", due)).toMatchObject({ code: "timer-unknown" });
    const ended = stepped(fire(executable, after, second?.id ?? "", "2026-11-22T10:00:00.000Z"));
    expect(ended.order.snapshot).toMatchObject({ status: "done", data: { late: 0 } });
  });

  test("is refused for a timer that is not pending, and for an order that has ended", () => {
    expect(cancel("9.9")).toMatchObject({ kind: "rejected", code: "timer-unknown" });
    const over = stepped(fire(executable, order, second?.id ?? "", "2026-11-22T10:00:00.000Z"));
    expect(
      send(executable, over.order, "timer.cancelled", { timer: first?.id ?? "" }),
    ).toMatchObject({ code: "order-closed" });
  });
});
