/** Orders that are kept: as many as there is room for, those used last, and each one's lag known until it is caught up. */

import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { snapshotIn, snapshotText, type Snapshot } from "../../../src/audit/snapshot.ts";
import { createHotOrders, roomInHeap } from "../../../src/store/group/hot-orders.ts";
import type { StoredOrder } from "../../../src/store/store.ts";
import { numbers } from "../fixtures.ts";
import { storedOrder } from "./support.ts";

const plain = storedOrder("o");
/** What an order of `storedOrder` counts as. */
const OWN_BYTES = 1_000 + 8 * plain.snapshot.text.length;
const SNAPSHOT = {
  ...{ value: "open", status: "active", history: {}, outcome: null, data: {}, items: {} },
  ...{ timers: [], jobs: [], performers: {} },
};

/** After a full collection. */
function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

const order = (id: string, revision = 1): StoredOrder => ({
  ...plain,
  ...{ id, revision, lastHash: `${id} ${revision}` },
});

function hotOrders(roomBytes = 1e6) {
  const evicted: string[] = [];
  const time = { now: 0 };
  const hot = createHotOrders({
    elapsed: () => time.now,
    onEvicted: ({ id, revision }) => evicted.push(`${id} ${revision}`),
    roomBytes,
  });
  return { hot, evicted, time };
}

describe("hot orders", () => {
  test("make room by use, and tell of those whose checkpoint lags", () => {
    const { hot, evicted } = hotOrders(1_001 * OWN_BYTES);
    hot.set({ order: order("lagging", 2), checkpoint: 1 });
    hot.set({ order: order("caught up", 2), checkpoint: 2 });
    hot.set({ order: order("used", 2), checkpoint: 1 });
    for (const each of numbers(999)) {
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
    const { hot, evicted } = hotOrders(24_000_000 * 8);
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

  test("take no more memory than they were given room for, and not much less", () => {
    const snapshot = (each: number): Snapshot => {
      const lines = numbers(24).map((line) => ({ id: `line-${each}-${line}`, price: line / 3 }));
      const read = snapshotIn(JSON.stringify({ ...SNAPSHOT, data: { lines } }));
      read.value();
      return snapshotIn(snapshotText(read.value()));
    };
    snapshot(0);
    const before = heapUsed();
    const { hot } = hotOrders(30_000_000);
    for (const each of numbers(6_000)) {
      const read = snapshot(each);
      read.value();
      hot.set({ order: { ...order(`o${each}`), snapshot: read }, checkpoint: 1 });
    }
    const taken = heapUsed() - before;
    expect(hot.peek("o1")).toBeNull();
    expect(hot.peek("o6000")).not.toBeNull();
    expect(taken).toBeLessThan(30_000_000);
    expect(taken).toBeGreaterThan(10_000_000);
  });

  test("get a share of the heap", () => {
    expect(roomInHeap()).toBe(getHeapStatistics().heap_size_limit / 8);
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
