/** Conformance: timers, jobs, messages and incidents of an order live and die with its history. */

import { describe, expect, test } from "vitest";

import type { ClaimRequest } from "../../../src/store/contracts/jobs.ts";
import type { OpenStore } from "../../support/databases.ts";
import { advance, deciding, everything, numbers } from "../fixtures.ts";

const past = Date.UTC(2020, 0, 1);
const future = Date.UTC(2100, 0, 1);

export function workConforms(open: OpenStore): void {
  describe("timers", () => {
    test("are offered when due, earliest first, until they are gone", async () => {
      const store = await open();
      await advance(store, "o1", { set: [due("a", past + 2), due("b", past), due("c", future)] });
      await advance(store, "o2", { set: [due("a", past + 1)] });
      expect(await store.timers.next()).toBe(past);
      expect(await store.timers.due(10)).toEqual([
        { orderId: "o1", id: "b", dueAt: past },
        { orderId: "o2", id: "a", dueAt: past + 1 },
        { orderId: "o1", id: "a", dueAt: past + 2 },
      ]);
      expect(await store.timers.due(1)).toHaveLength(1);
      await advance(store, "o1", { cancelled: ["a", "b"] });
      await advance(store, "o2", { cancelled: ["a"] });
      expect(await store.timers.due(10)).toEqual([]);
      expect(await store.timers.next()).toBe(future);
    });

    test("that are due at one instant are offered as they were set", async () => {
      const store = await open();
      await store.testClocks.create("c1", past);
      const ids = ["1.2", "1.12", "2.1", "9.1", "9.10", "10.1", "10.2", "11.1"];
      const set = ids.toReversed().map((id) => due(id, past));
      await advance(store, "o1", { set });
      await store.change("o2", deciding({ set }), { testClock: "c1" });
      expect((await store.timers.due(10)).map(({ id }) => id)).toEqual(ids);
      expect((await store.timers.dueOn("c1", past, 10)).map(({ id }) => id)).toEqual(ids);
    });

    test("may be cancelled and set again under the same id in one write", async () => {
      const store = await open();
      await advance(store, "o1", { set: [due("a", future)] });
      await advance(store, "o1", { cancelled: ["a"], set: [due("a", past)] });
      expect(await store.timers.due(10)).toEqual([{ orderId: "o1", id: "a", dueAt: past }]);
    });

    test("are never due before the clock says so", async () => {
      let clock = past - 1;
      const store = await open({ clock: () => clock });
      await advance(store, "o1", { set: [due("a", past)] });
      expect(await store.timers.due(10)).toEqual([]);
      clock += 1;
      expect(await store.timers.due(10)).toHaveLength(1);
    });

    test("of an order on a test clock fall due by that clock only", async () => {
      const store = await open();
      await store.testClocks.create("c1", past);
      const set = [due("a", past + 5), due("b", past + 3)];
      await store.change("o1", deciding({ set }), { testClock: "c1" });
      expect(await store.timers.due(10)).toEqual([]);
      expect(await store.timers.next()).toBeNull();
      expect(await store.timers.dueOn("c1", past + 2, 10)).toEqual([]);
      const ids = (await store.timers.dueOn("c1", past + 5, 10)).map(({ id }) => id);
      expect(ids).toEqual(["b", "a"]);
      expect(await store.timers.dueOn("c2", future, 10)).toEqual([]);
    });
  });

  describe("a test clock", () => {
    test("is made once, moves forward, and never back", async () => {
      const store = await open();
      const made = await Promise.all(numbers(5).map(() => store.testClocks.create("c1", past)));
      expect(made.filter((clock) => clock !== null)).toHaveLength(1);
      expect(await store.testClocks.advance("c1", past + 10)).toMatchObject({ now: past + 10 });
      expect(await store.testClocks.advance("c1", past)).toMatchObject({ now: past + 10 });
      expect(await store.testClocks.get("c1")).toMatchObject({ id: "c1", now: past + 10 });
      expect(await store.testClocks.advance("c2", past)).toBeNull();
      expect(await store.testClocks.get("c2")).toBeNull();
    });
  });

  describe("jobs", () => {
    test("a hundred claimed by ten workers at once: each by one of them", async () => {
      const stores = await Promise.all([open(), open()]);
      const opened = numbers(100).map((number) => job(`j${number}`));
      await advance(stores[0], "o1", { opened });
      const claims = await Promise.all(
        numbers(10).map((number) =>
          stores[number % 2 === 0 ? 0 : 1].jobs.claim({
            ...request,
            worker: `w${number}`,
            limit: 20,
          }),
        ),
      );
      const rest = await stores[0].jobs.claim({ ...request, limit: 100 });
      const claimed = [...claims.flat(), ...rest].map(({ id }) => id);
      expect(claimed).toHaveLength(100);
      expect(new Set(claimed).size).toBe(100);
    });

    test("are offered by type, with their input, and not while a lease runs", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      await advance(store, "o1", { opened: [job("j1"), { ...job("j2"), type: "other" }] });
      const [claimed, ...others] = await store.jobs.claim(request);
      expect(others).toEqual([]);
      expect(claimed).toMatchObject({
        ...{ id: "j1", orderId: "o1", input: { bay: "B-2" }, attempts: 1, worker: "w1" },
        ...{ state: "leased", leaseUntil: past + request.leaseMs },
      });
      expect(await store.jobs.claim(request)).toEqual([]);
      clock += request.leaseMs;
      expect(await store.jobs.get("o1", "j1")).toMatchObject({ state: "open", worker: null });
      expect(await store.jobs.claim(request)).toMatchObject([{ id: "j1", attempts: 2 }]);
    });

    test("a worker whose lease went to another changes nothing any more", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      await advance(store, "o1", { opened: [job("j1")] });
      const [slow] = await store.jobs.claim(request);
      clock += request.leaseMs;
      const [fast] = await store.jobs.claim({ ...request, worker: "w2" });
      if (slow === undefined || fast === undefined) throw new Error("expected two claims");
      expect(await store.jobs.extend(slow.lease, 1_000)).toBeNull();
      expect(await store.jobs.release(slow.lease, 0)).toBe(false);
      await expect(advance(store, "o1", { closed: ["j1"], lease: slow.lease })).rejects.toThrow(
        "lease",
      );
      expect(await store.jobs.extend(fast.lease, 90_000)).toBe(clock + 90_000);
      expect(await advance(store, "o1", { closed: ["j1"], lease: fast.lease })).toBe(2);
      expect(await store.jobs.get("o1", "j1")).toBeNull();
    });

    test("a worker whose lease ran out changes nothing, though nobody else claimed", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      await advance(store, "o1", { opened: [job("j1")] });
      const [claimed] = await store.jobs.claim(request);
      if (claimed === undefined) throw new Error("expected a claim");
      clock += request.leaseMs;
      expect(await store.jobs.extend(claimed.lease, 1_000)).toBeNull();
      expect(await store.jobs.release(claimed.lease, 0)).toBe(false);
      const late = advance(store, "o1", { closed: ["j1"], lease: claimed.lease });
      await expect(late).rejects.toThrow("lease");
    });

    test("given back are offered again after their pause", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      await advance(store, "o1", { opened: [job("j1")] });
      const [claimed] = await store.jobs.claim(request);
      if (claimed === undefined) throw new Error("expected a claim");
      expect(await store.jobs.release(claimed.lease, 500)).toBe(true);
      clock += 499;
      expect(await store.jobs.claim(request)).toEqual([]);
      clock += 1;
      expect(await store.jobs.claim(request)).toMatchObject([{ id: "j1", attempts: 2 }]);
    });
  });

  describe("the outbox", () => {
    test("holds an order's messages in the order of its history", async () => {
      const store = await open();
      const message = (type: string) => ({
        type,
        item: null,
        params: { b: 1, a: [type] },
        values: null,
      });
      await advance(store, "o1", { outbox: [message("one"), message("two")] });
      await advance(store, "o1", {
        outbox: [{ ...message("three"), item: "addOns/L1", values: { "money(x)": "128" } }],
      });
      const all = await store.outbox.list("o1", { afterRevision: 0, limit: 10 });
      expect(all.map(({ type, revision, index }) => [type, revision, index])).toEqual([
        ["one", 1, 0],
        ["two", 1, 1],
        ["three", 2, 0],
      ]);
      expect(all[2]).toMatchObject({ item: "addOns/L1", values: { "money(x)": "128" } });
      expect(await store.outbox.list("o1", { afterRevision: 1, limit: 10 })).toHaveLength(1);
      expect(await store.orders.get("o1", everything)).toMatchObject({ revision: 2 });
    });
  });
}

const request: ClaimRequest = { types: ["reserve"], worker: "w1", limit: 10, leaseMs: 30_000 };

function due(id: string, dueAt: number) {
  return { id, dueAt };
}

function job(id: string) {
  return { id, type: "reserve", item: null, input: { bay: "B-2" } };
}
