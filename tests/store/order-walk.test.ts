/** The walk over all orders of a period, on every database: living or archived, each is met once. */

import { describe, expect, test } from "vitest";
import { snapshotIn } from "../../src/audit/snapshot.ts";
import type { OrderPeriod } from "../../src/store/contracts/order-walk.ts";
import { ArchiveDetached } from "../../src/store/errors.ts";
import type { Scope, Store } from "../../src/store/store.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { advance, everything, numbers } from "./fixtures.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 20, 8);
const ENDED = { status: "done", outcome: "closed" } as const;
const ALL = { olderThanMs: DAY, after: null, entries: 1_000 };

describeOnDatabases("the store", (open) => {
  /** Twelve orders, a day between them: every third one is open, every fourth of another centre. */
  const filled = async (): Promise<{ readonly store: Store; readonly hand: { now: number } }> => {
    const hand = { now: START };
    const store = await open({ clock: () => hand.now, rebuild: () => snapshotIn("rebuilt") });
    for (const number of numbers(12)) {
      const centre = number % 4 === 0 ? "bj-02" : "sh-01";
      await advance(store, idOf(number), { head: { centre } });
      if (number % 3 !== 0) await advance(store, idOf(number), { head: { centre, ...ENDED } });
      hand.now += DAY;
    }
    await store.feed.sequence(100);
    return { store, hand };
  };
  const walked = async (
    store: Store,
    period: OrderPeriod = {},
    scope: Scope = everything,
    between: () => Promise<unknown> = async () => undefined,
  ): Promise<readonly string[]> => {
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const page = await store.orders.walk(period, { after, limit: 5 }, scope);
      ids.push(...page.orders.map(({ id }) => id));
      after = page.reached;
      await between();
    } while (after !== null);
    return ids;
  };

  describe("the walk over orders", () => {
    test("meets each once, in the archive or not, also while they move there", async () => {
      const { store } = await filled();
      const all = numbers(12).map(idOf);
      expect(await walked(store)).toEqual(all);
      const moving = () => store.archive.move({ ...ALL, entries: 2 });
      expect(await walked(store, {}, everything, moving)).toEqual(all);
      await store.archive.move(ALL);
      expect(await walked(store)).toEqual(all);
      const page = await store.orders.walk({}, { after: idOf(1), limit: 1 }, everything);
      expect(page.orders).toEqual([
        {
          ...{ id: idOf(2), process: "service-visit", businessKey: null, centre: "sh-01" },
          ...{ outcome: "closed", revision: 2, updatedAt: expect.any(Number) },
        },
      ]);
    });

    test("keeps to the period of their creation, its beginning in and its end out, to a process and to centres", async () => {
      const { store } = await filled();
      await store.archive.move(ALL);
      const from = START + 2 * DAY;
      const to = START + 5 * DAY;
      expect(await walked(store, { from, to })).toEqual([3, 4, 5].map(idOf));
      expect(await walked(store, { to: START })).toEqual([]);
      expect(await walked(store, { changedFrom: START })).toEqual(numbers(12).map(idOf));
      expect(await walked(store, { changedFrom: START + 1_000 * DAY })).toEqual([]);
      expect(await walked(store, { process: "another" })).toEqual([]);
      expect(await walked(store, { centre: "bj-02" })).toEqual([4, 8, 12].map(idOf));
      expect(await walked(store, {}, { centres: ["bj-02"] })).toEqual([4, 8, 12].map(idOf));
      expect(await walked(store, { centre: "sh-01" }, { centres: ["bj-02"] })).toEqual([]);
    });

    test("refuses to pass over what lies in a month that was taken out, unless it was closed before the period", async () => {
      const { store, hand } = await filled();
      await store.archive.move(ALL);
      await store.archive.detach("2026-01");
      await expect(walked(store)).rejects.toThrow(ArchiveDetached);
      expect(await walked(store, { from: hand.now })).toEqual([]);
      expect(await walked(store, {}, { centres: [] })).toEqual([]);
      await store.archive.attach("2026-01");
      expect(await walked(store)).toHaveLength(12);
    });
  });
});

function idOf(number: number): string {
  return `o${String(number).padStart(2, "0")}`;
}
