/** Orders that are kept: as many as there is room for, those used last, and each one's lag known until it is caught up. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { snapshotIn } from "../../../src/audit/snapshot.ts";
import { createHotOrders } from "../../../src/store/group/hot-orders.ts";
import type { StoredOrder } from "../../../src/store/store.ts";
import { numbers } from "../fixtures.ts";
import { storedOrder } from "./support.ts";

const plain = storedOrder("o");
const order = (id: string, revision = 1): StoredOrder => ({
  ...plain,
  ...{ id, revision, lastHash: `${id} ${revision}` },
});

function hotOrders() {
  const evicted: string[] = [];
  const time = { now: 0 };
  const hot = createHotOrders(
    () => time.now,
    ({ id, revision }) => evicted.push(`${id} ${revision}`),
  );
  return { hot, evicted, time };
}

describe("hot orders", () => {
  test("make room by use, and tell of those whose checkpoint lags", () => {
    const { hot, evicted } = hotOrders();
    hot.set({ order: order("lagging", 2), checkpoint: 1 });
    hot.set({ order: order("caught up", 2), checkpoint: 2 });
    hot.set({ order: order("used", 2), checkpoint: 1 });
    for (const each of numbers(19_998)) {
      hot.set({ order: order(`o${each}`), checkpoint: 1 });
      hot.get("used");
    }
    expect(evicted).toEqual(["lagging 2"]);
    hot.set({ order: order("last"), checkpoint: 1 });
    expect(evicted).toEqual(["lagging 2"]);
    expect(["lagging", "caught up", "o1"].map((id) => hot.peek(id))).toEqual([
      null,
      null,
      expect.anything(),
    ]);
    expect(hot.peek("used")?.order.revision).toBe(2);
  });

  test("make room by size", () => {
    const { hot, evicted } = hotOrders();
    const big = snapshotIn("x".repeat(9_000_000));
    for (const each of numbers(3)) {
      hot.set({ order: { ...order(`o${each}`), snapshot: big }, checkpoint: 0 });
    }
    expect(evicted).toEqual(["o1 1"]);
    // The same order again takes no more room.
    for (const each of numbers(9)) {
      hot.set({ order: { ...order("o3", each), snapshot: big }, checkpoint: 0 });
    }
    expect(hot.peek("o2")).not.toBeNull();
    hot.drop("o3");
    hot.set({ order: { ...order("o4"), snapshot: big }, checkpoint: 0 });
    expect([evicted, hot.peek("o2") === null]).toEqual([["o1 1"], false]);
  });

  test("give a snapshot only as of the very entry", () => {
    const { hot } = hotOrders();
    hot.set({ order: order("o1", 2), checkpoint: 2 });
    expect(hot.snapshot("o1", "o1 2")).toBe(plain.snapshot);
    expect([hot.snapshot("o1", "o1 1"), hot.snapshot("o2", "o1 2")]).toEqual([null, null]);
    hot.clear();
    expect([hot.snapshot("o1", "o1 2"), hot.isAnyLagging()]).toEqual([null, false]);
  });

  test("are idle once, after so long, those that were moved longest ago first: as a model says", () => {
    const act = fc.oneof(
      fc.record({
        kind: fc.constant("set" as const),
        id: fc.constantFrom("a", "b", "c", "d"),
        lag: fc.nat(2),
      }),
      fc.record({ kind: fc.constant("drop" as const), id: fc.constantFrom("a", "b", "c", "d") }),
      fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(50) }),
      fc.record({ kind: fc.constant("take" as const), limit: fc.integer({ min: 1, max: 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const { hot, time } = hotOrders();
        let revision = 2;
        let lagging: { readonly id: string; readonly revision: number; readonly at: number }[] = [];
        for (const each of acts) {
          if (each.kind === "pass") time.now += each.ms;
          else if (each.kind === "set") {
            revision += 1;
            hot.set({ order: order(each.id, revision), checkpoint: revision - each.lag });
            lagging = lagging.filter(({ id }) => id !== each.id);
            if (each.lag > 0) lagging.push({ id: each.id, revision, at: time.now });
          } else if (each.kind === "drop") {
            hot.drop(each.id);
            lagging = lagging.filter(({ id }) => id !== each.id);
          } else {
            const taken = hot.takeIdle(60, each.limit).map(({ id }) => id);
            const idle = lagging.filter(({ at }) => at <= time.now - 60).slice(0, each.limit);
            expect(taken).toEqual(idle.map(({ id }) => id));
            lagging = lagging.filter(({ id }) => !taken.includes(id));
            for (const { id, revision: at } of idle) expect(hot.peek(id)?.checkpoint).toBe(at);
          }
          expect(hot.isAnyLagging()).toBe(lagging.length > 0);
        }
      }),
    );
  });
});
