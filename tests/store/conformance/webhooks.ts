/** Conformance: what happens to an order is queued for every webhook that wants to know, in one lane per order. */

import { describe, expect, test } from "vitest";

import type { ClaimedDelivery, DeliveryEnd } from "../../../src/store/contracts/deliveries.ts";
import type { NewWebhook } from "../../../src/store/contracts/webhooks.ts";
import { BadCursor } from "../../../src/store/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import type { OpenStore } from "../../support/databases.ts";
import { advance, everything, numbers } from "../fixtures.ts";

const START = Date.UTC(2026, 10, 23, 8);
const LEASE_MS = 60_000;

export function webhooksConform(open: OpenStore): void {
  describe("webhooks", () => {
    test("are kept, found by whoever reaches all their centres, changed, and removed", async () => {
      const store = await open();
      const hook = await webhook(store, { id: "w1", centres: ["north", "south"] });
      expect(hook).toMatchObject({ id: "w1", disabled: null, events: ["*"] });
      expect(await store.webhooks.get("w1", { centres: ["south", "north", "east"] })).toEqual(hook);
      expect(await store.webhooks.get("w1", { centres: ["north"] })).toBeNull();
      await webhook(store, { id: "w2" });
      const northern = { centres: ["north", "south"] };
      expect((await store.webhooks.list({ limit: 9 }, northern)).items).toEqual([hook]);
      expect(await store.webhooks.change("w2", { url: "https://x.example/" }, northern)).toBeNull();
      expect(await store.webhooks.change("w2", { disabled: true }, everything)).toMatchObject({
        disabled: "requested",
      });
      expect(await store.webhooks.remove("w2", northern)).toBe(false);
      expect(await store.webhooks.remove("w2", everything)).toBe(true);
      expect(await store.webhooks.get("w2", everything)).toBeNull();
      expect(await store.webhooks.any()).toBe(true);
    });

    test("are no more than the most, and listed page by page", async () => {
      const store = await open();
      for (const number of numbers(5)) await webhook(store, { id: `w${number}` });
      expect(await store.webhooks.create(wanted({ id: "w6" }), 5)).toBeNull();
      const first = await store.webhooks.list({ limit: 3 }, everything);
      const cursor = first.nextCursor ?? "";
      const second = await store.webhooks.list({ limit: 3, cursor }, everything);
      expect(second.nextCursor).toBeNull();
      const seen = [...first.items, ...second.items].map(({ id }) => id);
      expect(seen.toSorted()).toEqual(["w1", "w2", "w3", "w4", "w5"]);
    });

    test("sign with the secret before beside the present one until the overlap ends", async () => {
      const hand = { now: START };
      const store = await open({ clock: () => hand.now });
      await webhook(store, { id: "w1", sealed: "one" });
      const rotated = await store.webhooks.rotate(
        "w1",
        { sealed: "two", overlapMs: 1000 },
        everything,
      );
      expect(rotated?.secrets).toEqual([
        { sealed: "two", validUntil: null },
        { sealed: "one", validUntil: START + 1000 },
      ]);
      hand.now += 1000;
      const again = await store.webhooks.rotate(
        "w1",
        { sealed: "three", overlapMs: 0 },
        everything,
      );
      expect(again?.secrets).toEqual([{ sealed: "three", validUntil: null }]);
    });
  });

  describe("deliveries", () => {
    test("are queued with what happened, for those alone that want it and reach it", async () => {
      const store = await open();
      await webhook(store, { id: "all" });
      await webhook(store, { id: "effects", events: ["sevenstep.effect.*"] });
      await webhook(store, { id: "exact", events: ["sevenstep.work-order.done"] });
      await webhook(store, { id: "prefixed", events: ["sevenstep.work-order.don"] });
      await webhook(store, { id: "there", centres: ["sh-01"] });
      await webhook(store, { id: "elsewhere", centres: ["bj-02"] });
      await webhook(store, { id: "off" });
      await store.webhooks.change("off", { disabled: true }, everything);
      const message = { type: "notify", item: null, params: {}, values: null };
      await advance(store, "o1", { outbox: [message] });
      await advance(store, "o1", { head: { status: "done" }, opened: [job("2.0")] });
      const told = [
        ["o1_1_created", "sevenstep.work-order.created", null],
        ["o1_1_effect_0", "sevenstep.effect.notify", "0"],
        ["o1_2_changed", "sevenstep.work-order.changed", null],
        ["o1_2_job_0", "sevenstep.job.opened", "2.0"],
        ["o1_2_done", "sevenstep.work-order.done", null],
      ];
      expect(await queued(store, "all")).toEqual(told);
      expect(await queued(store, "there")).toEqual(told);
      expect(await queued(store, "effects")).toEqual(told.slice(1, 2));
      expect(await queued(store, "exact")).toEqual(told.slice(4));
      for (const id of ["prefixed", "elsewhere", "off"])
        expect(await queued(store, id)).toEqual([]);
    });

    test("are offered head by head: one that fails holds up its lane alone", async () => {
      const hand = { now: START };
      const store = await open({ clock: () => hand.now });
      await webhook(store, { id: "w1" });
      await advance(store, "o1");
      await advance(store, "o1");
      await advance(store, "o2");
      const [first, other] = sortedById(await claim(store));
      expect([first?.id, other?.id]).toEqual(["o1_1_created", "o2_1_created"]);
      expect(first).toMatchObject({
        tries: 0,
        now: START,
        order: { centre: "sh-01" },
        revision: 1,
      });
      expect(await claim(store)).toEqual([]);
      expect(await end(store, first, { kind: "retry", inMs: 5000 }, 500)).toBe(true);
      expect(await end(store, other, { kind: "delivered" }, 204)).toBe(true);
      expect(await claim(store)).toEqual([]);
      expect(await store.deliveries.dueIn([])).toBe(5000);
      expect(await store.deliveries.dueIn(["w1"])).toBeNull();
      hand.now += 5000;
      const [again] = await claim(store);
      expect(again).toMatchObject({ id: "o1_1_created", tries: 1, failingSince: START });
      await end(store, again, { kind: "dead" });
      const [after] = await claim(store);
      expect(after).toMatchObject({ id: "o1_2_changed", tries: 0, failingSince: START });
      await end(store, after, { kind: "delivered" }, 200);
      expect(await store.deliveries.dueIn([])).toBeNull();
      await advance(store, "o1");
      expect((await claim(store))[0]).toMatchObject({ id: "o1_3_changed", failingSince: null });
    });

    test("are listed of one order alone, where that is asked for", async () => {
      const store = await open();
      await webhook(store, { id: "w1" });
      for (const order of ["o1", "o2", "o1", "o1"]) await advance(store, order);
      const of = async (orderId: string, limit: number, cursor?: string) => {
        const filter = { orderId, limit, ...(cursor === undefined ? {} : { cursor }) };
        const { items, nextCursor } = await store.deliveries.list("w1", filter);
        return { ids: items.map(({ id }) => id), next: nextCursor };
      };
      const first = await of("o1", 2);
      expect(first.ids).toEqual(["o1_3_changed", "o1_2_changed"]);
      const second = await of("o1", 2, first.next ?? undefined);
      expect(second).toEqual({ ids: ["o1_1_created"], next: null });
      await expect(of("o2", 2, first.next ?? undefined)).rejects.toThrow(BadCursor);
      expect((await of("none", 2)).ids).toEqual([]);
    });

    test("go to another server when the lease ended, and its late report counts for nothing", async () => {
      const hand = { now: START };
      const store = await open({ clock: () => hand.now });
      await webhook(store, { id: "w1" });
      await advance(store, "o1");
      const [late] = await claim(store);
      hand.now += LEASE_MS;
      const [taken] = await claim(store);
      expect(taken?.id).toBe(late?.id);
      expect(await end(store, late, { kind: "delivered" }, 200)).toBe(false);
      if (late !== undefined) await store.deliveries.release(late.lease);
      expect(await claim(store)).toEqual([]);
      expect(await end(store, taken, { kind: "delivered" }, 200)).toBe(true);
      expect((await store.deliveries.list("w1", { limit: 9 })).items[0]).toMatchObject({
        ...{ state: "delivered", nextAt: null, endedAt: hand.now },
        attempts: [{ at: hand.now, status: 200, error: null, durationMs: 7 }],
      });
    });

    test("are shared fairly: each webhook gets what it has room for", async () => {
      const store = await open();
      for (const id of ["busy", "free", "full"]) await webhook(store, { id });
      for (const number of numbers(6)) await advance(store, `o${number}`);
      const free = new Map([
        ["busy", 1],
        ["full", 0],
      ]);
      const claimed = await store.deliveries.claim({ free, each: 4, limit: 99, leaseMs: LEASE_MS });
      expect(claimed.map(({ webhookId }) => webhookId).toSorted()).toEqual([
        ...["busy", "free", "free", "free", "free"],
      ]);
    });

    test("are sent again, wherever they ended", async () => {
      const hand = { now: START };
      const store = await open({ clock: () => hand.now });
      await webhook(store, { id: "w1" });
      await advance(store, "o1");
      await advance(store, "o1");
      await end(store, (await claim(store))[0], { kind: "dead" });
      await end(store, (await claim(store))[0], { kind: "retry", inMs: 9000 });
      hand.now += 1000;
      const resent = await store.deliveries.resend("w1", "o1_1_created");
      expect(resent).toMatchObject({ state: "pending", nextAt: hand.now, endedAt: null });
      const [first] = await claim(store);
      expect(first).toMatchObject({ id: "o1_1_created", tries: 0, queuedAt: hand.now });
      await end(store, first, { kind: "delivered" }, 200);
      const [second] = await claim(store);
      expect(second).toMatchObject({ id: "o1_2_changed", tries: 1 });
      await end(store, second, { kind: "delivered" }, 200);
      expect(await store.deliveries.resend("w1", "o1_2_changed")).toMatchObject({
        state: "pending",
      });
      expect(await store.deliveries.resend("w1", "o9_1_created")).toBeNull();
      expect((await claim(store)).map(({ id }) => id)).toEqual(["o1_2_changed"]);
    });

    test("wait while the webhook is disabled, and go on at once when it is enabled", async () => {
      const store = await open();
      await webhook(store, { id: "w1" });
      await advance(store, "o1");
      await end(store, (await claim(store))[0], { kind: "retry", inMs: 3_600_000 });
      await store.webhooks.gone("w1");
      await advance(store, "o1");
      expect(await store.webhooks.get("w1", everything)).toMatchObject({ disabled: "gone" });
      expect(await store.deliveries.test("w1", { id: "t1", type: "t" })).toBeNull();
      await store.webhooks.change("w1", { disabled: false }, everything);
      expect((await claim(store)).map(({ id }) => id)).toEqual(["o1_1_created"]);
      expect(await store.deliveries.test("w1", { id: "t1", type: "t" })).toMatchObject({
        ...{ id: "t1", orderId: "w1", revision: 0, state: "pending" },
      });
      expect((await claim(store)).map(({ id, order }) => [id, order])).toEqual([["t1", null]]);
    });

    test("vanish when they arrived long ago, or their webhook is removed; dead ones stay", async () => {
      const kept = { arrivedMs: 1000, deadMs: 7_200_000 };
      const hand = { now: START };
      const store = await open({ clock: () => hand.now });
      for (const id of ["w1", "w2"]) await webhook(store, { id });
      for (const order of ["o1", "o2"]) await advance(store, order);
      for (const claimed of await claim(store)) {
        const isDead = claimed.id.startsWith("o2");
        await end(store, claimed, isDead ? { kind: "dead" } : { kind: "delivered" });
      }
      expect(await store.deliveries.purge(kept, 99)).toBe(0);
      hand.now += 2000;
      // Two deliveries that arrived and their lanes.
      expect(await store.deliveries.purge(kept, 99)).toBe(4);
      await advance(store, "o1");
      expect((await claim(store)).map(({ lease }) => lease.number)).toEqual([1, 1]);
      await store.webhooks.remove("w2", everything);
      // Its two deliveries and their lanes.
      expect(await store.deliveries.purge(kept, 99)).toBe(4);
      hand.now += 3_600_001;
      expect(await store.deliveries.purge(kept, 99)).toBe(1);
      expect(await queued(store, "w1")).toHaveLength(2);
      expect(await queued(store, "w2")).toHaveLength(0);
    });

    test("that are dead vanish after longer, one that was sent again not before it has ended anew", async () => {
      const kept = { arrivedMs: 1000, deadMs: 5000 };
      const hand = { now: START };
      const store = await open({ clock: () => hand.now });
      await webhook(store, { id: "w1" });
      for (const order of ["o1", "o2"]) await advance(store, order);
      for (const claimed of await claim(store)) await end(store, claimed, { kind: "dead" });
      hand.now += 4999;
      expect(await store.deliveries.purge(kept, 99)).toBe(0);
      expect(await store.deliveries.resend("w1", "o2_1_created")).toMatchObject({
        state: "pending",
      });
      hand.now += 2;
      // The dead one and its lane.
      expect(await store.deliveries.purge(kept, 99)).toBe(2);
      expect(await queued(store, "w1")).toEqual([["o2_1_created", expect.any(String), null]]);
      const [again] = await claim(store);
      await end(store, again, { kind: "dead" });
      expect(await store.deliveries.purge(kept, 99)).toBe(0);
      hand.now += 5001;
      expect(await store.deliveries.purge(kept, 99)).toBe(2);
      expect(await queued(store, "w1")).toEqual([]);
    });

    test("are queued of all that happens after a webhook was registered, whatever is under way then", async () => {
      const store = await open();
      let isOver = false;
      const begun: (readonly [order: string, revision: number])[] = [];
      let isRegistered = false;
      const writing = numbers(8).map(async (number) => {
        while (!isOver) {
          const mustBeTold = isRegistered;
          const revision = await advance(store, `o${number}`);
          if (mustBeTold) begun.push([`o${number}`, revision]);
        }
      });
      await advance(store, "first");
      await webhook(store, { id: "w1" });
      isRegistered = true;
      while (begun.length < 40) await advance(store, "last");
      isOver = true;
      await Promise.all(writing);
      const told = new Set<string>();
      for (const order of numbers(8).map((number) => `o${number}`)) {
        const { items } = await store.deliveries.list("w1", { limit: 500, orderId: order });
        for (const { revision } of items) told.add(`${order} ${revision}`);
      }
      expect(begun.filter(([order, revision]) => !told.has(`${order} ${revision}`))).toEqual([]);
    });

    test("are queued when an incident opens and closes", async () => {
      const store = await open();
      await webhook(store, { id: "w1", events: ["sevenstep.incident.*"] });
      const set = [{ id: "1.0", dueAt: START }];
      await advance(store, "o1", { set });
      const stuck = {
        kind: "timer",
        subject: "1.0",
        code: "c",
        detail: "d",
        pointer: null,
      } as const;
      await store.incidents.open("o1", stuck);
      await store.incidents.open("o1", stuck);
      await advance(store, "o1", { cancelled: ["1.0"] });
      expect(await queued(store, "w1")).toEqual([
        ["o1_incident_1_opened", "sevenstep.incident.opened", "1"],
        ["o1_incident_1_closed", "sevenstep.incident.closed", "1"],
      ]);
    });

    test("of one order are queued in the order of its history, whoever ends what is before them", async () => {
      const store = await open();
      await webhook(store, { id: "w1" });
      await advance(store, "o1");
      const delivered: string[] = [];
      const told = 40;
      const writing = (async () => {
        for (const _ of numbers(told - 1)) await advance(store, "o1");
      })();
      while (delivered.length < told) {
        for (const claimed of await claim(store)) {
          delivered.push(claimed.id);
          await end(store, claimed, { kind: "delivered" }, 200);
        }
      }
      await writing;
      expect(delivered).toEqual([
        "o1_1_created",
        ...numbers(told - 1).map((number) => `o1_${number + 1}_changed`),
      ]);
      expect(await claim(store)).toEqual([]);
    });
  });
}

