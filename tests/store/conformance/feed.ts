/** The feed: every entry once, without a gap, an order's in the order of its revisions, whoever numbers them. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { FeedEntry } from "../../../src/store/contracts/feed.ts";
import type { Store } from "../../../src/store/store.ts";
import type { OpenStore } from "../../support/databases.ts";
import { advance, everything, numbers } from "../fixtures.ts";

const MANY = 1_000_000;
const TEN = { after: 0, limit: 10, bytes: MANY };

export function feedConforms(open: OpenStore): void {
  describe("the feed", () => {
    test("holds an entry only once it was numbered, from 1 on, and hands out its line", async () => {
      const store = await open();
      await advance(store, "o1");
      expect(await store.feed.head()).toBe(0);
      expect(await store.feed.read(TEN, everything)).toEqual({ entries: [], reached: 0 });
      expect(await store.feed.sequence(10)).toEqual({ kind: "appended", count: 1, head: 1 });
      expect(await store.feed.sequence(10)).toEqual({ kind: "appended", count: 0, head: 1 });
      const [entry] = await store.orders.history("o1", { after: 0, limit: 1 }, everything);
      expect(await store.feed.read(TEN, everything)).toEqual({
        entries: [{ position: 1, orderId: "o1", process: "service-visit", centre: "sh-01", entry }],
        reached: 1,
      });
    });

    test("takes the entries that arrived first, a few at a time", async () => {
      const store = await open();
      for (const id of ["o2", "o1", "o2", "o3"]) await advance(store, id);
      expect(await store.feed.sequence(3)).toEqual({ kind: "appended", count: 3, head: 3 });
      expect(await store.feed.sequence(3)).toEqual({ kind: "appended", count: 1, head: 4 });
      const found = (await whole(store)).map(
        ({ orderId, entry }) => `${orderId} ${entry.revision}`,
      );
      expect(found).toEqual(["o2 1", "o1 1", "o2 2", "o3 1"]);
    });

    test("gives to a scope what it reaches, and goes on past what it does not", async () => {
      const store = await open();
      const centres = ["sh-01", "bj-02", null];
      for (const centre of centres) await advance(store, `at ${centre}`, { head: { centre } });
      await store.feed.sequence(10);
      const seen = async (scope: Parameters<Store["feed"]["read"]>[1], filter = {}) => {
        const { entries, reached } = await store.feed.read(TEN, scope, filter);
        return [...entries.map(({ centre }) => centre), reached];
      };
      expect(await seen(everything)).toEqual([...centres, 3]);
      expect(await seen({ centres: ["bj-02"] })).toEqual(["bj-02", 3]);
      expect(await seen({ centres: [] })).toEqual([3]);
      expect(await seen(everything, { centre: "sh-01" })).toEqual(["sh-01", 3]);
      expect(await seen({ centres: ["bj-02"] }, { centre: "sh-01" })).toEqual([3]);
      expect(await seen(everything, { process: "service-visit" })).toEqual([...centres, 3]);
      expect(await seen(everything, { process: "other" })).toEqual([3]);
    });

    test("is read page by page without a gap, whatever the page's size", async () => {
      const store = await open();
      for (const number of numbers(23)) await advance(store, `o${number % 4}`);
      await store.feed.sequence(100);
      const all = await whole(store);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (limit) => {
          expect(await whole(store, limit)).toEqual(all);
        }),
        { numRuns: 10 },
      );
    });

    test("numbers each entry once while four servers race for it, and others write", async () => {
      const stores = await Promise.all(numbers(4).map(() => open()));
      const [writer] = stores;
      if (writer === undefined) throw new Error("expected a store");
      let writing = true;
      let busy = 0;
      const sequencing = stores.map(async (store) => {
        for (;;) {
          const last = !writing;
          const done = await store.feed.sequence(7);
          if (done.kind === "busy") busy += 1;
          else if (last && done.count === 0) return;
        }
      });
      await Promise.all(
        numbers(10).map(async (order) => {
          for (const _ of numbers(20)) await advance(writer, `o${order}`);
        }),
      );
      writing = false;
      await Promise.all(sequencing);
      const entries = await whole(writer);
      expect(flaws(entries)).toEqual([]);
      expect(entries).toHaveLength(200);
      console.log(`feed: 200 entries, 4 sequencers, ${busy} times busy`);
    });

    test("never holds an entry that was rolled back", async () => {
      const store = await open();
      const refused = store.change("o1", () => {
        throw new Error("no");
      });
      await expect(refused).rejects.toThrow("no");
      await advance(store, "o1");
      await store.feed.sequence(10);
      expect((await whole(store)).map(({ entry }) => entry.revision)).toEqual([1]);
    });
  });
}

/** All of it, page by page. */
export async function whole(store: Store, limit = 100): Promise<readonly FeedEntry[]> {
  const found: FeedEntry[] = [];
  for (let after = 0; ;) {
    const { entries, reached } = await store.feed.read({ after, limit, bytes: MANY }, everything);
    found.push(...entries);
    if (reached === after) return found;
    after = reached;
  }
}

/** Positions 1, 2, 3, …; every order's revisions 1, 2, 3, …. */
export function flaws(entries: readonly FeedEntry[]): readonly string[] {
  const last = new Map<string, number>();
  return entries.flatMap(({ position, orderId, entry: { revision } }, index) => {
    const expected = (last.get(orderId) ?? 0) + 1;
    last.set(orderId, revision);
    return [
      ...(position === index + 1 ? [] : [`position ${position} in the place of ${index + 1}`]),
      ...(revision === expected ? [] : [`${orderId}: revision ${revision} after ${expected - 1}`]),
    ];
  });
}
