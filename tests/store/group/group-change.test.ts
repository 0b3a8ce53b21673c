/** Many changes at once, on both databases and over two servers: few statements, and each change by itself all the same. */

import { setTimeout as sleep } from "node:timers/promises";

import fc from "fast-check";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";

import type { IdempotencyKey, Settled } from "../../../src/store/contracts/idempotency.ts";
import type { NewWebhook } from "../../../src/store/contracts/webhooks.ts";
import type { Database } from "../../../src/store/database.ts";
import { StoreUnavailable } from "../../../src/store/errors.ts";
import { openPostgres } from "../../../src/store/postgres.ts";
import type { Store } from "../../../src/store/store.ts";
import { storeOn } from "../../../src/store/store-on.ts";
import { cuttingProxy } from "../../support/cutting-proxy.ts";
import { describeOnDatabases } from "../../support/databases.ts";
import { advance, deciding, everything, next, numbers, type Wanted } from "../fixtures.ts";
import { onServer } from "./support.ts";

/** A store that tells which batches it sent. */
function counting(database: Database) {
  const sent: string[] = [];
  const store = storeOn({
    ...database,
    close: () => Promise.resolve(),
    prepared: (statement, values) => {
      sent.push(statement.name);
      return database.prepared(statement, values);
    },
  });
  return { store, sent };
}

const ids = (count: number) => numbers(count).map((each) => `o${each}`);

const advanceAll = (store: Store, orders: readonly string[], wanted: Wanted = {}) =>
  Promise.all(orders.map((id) => advance(store, id, wanted)));

/** `revision`, or what it failed with. */
const ends = (changes: readonly Promise<number>[]) =>
  Promise.allSettled(changes).then((all) =>
    all.map((end) => (end.status === "fulfilled" ? end.value : String(end.reason))),
  );

async function revisionsOf(store: Store, id: string): Promise<readonly number[]> {
  const history = await store.orders.history(id, { after: 0, limit: 1_000 }, everything);
  return history.map(({ revision }) => revision);
}

const WEBHOOK: NewWebhook = {
  ...{ id: "w1", url: "https://example.com/hook", description: null, events: ["*"] },
  ...{ roles: ["admin"], centres: "*", createdBy: "ann", sealed: "c2VhbGVk" },
};

