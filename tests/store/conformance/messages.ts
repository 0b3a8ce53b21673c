/** Conformance: kept messages end once, whoever comes at the same time; orders are found by key and by fields. */

import { describe, expect, test } from "vitest";

import { snapshotIn } from "../../../src/audit/snapshot.ts";
import type {
  CorrelatedField,
  Correlation,
  MessageReader,
  NewMessage,
} from "../../../src/store/contracts/messages.ts";
import { MessageGone } from "../../../src/store/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import type { OpenStore } from "../../support/databases.ts";
import { advance, deciding, everything, next, numbers } from "../fixtures.ts";

const digests = ["d".repeat(64)];
const ann: MessageReader = { sub: "ann", others: null };
const byKey: Correlation = { businessKey: "B-1", fields: [] };

function message(id: string, wanted: Partial<NewMessage> = {}): NewMessage {
  return {
    ...{ id, lane: "lane-1", name: "PAID", correlation: byKey, payload: `sealed ${id}` },
    sender: { sub: "ann", roles: ["bank"], centres: ["sh-01"] },
    ttlMs: 60_000,
    ...wanted,
  };
}

const keep = (store: Store, id: string, wanted: Partial<NewMessage> = {}) =>
  store.messages.keep(message(id, wanted), 10_000);

const stateOf = async (store: Store, id: string) => (await store.messages.get(id, ann))?.state;

const waitingIds = async (store: Store, lane = "lane-1") =>
  (await store.messages.waiting(lane, { after: null, limit: 100 })).map(({ id }) => id);

const bare = {
  ...{ value: "x", status: "active", history: {}, outcome: null, data: {}, items: {} },
  ...{ timers: [], jobs: [], performers: {} },
};

/** An open order with these data. */
const order = (store: Store, id: string, data: object, businessKey: string | null = null) =>
  advance(store, id, {
    head: { businessKey, snapshot: snapshotIn(JSON.stringify({ ...bare, data })) },
  });

const found = async (
  store: Store,
  correlation: Partial<Correlation>,
  centres?: readonly string[],
) => {
  const whole = { businessKey: null, fields: [], ...correlation };
  const search = { correlation: whole, digests, since: null, after: "", limit: 100 };
  const orders = await store.messages.orders(
    search,
    centres === undefined ? everything : { centres },
  );
  return orders.items.map(({ id }) => id);
};

const field = (
  path: string,
  value: CorrelatedField["value"],
): { readonly fields: CorrelatedField[] } => {
  const [first = "", ...others] = path.split(".");
  return { fields: [{ path: [first, ...others], value }] };
};

