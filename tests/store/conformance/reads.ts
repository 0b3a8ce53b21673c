/** Conformance: what is read, by whom, and that a list walked page by page holds still. */

import { describe, expect, test } from "vitest";

import { snapshotIn } from "../../../src/audit/snapshot.ts";
import { BadCursor } from "../../../src/store/errors.ts";
import type { OrderFilter, Scope, Store } from "../../../src/store/store.ts";
import type { OpenStore } from "../../support/databases.ts";
import { advance, definition, everything, numbers } from "../fixtures.ts";

const shanghai: Scope = { centres: ["sh-01", "sh-02"] };
const beijing: Scope = { centres: ["bj-01"] };

export function readsConform(open: OpenStore): void {
  describe("a list of orders", () => {
    test("gives the newest change first, by filter", async () => {
      // Changes within one millisecond have no order of their own.
      let now = Date.UTC(2026, 0, 1);
      const store = await open({ clock: () => (now += 1) });
      await advance(store, "o1", { head: { businessKey: "WO-1" } });
      await advance(store, "o2", { head: { version: "2.0.0", step: "repair" } });
      await advance(store, "o3", { head: { status: "done", outcome: "delivered" } });
      await advance(store, "o1", { head: { businessKey: "WO-1" } });
      const ids = async (filter: Partial<OrderFilter>) =>
        (await store.orders.list({ limit: 10, ...filter }, everything)).items.map(({ id }) => id);
      expect(await ids({})).toEqual(["o1", "o3", "o2"]);
      expect(await ids({ businessKey: "WO-1" })).toEqual(["o1"]);
      expect(await ids({ version: "2.0.0", step: "repair" })).toEqual(["o2"]);
      expect(await ids({ status: "done" })).toEqual(["o3"]);
      expect(await ids({ status: "active", process: "service-visit", centre: "sh-01" })).toEqual([
        "o1",
        "o2",
      ]);
      expect(await ids({ centre: "bj-01" })).toEqual([]);
    });

    test("walked while orders change: none twice, every order that held still once", async () => {
      const store = await open({ clock: () => Date.UTC(2026, 0, 1) });
      const later = await open({ clock: () => Date.UTC(2026, 0, 2) });
      for (const number of numbers(25)) await advance(store, `o${number}`);
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const filter: OrderFilter = { limit: 4, ...(cursor === null ? {} : { cursor }) };
        const page = await store.orders.list(filter, everything);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
        await advance(later, seen.length < 12 ? "o1" : (seen[0] ?? "o1"));
      } while (cursor !== null);
      expect(new Set(seen).size).toBe(seen.length);
      const still = numbers(25).map((number) => `o${number}`);
      expect(still.filter((id) => !seen.includes(id) && id !== "o1")).toEqual([]);
    });

    test("a cursor that no page gave is refused", async () => {
      const store = await open();
      for (const cursor of ["", "x", Buffer.from('["a",1]').toString("base64url")]) {
        const refused = store.orders.list({ limit: 1, cursor }, everything);
        await expect(refused).rejects.toThrow(BadCursor);
      }
    });
  });

  describe("a scope", () => {
    test("makes another centre's order, history and incidents look absent", async () => {
      const store = await open();
      await advance(store, "o1", { set: [{ id: "t1", dueAt: 0 }] });
      await store.incidents.open("o1", stuck);
      expect(await visibleTo(store, shanghai)).toEqual([true, 1, 1, true, 1, true]);
      expect(await visibleTo(store, beijing)).toEqual([false, 0, 0, false, 0, false]);
      expect(await visibleTo(store, { centres: [] })).toEqual([false, 0, 0, false, 0, false]);
      expect(await visibleTo(store, everything)).toEqual([true, 1, 1, true, 1, true]);
    });

    test("shows an order without a centre to those who see everything only", async () => {
      const store = await open();
      await advance(store, "o1", { head: { centre: null } });
      expect(await store.orders.get("o1", shanghai)).toBeNull();
      expect(await store.orders.get("o1", everything)).not.toBeNull();
    });
  });

  describe("a history", () => {
    test("comes in pages, and answers what stood at a revision or an instant", async () => {
      let clock = Date.UTC(2026, 0, 1);
      const store = await open({ clock: () => clock });
      for (const number of numbers(5)) {
        await advance(store, "o1", { type: `E${number}` });
        clock += 1_000;
      }
      const page = await store.orders.history("o1", { after: 2, limit: 2 }, everything);
      expect(page.map(({ type }) => type)).toEqual(["E3", "E4"]);
      const at = (point: Parameters<Store["orders"]["entryAt"]>[1]) =>
        store.orders.entryAt("o1", point, everything).then((entry) => entry?.type ?? null);
      expect(await at({ revision: 4 })).toBe("E4");
      expect(await at({ revision: 6 })).toBeNull();
      expect(await at({ time: Date.UTC(2026, 0, 1) + 1_999 })).toBe("E2");
      expect(await at({ time: Date.UTC(2026, 0, 1) + 2_000 })).toBe("E3");
      expect(await at({ time: Date.UTC(2025, 11, 31) })).toBeNull();
    });

    test("rebuilds a snapshot that was forgotten, under the order's own definitions", async () => {
      const published = definition();
      const store = await open({
        rebuild: (id, past, lines, definitions) =>
          snapshotIn(JSON.stringify([id, past, lines.length, [...definitions]])),
      });
      await store.definitions.publish(published);
      await advance(store, "o1");
      await advance(store, "o1");
      await store.orders.forgetSnapshots();
      const rebuilt = JSON.stringify(["o1", null, 2, [[published.digest, published.canonical]]]);
      expect((await store.orders.get("o1", everything))?.snapshot.text).toBe(rebuilt);
      const met = await store.change("o1", (current) => ({
        kind: "leave",
        result: current?.snapshot.text,
      }));
      expect(met).toBe(rebuilt);
    });
  });
}

const stuck = {
  kind: "timer",
  subject: "t1",
  code: "expression-failed",
  detail: "no such key: score",
  pointer: null,
} as const;

async function visibleTo(store: Store, scope: Scope) {
  return [
    (await store.orders.get("o1", scope)) !== null,
    (await store.orders.list({ limit: 10 }, scope)).items.length,
    (await store.orders.history("o1", { after: 0, limit: 10 }, scope)).length,
    (await store.orders.entryAt("o1", { revision: 1 }, scope)) !== null,
    (await store.incidents.list({ limit: 10 }, scope)).items.length,
    (await store.incidents.get("o1.1", scope)) !== null,
  ];
}