describeOnDatabases("group commit", (open, _kind, raw) => {
  test("writes many orders with few statements, and one client's changes at once with one each", async () => {
    const { store, sent } = counting(await raw());
    await advanceAll(store, ids(300));
    const gathered = sent.splice(0).length;
    expect(gathered).toBeLessThanOrEqual(5);
    for (const _each of numbers(5)) await advance(store, "o1");
    expect(sent).toHaveLength(5);
  });

  test("leaves a poisoned order's neighbours alone: U+0000, numbers too great, instants out of range", async () => {
    const store = await open();
    await advanceAll(store, ids(20));
    const job = { id: "j1", type: "reserve", item: null, input: {}, retries: 2 ** 31 };
    const poison = new Map<string, Wanted>([
      ["o3", { type: "A\0B" }],
      ["o7", { opened: [job] }],
      ["o11", { set: [{ id: "t1", dueAt: Number.MAX_SAFE_INTEGER }] }],
      ["o12", { head: { businessKey: "\0" } }],
    ]);
    const found = await ends(ids(20).map((id) => advance(store, id, poison.get(id) ?? {})));
    for (const [index, end] of found.entries()) {
      const isPoison = poison.has(`o${index + 1}`);
      expect([index, isPoison ? typeof end : end]).toEqual([index, isPoison ? "string" : 2]);
    }
    for (const id of poison.keys()) expect(await revisionsOf(store, id)).toEqual([1]);
    // Nobody is worse off for it later.
    expect(await advance(store, "o3")).toBe(2);
  });

  test("decides again what another server moved meanwhile, and nothing else", async () => {
    const [one, two] = [await open(), await open()];
    await advanceAll(one, ids(10));
    await advance(two, "o5");
    let decided = 0;
    const results = await Promise.all(
      ids(10).map((id) =>
        one.change(id, (current, now) => {
          decided += 1;
          return next(current, now);
        }),
      ),
    );
    expect(results).toEqual(numbers(10).map((each) => (each === 5 ? 3 : 2)));
    expect(decided).toBe(11);
  });

  test("goes on from an order's last entry, not from one that a restored database does not have", async () => {
    const { store } = counting(await raw());
    const database = await raw();
    await advanceAll(store, ["o1", "o1"]);
    await sql`update orders set last_hash = 'restored' where id = 'o1'`.execute(database.db);
    const seen = await store.change("o1", (current, now) => ({
      ...next(current, now),
      result: current?.lastHash,
    }));
    expect(seen).toBe("restored");
  });

  test("gives one key one effect, however many copies two servers get at once", async () => {
    const stores = [await open(), await open()] as const;
    await advanceAll(stores[0], ids(4));
    const key: IdempotencyKey = { caller: "ann", key: "k1", fingerprint: "f1" };
    const copy = (store: Store, id: string): Promise<number | Settled["kind"]> =>
      store.change<number | Settled["kind"]>(id, deciding({}), {
        idempotency: { key, settled: ({ kind }) => kind },
      });
    const found = await Promise.all(
      ids(4).flatMap((id) => stores.flatMap((store) => [copy(store, id), copy(store, id)])),
    );
    expect(found.filter((end) => end === 2)).toHaveLength(1);
    for (const end of found) expect([2, "replayed", "in-progress"]).toContain(end);
    const histories = await Promise.all(ids(4).map((id) => revisionsOf(stores[0], id)));
    expect(histories.flat()).toHaveLength(5);
    expect(await copy(stores[1], "o1")).toBe("replayed");
  });

  test("tells webhooks from the first transition after they are enabled", async () => {
    const { store, sent } = counting(await raw());
    await advanceAll(store, ids(3));
    await store.webhooks.create(WEBHOOK, 9);
    sent.splice(0);
    await advanceAll(store, ids(3));
    await advanceAll(store, ids(3));
    expect(sent).toEqual(["batch", "batch_telling", "batch_telling"]);
    const { db } = await raw();
    const { rows } = await sql<{ told: string }>`
      select distinct order_id || ' ' || revision as told from deliveries order by 1`.execute(db);
    expect(rows.map(({ told }) => told)).toEqual(ids(3).flatMap((id) => [`${id} 2`, `${id} 3`]));
  });

  test("ends everything that is under way when it is closed", async () => {
    const { store } = counting(await raw());
    const changes = [...ids(200), ...ids(10), "o1", "o1"].map((id) => advance(store, id));
    await store.close();
    const found = await ends(changes);
    expect(found.filter((end) => typeof end === "string")).toEqual([]);
    expect(await revisionsOf(store, "o1")).toEqual([1, 2, 3, 4]);
  });

  test("keeps every order's history one line, whatever two servers do at once", async () => {
    const stores = [await open(), await open()] as const;
    const change = fc.record({
      server: fc.constantFrom(0, 1),
      order: fc.integer({ min: 1, max: 5 }),
      key: fc.option(fc.integer({ min: 1, max: 6 })),
      way: fc.constantFrom("write", "write", "write", "leave", "throw", "poison"),
      pause: fc.constantFrom(0, 0, 0, 2),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 10, maxLength: 60 }), async (changes) => {
        run += 1;
        const idOf = (order: number) => `run${run}-o${order}`;
        const written = new Map<string, number[]>();
        const byKey = new Map<string, number>();
        const asked: Promise<unknown>[] = [];
        for (const { server, order, key, way, pause } of changes) {
          if (pause > 0) await sleep(pause);
          const id = idOf(order);
          const name = `${run} ${key}`;
          const options =
            key === null
              ? {}
              : {
                  idempotency: {
                    key: { caller: "ann", key: name, fingerprint: "f" },
                    settled: () => null,
                  },
                };
          const done = stores[server === 0 ? 0 : 1].change<number | null>(
            id,
            (current, now) => {
              if (way === "throw") throw new Error("refused");
              if (way === "leave") return { kind: "leave", result: null };
              return next(current, now, way === "poison" ? { type: "\0" } : {});
            },
            options,
          );
          asked.push(
            done.then(
              (revision) => {
                if (revision === null) return;
                written.set(id, [...(written.get(id) ?? []), revision]);
                if (key !== null) byKey.set(name, (byKey.get(name) ?? 0) + 1);
              },
              () => undefined,
            ),
          );
        }
        await Promise.all(asked);
        for (const order of numbers(5)) {
          const id = idOf(order);
          const history = await revisionsOf(stores[0], id);
          expect(history).toEqual(numbers(history.length));
          const results = (written.get(id) ?? []).toSorted((one, other) => one - other);
          expect(results).toEqual(history);
          const head = await stores[1].orders.get(id, everything);
          expect(head?.revision ?? 0).toBe(history.length);
        }
        for (const effects of byKey.values()) expect(effects).toBe(1);
      }),
      { numRuns: 10 },
    );
  });
});

