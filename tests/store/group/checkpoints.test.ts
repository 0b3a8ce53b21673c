/** Checkpoints: when one is written, that none outlives its order, and that they change nothing but how much is replayed. */

import { setTimeout as sleep } from "node:timers/promises";

import fc from "fast-check";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";

import { snapshotIn } from "../../../src/audit/snapshot.ts";
import { createRebuild, type Rebuild } from "../../../src/audit/rebuild.ts";
import { contextOf } from "../../../src/store/context.ts";
import { createCheckpoints } from "../../../src/store/group/checkpoints.ts";
import { createHotOrders } from "../../../src/store/group/hot-orders.ts";
import { keepCheckpoints } from "../../../src/store/tables/snapshots.ts";
import { openPostgres } from "../../../src/store/postgres.ts";
import { storeOn } from "../../../src/store/store-on.ts";
import type { Store, StoredOrder } from "../../../src/store/store.ts";
import { describeOnDatabases } from "../../support/databases.ts";
import { createParcel, parcelServer, sent, server } from "../../runtime/engine.ts";
import { advance, definition, everything, numbers } from "../fixtures.ts";
import { onServer, storedOrder } from "./support.ts";

/** Instead of a replay: says what it was given. */
const told: Rebuild = (_id, past, lines) =>
  snapshotIn(JSON.stringify({ from: past?.order.revision ?? 0, lines: lines.length }));

const SMALLEST = {
  ...{ value: "desk", status: "active", history: {}, data: {}, items: {} },
  ...{ timers: [], jobs: [], performers: {} },
} as const;

const stored = async (store: Store, id: string): Promise<StoredOrder> => {
  const order = await store.orders.get(id, everything);
  if (order === null) throw new Error(`expected order ${id}`);
  return order;
};

const checkpointed = async (store: Store, id: string): Promise<number | null> =>
  (await store.orders.checkpoint(id))?.revision ?? null;

async function advanceTo(store: Store, id: string, revision: number): Promise<void> {
  while ((await advance(store, id)) < revision);
}

describe("checkpoints that lag", () => {
  test("are written when their orders were idle for a while, when they make room, and at the end", async () => {
    let now = 0;
    const kept: string[] = [];
    const hot = createHotOrders({ elapsed: () => now, onEvicted: () => {}, roomBytes: 1e6 });
    let isAway = true;
    const checkpoints = createCheckpoints(
      () => hot,
      (orders) => {
        if (isAway) return Promise.reject(new Error("away"));
        kept.push(...orders.map(({ id, revision }) => `${id} ${revision}`));
        return Promise.resolve();
      },
    );
    for (const id of ["failed", "idle", "moved"])
      hot.set({ order: storedOrder(id, 2), checkpoint: 0 });
    now = 4_999;
    hot.set({ order: storedOrder("moved", 3), checkpoint: 0 });
    checkpoints.evicted(storedOrder("failed"));
    checkpoints.stir();
    // The first round fails: what it had is replayed from further back, and the next one comes all the same.
    await sleep(1_100);
    isAway = false;
    expect(kept).toEqual([]);
    now = 5_000;
    checkpoints.evicted(storedOrder("evicted"));
    await expect.poll(() => kept).toEqual(["evicted 1", "failed 2", "idle 2"]);
    checkpoints.evicted(storedOrder("late"));
    await checkpoints.close();
    expect(kept.slice(3)).toEqual(["late 1", "moved 3"]);
  });
});