function wanted(different: Partial<NewWebhook> & Pick<NewWebhook, "id">): NewWebhook {
  return {
    ...{ url: "https://receiver.example/", description: null, events: ["*"], roles: ["admin"] },
    ...{ centres: "*", createdBy: "root", sealed: "secret", ...different },
  };
}

async function webhook(store: Store, different: Partial<NewWebhook> & Pick<NewWebhook, "id">) {
  const created = await store.webhooks.create(wanted(different), 1000);
  if (created === null) throw new Error("expected a webhook");
  return created;
}

function claim(store: Store): Promise<readonly ClaimedDelivery[]> {
  return store.deliveries.claim({ free: new Map(), each: 99, limit: 99, leaseMs: LEASE_MS });
}

async function end(
  store: Store,
  claimed: ClaimedDelivery | undefined,
  how: DeliveryEnd,
  status: number | null = null,
): Promise<boolean> {
  if (claimed === undefined) throw new Error("expected a delivery");
  const error = status === null ? "timed-out" : null;
  const attempt = { at: claimed.now, status, error, durationMs: 7 };
  return store.deliveries.finish(claimed.lease, attempt, how);
}

async function queued(store: Store, webhookId: string) {
  const { items } = await store.deliveries.list(webhookId, { limit: 99 });
  return items.toReversed().map(({ id, type, subject }) => [id, type, subject]);
}

function sortedById(claimed: readonly ClaimedDelivery[]): readonly ClaimedDelivery[] {
  return claimed.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

function job(id: string) {
  return { id, type: "weld", item: null, input: {} };
}