export function messagesConform(open: OpenStore): void {
  describe("a kept message", () => {
    test("is read with its lane, oldest first, and never with its payload", async () => {
      const store = await open();
      const kept = await keep(store, "m1");
      await keep(store, "m2");
      expect(kept).toMatchObject({ id: "m1", state: "kept", endedAt: null, orderId: null });
      expect((kept?.expiresAt ?? 0) - (kept?.createdAt ?? 0)).toBe(60_000);
      expect(await store.messages.get("m1", ann)).toEqual(kept);
      expect(kept).not.toHaveProperty("payload");
      expect(await waitingIds(store)).toEqual(["m1", "m2"]);
      const lanes = await store.messages.lanes(null, { after: "", limit: 10 });
      expect(lanes).toMatchObject([{ lane: "lane-1", name: "PAID", correlation: byKey }]);
    });

    test("shows to its sender, and to others only who reach what the sender reached", async () => {
      const store = await open();
      await keep(store, "m1");
      await keep(store, "m2", { sender: { sub: "bob", roles: ["bank"], centres: null } });
      const seen = async (reader: MessageReader) =>
        (await store.messages.list({ limit: 10 }, reader)).items.map(({ id }) => id).toSorted();
      expect(await seen(ann)).toEqual(["m1"]);
      expect(await seen({ sub: "eve", others: null })).toEqual([]);
      expect(await seen({ sub: "eve", others: { centres: ["sh-01", "sh-02"] } })).toEqual(["m1"]);
      expect(await seen({ sub: "eve", others: { centres: ["sh-02"] } })).toEqual([]);
      expect(await seen({ sub: "eve", others: { centres: "*" } })).toEqual(["m1", "m2"]);
      expect(await store.messages.withdraw("m1", { sub: "eve", others: null })).toBeNull();
    });

    test("is listed newest first in pages, by state", async () => {
      const store = await open();
      for (const number of numbers(5)) await keep(store, `m${number}`);
      await store.messages.withdraw("m3", ann);
      const first = await store.messages.list({ state: "kept", limit: 3 }, ann);
      const cursor = first.nextCursor ?? "";
      const second = await store.messages.list({ state: "kept", limit: 3, cursor }, ann);
      expect([first, second].map(({ items }) => items.map(({ id }) => id))).toEqual([
        ["m5", "m4", "m2"],
        ["m1"],
      ]);
    });

    test("is one of so many at most", async () => {
      const store = await open();
      expect(await store.messages.keep(message("m1"), 1)).not.toBeNull();
      expect(await store.messages.keep(message("m2"), 1)).toBeNull();
      await store.messages.withdraw("m1", ann);
      expect(await store.messages.keep(message("m3"), 1)).not.toBeNull();
    });
  });

  describe("the end of a message", () => {
    test("is one transaction with the order's change, and takes the payload away", async () => {
      const store = await open();
      await keep(store, "m1");
      expect(await store.messages.deliver("m1", "o1", deciding({}))).toBe(1);
      const delivered = { state: "delivered", orderId: "o1", revision: 1 };
      expect(await store.messages.get("m1", ann)).toMatchObject(delivered);
      expect(await waitingIds(store)).toEqual([]);
      await expect(store.messages.deliver("m1", "o1", deciding({}))).rejects.toThrow(MessageGone);
      expect((await store.orders.get("o1", everything))?.revision).toBe(1);
    });

    test("does not come with a decision that leaves the order, or that fails", async () => {
      const store = await open();
      await keep(store, "m1");
      await store.messages.deliver("m1", "o1", () => ({ kind: "leave", result: 0 }));
      const failing = store.messages.deliver("m1", "o1", () => {
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
      expect(await stateOf(store, "m1")).toBe("kept");
    });

    test("comes once to servers that deliver at the same time", async () => {
      const servers = await Promise.all([open(), open()]);
      const [store] = servers;
      for (const number of numbers(10)) await keep(store, `m${number}`);
      const attempts = numbers(10).flatMap((number) =>
        servers.map((server) => server.messages.deliver(`m${number}`, "o1", deciding({}))),
      );
      const ends = await Promise.allSettled(attempts);
      expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
      expect((await store.orders.get("o1", everything))?.revision).toBe(10);
    });

    test("is its time, of which neither delivery nor a second server takes a part", async () => {
      const hand = { now: Date.UTC(2026, 10, 22) };
      const store = await open({ clock: () => hand.now });
      await keep(store, "m1", { ttlMs: 1000 });
      hand.now += 999;
      expect(await store.messages.expire(10)).toBe(0);
      expect(await waitingIds(store)).toEqual(["m1"]);
      hand.now += 1;
      expect(await waitingIds(store)).toEqual([]);
      await expect(store.messages.deliver("m1", "o1", deciding({}))).rejects.toThrow(MessageGone);
      expect(await store.messages.expire(10)).toBe(1);
      expect(await stateOf(store, "m1")).toBe("expired");
      expect(await store.messages.forget(1000, 10)).toBe(0);
      hand.now += 1001;
      expect(await store.messages.forget(1000, 10)).toBe(1);
      expect(await stateOf(store, "m1")).toBeUndefined();
    });

    test("at the very moment of its delivery is one of the two", async () => {
      const store = await open();
      for (const number of numbers(20)) {
        const id = `m${number}`;
        await keep(store, id, { ttlMs: 20 });
        const delivery = store.messages.deliver(id, `o${number}`, deciding({})).then(
          () => "delivered",
          () => "expired",
        );
        const [end] = await Promise.all([delivery, store.messages.expire(10)]);
        while ((await stateOf(store, id)) === "kept") await store.messages.expire(10);
        expect(await stateOf(store, id)).toBe(end);
        const written = (await store.orders.get(`o${number}`, everything)) !== null;
        expect(written).toBe(end === "delivered");
      }
    });
  });

  describe("the lanes with news", () => {
    test("are those whose key an order that changed since has, and those without a key", async () => {
      const store = await open();
      await keep(store, "m1");
      await keep(store, "m2", {
        lane: "lane-2",
        correlation: { businessKey: null, ...field("n", 1) },
      });
      await order(store, "o1", {}, "B-1");
      const now = await store.now();
      const lanes = async (since: number | null) =>
        (await store.messages.lanes(since, { after: "", limit: 10 })).map(({ lane }) => lane);
      expect(await lanes(now - 60_000)).toEqual(["lane-1", "lane-2"]);
      expect(await lanes(now + 60_000)).toEqual(["lane-2"]);
      expect(await lanes(null)).toEqual(["lane-1", "lane-2"]);
    });
  });

  describe("orders are found", () => {
    test("by business key, in the caller's centres, while they are open", async () => {
      const store = await open();
      await order(store, "o1", {}, "B-1");
      await order(store, "o2", {}, "B-2");
      await advance(store, "o3", { head: { businessKey: "B-1", status: "done" } });
      await advance(store, "o4", { head: { businessKey: "B-1", digest: "e".repeat(64) } });
      expect(await found(store, byKey)).toEqual(["o1"]);
      expect(await found(store, byKey, ["sh-01"])).toEqual(["o1"]);
      expect(await found(store, byKey, ["sh-02"])).toEqual([]);
    });

    test("by fields, equal in value and in type, at their very place", async () => {
      const store = await open();
      await order(store, "o1", { n: 1, deep: { ref: 'A "1"\\', ok: true, n: 0.1 } });
      await order(store, "o2", { n: "1", deep: { ref: "B", ok: "true" }, ref: 'A "1"\\' });
      await order(store, "o3", { n: 10, list: [{ ref: "L" }], constructor: 1 });
      expect(await found(store, field("n", 1))).toEqual(["o1"]);
      expect(await found(store, field("n", "1"))).toEqual(["o2"]);
      expect(await found(store, field("deep.n", 0.1))).toEqual(["o1"]);
      expect(await found(store, field("deep.ok", true))).toEqual(["o1"]);
      expect(await found(store, field("deep.ref", 'A "1"\\'))).toEqual(["o1"]);
      expect(await found(store, field("list.ref", "L"))).toEqual([]);
      expect(await found(store, field("deep", "B"))).toEqual([]);
      expect(await found(store, field("toString.name", ""))).toEqual([]);
      expect(
        await found(store, { fields: [...field("n", 1).fields, ...field("deep.ok", true).fields] }),
      ).toEqual(["o1"]);
      expect(
        await found(store, {
          fields: [...field("n", 1).fields, ...field("deep.ok", false).fields],
        }),
      ).toEqual([]);
    });

    test("also when their snapshots were forgotten, which are there again afterwards", async () => {
      const snapshot = snapshotIn(JSON.stringify({ ...bare, data: { ref: "A" } }));
      let rebuilt = 0;
      const store = await open({
        rebuild: () => {
          rebuilt += 1;
          return snapshot;
        },
      });
      await order(store, "o1", { ref: "A" });
      await store.orders.forgetSnapshots();
      expect(await found(store, field("ref", "B"))).toEqual([]);
      expect(await found(store, field("ref", "A"))).toEqual(["o1"]);
      expect(rebuilt).toBe(1);
    });

    test("page by page, and those only that changed since", async () => {
      const store = await open();
      for (const number of numbers(5)) await order(store, `o${number}`, { ref: "A" });
      const search = { correlation: { businessKey: null, ...field("ref", "A") }, digests };
      const page = async (after: string, since: number | null = null) => {
        const wanted = { ...search, since, after, limit: 2 };
        const { items, next: goOn } = await store.messages.orders(wanted, everything);
        return [items.map(({ id }) => id), goOn];
      };
      expect(await page("")).toEqual([["o1", "o2"], "o2"]);
      expect(await page("o4")).toEqual([["o5"], null]);
      expect(await page("", (await store.now()) + 60_000)).toEqual([[], null]);
    });
  });

  test("a message is delivered by a decision on the order as it is under its lock", async () => {
    const store = await open();
    await order(store, "o1", {});
    await keep(store, "m1");
    const seen = await store.messages.deliver("m1", "o1", (current, now) => ({
      ...next(current, now),
      result: current?.revision,
    }));
    expect(seen).toBe(1);
  });
}
