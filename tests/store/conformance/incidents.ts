/** Conformance: an order is `incident` exactly while one is open, and what is stuck is offered to nobody. */

import { describe, expect, test } from "vitest";

import type { NewIncident } from "../../../src/store/contracts/incidents.ts";
import type { JobLease } from "../../../src/store/contracts/jobs.ts";
import { IncidentClosed, LeaseLost } from "../../../src/store/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import type { OpenStore } from "../../support/databases.ts";
import { advance, everything, numbers } from "../fixtures.ts";

const past = Date.UTC(2020, 0, 1);
const onTimer: NewIncident = {
  kind: "timer",
  subject: "t1",
  code: "expression-failed",
  detail: "no such key: score",
  pointer: "/machine/states/repair/after/PT15M",
};
const onJob: NewIncident = { ...onTimer, kind: "job", subject: "j1", code: "retries-exhausted" };
const claim = { types: ["reserve"], worker: "w1", limit: 10, leaseMs: 1_000 };

export function incidentsConform(open: OpenStore): void {
  describe("an incident", () => {
    test("opened by a decision: no entry, the order stuck, its timer offered no more", async () => {
      const store = await open();
      await prepare(store);
      const result = await store.change("o1", () => ({
        kind: "incident",
        incident: onTimer,
        result: "stuck",
      }));
      expect(result).toBe("stuck");
      expect(await status(store)).toEqual(["incident", 1]);
      expect(await store.timers.due(10)).toEqual([]);
      expect(await store.timers.next()).toBeNull();
      expect(await store.incidents.get("o1.1", everything)).toMatchObject({
        ...onTimer,
        ...{ id: "o1.1", orderId: "o1", revision: 1, process: "service-visit", centre: "sh-01" },
        ...{ closedAt: null, closedBy: null, reason: null },
      });
      const stuck = await store.orders.list({ status: "incident", limit: 10 }, everything);
      expect(stuck.items.map(({ id }) => id)).toEqual(["o1"]);
      expect((await store.orders.list({ status: "active", limit: 10 }, everything)).items).toEqual(
        [],
      );
    });

    test("of a worker whose lease went to another is not opened", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      await prepare(store);
      const [slow] = await store.jobs.claim(claim);
      clock += claim.leaseMs;
      const [fast] = await store.jobs.claim(claim);
      const opens = (lease: JobLease | undefined) =>
        store.change("o1", () => ({
          ...{ kind: "incident", incident: onJob, result: "stuck" },
          ...(lease === undefined ? {} : { lease }),
        }));
      await expect(opens(slow?.lease)).rejects.toThrow(LeaseLost);
      expect(await status(store)).toEqual(["active", 1]);
      expect(await store.jobs.get("o1", "j1")).toMatchObject({ state: "leased" });
      expect(await opens(fast?.lease)).toBe("stuck");
      expect(await store.jobs.get("o1", "j1")).toMatchObject({ state: "incident" });
    });

    test("is one per timer or job, however often it comes up, brought up to date", async () => {
      const stores = await Promise.all([open(), open()]);
      await prepare(stores[0]);
      await Promise.all(
        numbers(10).map((number) => stores[number % 2 === 0 ? 0 : 1].incidents.open("o1", onTimer)),
      );
      await stores[0].incidents.open("o1", { ...onTimer, detail: "again" });
      const all = await stores[0].incidents.list({ limit: 10 }, everything);
      expect(all.items).toMatchObject([{ id: "o1.1", detail: "again" }]);
      await retry(stores[0], 1);
      expect(await status(stores[0])).toEqual(["active", 1]);
    });

    test("closed by a person: offered again at once, active when it was the last one", async () => {
      const store = await open();
      await prepare(store);
      await store.jobs.claim(claim);
      await store.incidents.open("o1", onTimer);
      await store.incidents.open("o1", onJob);
      expect(await store.jobs.get("o1", "j1")).toMatchObject({ state: "incident", worker: null });
      expect(await store.jobs.claim(claim)).toEqual([]);
      await retry(store, 1);
      const closed = await store.incidents.get("o1.1", everything);
      expect(closed).toMatchObject({ closedBy: "m-1", reason: "data corrected" });
      expect(closed?.closedAt).not.toBeNull();
      expect(await status(store)).toEqual(["incident", 1]);
      expect(await store.timers.due(10)).toHaveLength(1);
      await retry(store, 2);
      expect(await status(store)).toEqual(["active", 1]);
      expect(await store.jobs.claim(claim)).toMatchObject([{ id: "j1", attempts: 1 }]);
    });

    test("closed twice at once: one closes it, the other is told", async () => {
      const stores = await Promise.all([open(), open()]);
      await prepare(stores[0]);
      await stores[0].incidents.open("o1", onTimer);
      const closed = await Promise.allSettled(stores.map((store) => retry(store, 1)));
      const refused = closed.filter((each) => each.status === "rejected");
      expect(refused.map(({ reason }) => reason)).toEqual([expect.any(IncidentClosed)]);
      expect(await status(stores[0])).toEqual(["active", 1]);
    });

    test("resolved by a write of a person's, who is kept with the reason; once", async () => {
      const store = await open();
      await prepare(store);
      await store.incidents.open("o1", onTimer);
      await store.incidents.open("o1", onJob);
      const resolution = { number: 1, by: "m-1", reason: "not needed" };
      await advance(store, "o1", { cancelled: ["t1"], resolution });
      expect(await status(store)).toEqual(["incident", 2]);
      expect(await store.incidents.get("o1.1", everything)).toMatchObject({
        ...{ closedBy: "m-1", reason: "not needed" },
      });
      await expect(advance(store, "o1", { resolution })).rejects.toThrow(IncidentClosed);
      expect(await status(store)).toEqual(["incident", 2]);
      await advance(store, "o1", { closed: ["j1"], resolution: { ...resolution, number: 2 } });
      expect(await status(store)).toEqual(["active", 3]);
      await expect(advance(store, "o1", { resolution })).rejects.toThrow(IncidentClosed);
    });

    test("on a job that another worker has by now is not opened by the one that lost it", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      await prepare(store);
      const [slow] = await store.jobs.claim(claim);
      clock += claim.leaseMs;
      const [fast] = await store.jobs.claim(claim);
      await expect(store.incidents.open("o1", onJob, slow?.lease)).rejects.toThrow(LeaseLost);
      expect(await store.jobs.get("o1", "j1")).toMatchObject({ state: "leased" });
      expect(await store.incidents.open("o1", onJob, fast?.lease)).not.toBeNull();
    });

    test("closes itself in the step that takes its timer or job away", async () => {
      const store = await open();
      await prepare(store);
      await store.incidents.open("o1", onTimer);
      await store.incidents.open("o1", onJob);
      await advance(store, "o1", { cancelled: ["t1"] });
      expect(await status(store)).toEqual(["incident", 2]);
      await advance(store, "o1", { closed: ["j1"], head: { status: "done" } });
      expect(await status(store)).toEqual(["done", 3]);
      const { items } = await store.incidents.list({ open: false, limit: 10 }, everything);
      expect(items.map(({ id, closedBy }) => [id, closedBy])).toEqual([
        ["o1.2", null],
        ["o1.1", null],
      ]);
    });

    test("is not opened on what is not there", async () => {
      const store = await open();
      expect(await store.incidents.open("o1", onTimer)).toBeNull();
      await advance(store, "o1");
      expect(await store.incidents.open("o1", onTimer)).toBeNull();
      const decided = store.change("o1", () => ({ kind: "incident", incident: onJob, result: 0 }));
      await expect(decided).rejects.toThrow("expected order o1 to hold the job j1");
      expect(await status(store)).toEqual(["active", 1]);
    });

    test("lists in pages, newest first, and by order", async () => {
      let clock = past;
      const store = await open({ clock: () => clock++ });
      for (const number of numbers(5)) {
        await advance(store, `o${number}`, { set: [{ id: "t1", dueAt: past }] });
        await store.incidents.open(`o${number}`, onTimer);
      }
      const first = await store.incidents.list({ open: true, limit: 3 }, everything);
      expect(first.items.map(({ id }) => id)).toEqual(["o5.1", "o4.1", "o3.1"]);
      const cursor = first.nextCursor ?? "";
      const second = await store.incidents.list({ open: true, limit: 3, cursor }, everything);
      expect(second.items.map(({ id }) => id)).toEqual(["o2.1", "o1.1"]);
      expect(second.nextCursor).toBeNull();
      const ofOne = await store.incidents.list({ orderId: "o2", limit: 3 }, everything);
      expect(ofOne.items.map(({ id }) => id)).toEqual(["o2.1"]);
    });

    test.each(["", "o1", "o1.0", "o1.x", ".1", "o1.99999999999"])("has no id %j", async (id) => {
      const store = await open();
      expect(await store.incidents.get(id, everything)).toBeNull();
    });
  });
}

function retry(store: Store, number: number): Promise<void> {
  const resolution = { number, by: "m-1", reason: "data corrected" };
  return store.change("o1", () => ({ kind: "retry", resolution, result: undefined }));
}

async function prepare(store: Store): Promise<void> {
  const job = { id: "j1", type: "reserve", item: null, input: {} };
  await advance(store, "o1", { set: [{ id: "t1", dueAt: past }], opened: [job] });
}

async function status(store: Store) {
  const order = await store.orders.get("o1", everything);
  return [order?.status, order?.revision];
}