describeOnDatabases("checkpoints", (open, _kind, raw) => {
  test("are written at every eighth entry, at the order's end, and when the store is closed", async () => {
    const stays = { ...(await raw()), close: () => Promise.resolve() };
    const [store, reader] = [storeOn(stays, { rebuild: told }), await open({ rebuild: told })];
    await advanceTo(store, "o1", 7);
    expect(await checkpointed(reader, "o1")).toBeNull();
    expect((await stored(reader, "o1")).snapshot.text).toBe('{"from":0,"lines":7}');
    await advanceTo(store, "o1", 18);
    expect(await checkpointed(reader, "o1")).toBe(16);
    await advance(store, "o2");
    await advance(store, "o2", { head: { status: "done" } });
    expect(await checkpointed(reader, "o2")).toBe(2);
    await store.close();
    expect([await checkpointed(reader, "o1"), await checkpointed(reader, "o2")]).toEqual([18, 2]);
    // Nothing to replay.
    expect((await stored(reader, "o1")).snapshot.text).toBe('{"b":1,"a":2}');
  });

  test("stand only where the order stands as it is kept: not for one that is gone, or was moved on", async () => {
    const store = await open({ rebuild: told });
    const database = await raw();
    for (const id of ["gone", "moved", "other", "kept"]) await advance(store, id);
    const orders = await Promise.all(
      ["gone", "moved", "other", "kept"].map((id) => stored(store, id)),
    );
    await advance(store, "moved");
    await sql`update orders set last_hash = 'other' where id = 'other'`.execute(database.db);
    await sql`delete from orders where id = 'gone'`.execute(database.db);
    await keepCheckpoints(contextOf(database.db, {}), orders);
    const { rows } = await sql<{ id: string }>`
      select order_id as id from snapshots`.execute(database.db);
    expect(rows).toEqual([{ id: "kept" }]);
  });

  test("give way to an order's own snapshot, which a server of the release before writes", async () => {
    const [store, other] = [await open({ rebuild: told }), await open({ rebuild: told })];
    await advanceTo(store, "o1", 7);
    await advance(store, "o1", { head: { snapshot: snapshotIn(JSON.stringify(SMALLEST)) } });
    // Without the port, a store writes as that release does.
    await advance(await open(), "o1", { head: { snapshot: snapshotIn('{"own":9}') } });
    expect((await stored(store, "o1")).snapshot.text).toBe('{"own":9}');
    expect((await stored(other, "o1")).snapshot.text).toBe('{"own":9}');
    expect(await advance(store, "o1")).toBe(10);
    expect((await stored(other, "o1")).snapshot.text).toBe('{"from":8,"lines":2}');
  });

  test("that are replayed one after the other keep nothing else waiting", async () => {
    const spinning: Rebuild = (id, past, lines, definitions) => {
      const until = performance.now() + 10;
      while (performance.now() < until);
      return told(id, past, lines, definitions);
    };
    const store = await open({ rebuild: spinning });
    const { digest } = definition();
    await store.definitions.publish(definition());
    await Promise.all(numbers(60).map((each) => advance(store, `o${each}`, { head: { digest } })));
    const reader = await open({ rebuild: spinning });
    let last = performance.now();
    let longest = 0;
    const heartbeat = (): void => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    };
    const beat = setInterval(heartbeat, 1);
    const { items } = await reader.orders.list({ limit: 60 }, everything);
    clearInterval(beat);
    heartbeat();
    expect(items).toHaveLength(60);
    expect(longest).toBeLessThan(400);
  });

  test("that are replayed in no time do not wait for a turn each", async () => {
    const one = await parcelServer(open);
    await Promise.all(numbers(60).map(() => createParcel(one)));
    await one.store.orders.forgetSnapshots();
    let turn = 0;
    const turns = new Set<number>();
    const reader = await open({
      rebuild: (id, past, lines, definitions) => {
        turns.add(turn);
        return told(id, past, lines, definitions);
      },
    });
    const next = (): void => {
      turn += 1;
      counting = setImmediate(next);
    };
    let counting = setImmediate(next);
    const { items } = await reader.orders.list({ limit: 60 }, everything);
    clearImmediate(counting);
    expect(items).toHaveLength(60);
    expect(turns.size).toBeLessThan(30);
  });

  test("change nothing: an order rebuilt from one is what its whole history makes it", async () => {
    const [one, two] = [await parcelServer(open), await server(open)];
    const third = await open({ rebuild: createRebuild() });
    const events = fc.constantFrom<readonly [type: string, payload: (place: number) => object]>(
      ["WEIGH", (place) => ({ weight: place + 1 })],
      ["NOTE", (place) => ({ note: `n${place}`, text: "ring twice" })],
      ["BREAK", () => ({})],
      ["REPAIR", () => ({})],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(events, { minLength: 6, maxLength: 14 }), async (sequence) => {
        const { id } = await createParcel(one);
        for (const [place, [type, payload]] of sequence.entries()) {
          await sent(place % 5 === 4 ? two : one, id, type, payload(place));
        }
        const hot = await stored(one.store, id);
        const fromCheckpoint = await stored(two.store, id);
        await two.store.orders.forgetSnapshots(id);
        const fromHistory = await stored(third, id);
        expect(fromCheckpoint.snapshot.text).toBe(hot.snapshot.text);
        expect(fromHistory.snapshot.text).toBe(hot.snapshot.text);
      }),
      { numRuns: 4 },
    );
  });
});

test("checkpoints wait for no order that is held", async () => {
  await onServer(async (url) => {
    const [database, holder] = [openPostgres(url), openPostgres(url)];
    const store = storeOn(database, { rebuild: told });
    for (const id of ["free", "held"]) await advance(store, id);
    const orders = [await stored(store, "held"), await stored(store, "free")];
    await holder.db.transaction().execute(async (db) => {
      await sql`select from orders where id = 'held' for update`.execute(db);
      await keepCheckpoints(contextOf(database.db, {}), orders);
    });
    expect([await checkpointed(store, "held"), await checkpointed(store, "free")]).toEqual([
      null,
      1,
    ]);
    await Promise.all([store.close(), holder.close()]);
  });
});