describe("group commit on a server", () => {
  test("keeps nobody waiting for an order that somebody holds", async () => {
    await onServer(async (url) => {
      const [database, holder] = [openPostgres(url), openPostgres(url)];
      const store = storeOn(database);
      await advanceAll(store, ids(40));
      const held = Promise.withResolvers<void>();
      const over = Promise.withResolvers<void>();
      const holding = holder.db.transaction().execute(async (db) => {
        await sql`select from orders where id in ('o3', 'o30') for update`.execute(db);
        held.resolve();
        await over.promise;
      });
      await held.promise;
      const begun = performance.now();
      const changes = ids(40).map((id) => advance(store, id));
      const isHeld = (id: string) => id === "o3" || id === "o30";
      await Promise.all(changes.filter((_, index) => !isHeld(`o${index + 1}`)));
      expect(performance.now() - begun).toBeLessThan(1_500);
      over.resolve();
      await holding;
      expect(await Promise.all(changes)).toEqual(numbers(40).map(() => 2));
      await Promise.all([store.close(), holder.close()]);
    });
  });

  test("waits three times at most for a timer that somebody holds, before all others are written", async () => {
    await onServer(async (url) => {
      const [database, holder] = [openPostgres(url), openPostgres(url)];
      const { store, sent } = counting(database);
      const timer = { id: "t1", dueAt: Date.UTC(2100, 0, 1) };
      await advanceAll(store, ids(64), { set: [timer] });
      const held = Promise.withResolvers<void>();
      const over = Promise.withResolvers<void>();
      const holding = holder.db.transaction().execute(async (db) => {
        await sql`select from timers where order_id = 'o50' for update`.execute(db);
        held.resolve();
        await over.promise;
      });
      await held.promise;
      sent.splice(0);
      const changes = ids(64).map((id) => advance(store, id, { cancelled: ["t1"] }));
      await Promise.all(changes.filter((_, index) => index !== 49));
      expect(sent.filter((name) => name === "batch_impatient").length).toBeLessThanOrEqual(3);
      over.resolve();
      await holding;
      expect(await Promise.all(changes)).toEqual(numbers(64).map(() => 2));
      await store.close();
      await Promise.all([database.close(), holder.close()]);
    });
  });

  test("hangs on nothing that is asked of it after it was closed", async () => {
    await onServer(async (url) => {
      const store = storeOn(openPostgres(url));
      await advance(store, "o1");
      await store.close();
      await expect(advance(store, "o1")).rejects.toThrow();
      await expect(advance(store, "o2")).rejects.toThrow();
    });
  });

  test("reports a batch that is cut on the wire as unavailable, all or nothing of it written", async () => {
    await onServer(async (url) => {
      const direct = openPostgres(url);
      const store = storeOn(direct);
      const target = Number(new URL(url).port);
      const proxy = await cuttingProxy({ target: () => target, cutAfter: () => null });
      const through = new URL(url);
      through.port = String(proxy.port);
      const cut = storeOn(openPostgres(through.href));
      await advanceAll(cut, ids(3));
      for (const pauseMs of [0, 1, 2, 3, 5, 8]) {
        const before = await revisionsOf(store, "o1");
        const changes = ids(3).map((id) => advance(cut, id));
        if (pauseMs > 0) await sleep(pauseMs);
        proxy.cutAll();
        const found = await Promise.allSettled(changes);
        for (const end of found) {
          if (end.status === "rejected") expect(end.reason).toBeInstanceOf(StoreUnavailable);
        }
        await sleep(50);
        const histories = await Promise.all(ids(3).map((id) => revisionsOf(store, id)));
        const written = found.some((end) => end.status === "fulfilled");
        for (const history of histories) {
          expect(history).toEqual(histories[0]);
          expect(history.length - before.length).toBeGreaterThanOrEqual(written ? 1 : 0);
          expect(history.length - before.length).toBeLessThanOrEqual(1);
        }
      }
      await cut.close();
      await proxy.close();
      await store.close();
    });
  });
});
