/** Conformance: one order, one line of history, whole transactions, the clock read after the lock. */

import { describe, expect, test } from "vitest";

import { snapshotIn } from "../../../src/audit/snapshot.ts";
import { LeaseLost, TestClockUnknown } from "../../../src/store/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import type { OpenStore } from "../../support/databases.ts";
import { advance, everything, next, numbers, type Wanted } from "../fixtures.ts";

const job = { id: "j1", type: "reserve", item: null, input: {} };

export function changesConform(open: OpenStore): void {
  describe("a change", () => {
    test("stores the snapshot and the line byte for byte", async () => {
      const store = await open();
      const snapshot = '{"b":"\\u0000 \\ud800 预约","a":1.0,"a":2}';
      await advance(store, "o1", { head: { snapshot: snapshotIn(snapshot) } });
      const order = await store.orders.get("o1", everything);
      const entry = await store.orders.entryAt("o1", { revision: 1 }, everything);
      expect(order?.snapshot.text).toBe(snapshot);
      expect(entry?.line).toBe(JSON.stringify({ revision: 1, at: entry?.at, type: "GREET" }));
      expect(order).toMatchObject({ revision: 1, lastHash: entry?.hash, at: entry?.at });
    });

    test("of twenty creators of one id one meets null, the others the stored order", async () => {
      const stores = await Promise.all([open(), open()]);
      const met = await Promise.all(
        numbers(20).map((each) =>
          stores[each % 2 === 0 ? 0 : 1].change("o1", (current, now) => ({
            ...next(current, now),
            result: current?.revision ?? null,
          })),
        ),
      );
      expect(met.filter((revision) => revision === null)).toHaveLength(1);
      expect(new Set(met).size).toBe(20);
      expect((await stores[0].orders.get("o1", everything))?.revision).toBe(20);
    });

    test("two hundred at once give revisions 1 to 200, no gap, time never back", async () => {
      const stores = await Promise.all([open(), open()]);
      const revisions = await Promise.all(
        numbers(200).map((each) => advance(each % 2 === 0 ? stores[0] : stores[1], "o1")),
      );
      expect(revisions.toSorted((one, other) => one - other)).toEqual(numbers(200));
      const page = { after: 0, limit: 500 };
      const history = await stores[0].orders.history("o1", page, everything);
      expect(history.map((entry) => entry.revision)).toEqual(numbers(200));
      const instants = history.map((entry) => entry.at);
      expect(instants).toEqual(instants.toSorted((one, other) => one - other));
    });

    test("a decision to leave writes nothing, and gives its result", async () => {
      const store = await open();
      const result = await store.change("o1", () => ({ kind: "leave", result: "seen" }));
      expect(result).toBe("seen");
      expect(await store.orders.get("o1", everything)).toBeNull();
    });

    test("a decision that throws leaves nothing, and the next one goes on", async () => {
      const store = await open();
      await advance(store, "o1");
      const refused = store.change("o1", () => {
        throw new Error("the guard failed");
      });
      await expect(refused).rejects.toThrow("the guard failed");
      expect(await advance(store, "o1")).toBe(2);
    });
  });

  describe("a write that fails half way", () => {
    const halfWay: readonly (readonly [string, Wanted])[] = [
      ["a timer set twice", { set: [timer("t9"), timer("t9")] }],
      ["a timer already set", { set: [timer("t1")] }],
      ["a job already open", { opened: [job], set: [timer("t2")] }],
      ["a lease nobody holds", { lease: { orderId: "o1", id: "j1", token: "forged" } }],
      ["an instant no calendar knows", { set: [{ id: "t2", dueAt: 1e18 }] }],
    ];

    test.each(halfWay)("leaves nothing: %s", async (_, wanted) => {
      const store = await open();
      await advance(store, "o1", { set: [timer("t1")], opened: [job], outbox: [message("one")] });
      const before = await everythingOf(store);
      await expect(
        advance(store, "o1", { ...wanted, cancelled: ["t0"], outbox: [message("two")] }),
      ).rejects.toThrow();
      expect(await everythingOf(store)).toEqual(before);
    });

    test("a lost lease is told apart", async () => {
      const store = await open();
      await advance(store, "o1", { opened: [job] });
      const lease = { orderId: "o1", id: "j1", token: "forged" };
      await expect(advance(store, "o1", { closed: ["j1"], lease })).rejects.toThrow(LeaseLost);
    });

    test("a revision that skips one is refused", async () => {
      const store = await open();
      const torn = store.change("o1", (current, now) => {
        const decision = next(current, now);
        if (decision.kind !== "write") return decision;
        const entry = { ...decision.write.entry, revision: 2 };
        return { ...decision, write: { ...decision.write, entry } };
      });
      await expect(torn).rejects.toThrow("expected revision 1");
      expect(await store.orders.get("o1", everything)).toBeNull();
    });
  });

  describe("the clock of a change", () => {
    test("a clock handed in replaces the database's, and never turns an order back", async () => {
      let clock = Date.UTC(2026, 10, 23, 8);
      const store = await open({ clock: () => clock });
      await advance(store, "o1");
      clock -= 3_600_000;
      await advance(store, "o1");
      const order = await store.orders.get("o1", everything);
      expect(order).toMatchObject({ revision: 2, at: clock + 3_600_000 });
    });

    test("an order on a test clock lives by it, and only when it exists", async () => {
      const store = await open();
      const noon = Date.UTC(2030, 0, 1, 12);
      await store.testClocks.create("c1", noon);
      const start = (id: string, testClock: string) =>
        store.change(id, (current, now) => ({ ...next(current, now), result: now }), { testClock });
      expect(await start("o1", "c1")).toBe(noon);
      await expect(start("o2", "c2")).rejects.toThrow(TestClockUnknown);
      await store.testClocks.advance("c1", noon + 60_000);
      expect(await start("o1", "ignored")).toBe(noon + 60_000);
      const order = await store.orders.get("o1", everything);
      expect(order?.testClock).toBe("c1");
      expect(order?.updatedAt).not.toBe(noon);
    });
  });
}

function timer(id: string) {
  return { id, dueAt: Date.UTC(2020, 0, 1) };
}

function message(type: string) {
  return { type, item: null, params: {}, values: null };
}

async function everythingOf(store: Store) {
  return {
    order: await store.orders.get("o1", everything),
    history: await store.orders.history("o1", { after: 0, limit: 100 }, everything),
    timers: await store.timers.due(100),
    job: await store.jobs.get("o1", "j1"),
    outbox: await store.outbox.list("o1", { afterRevision: 0, limit: 100 }),
  };
}
