/** What only a server can show: many servers at once, waiting locks, and a database that goes away. */

import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "kysely";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { change } from "../../src/store/change.ts";
import { contextOf } from "../../src/store/context.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { openStore } from "../../src/store/open.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { storeOn } from "../../src/store/store-on.ts";
import type { Store } from "../../src/store/store.ts";
import { createDatabase } from "../support/databases.ts";
import { advance, everything, next, numbers } from "./fixtures.ts";
import { endsWithin } from "../support/in-time.ts";

let database = { url: "", drop: () => Promise.resolve() };
const opened: Store[] = [];

beforeAll(async () => {
  database = await createDatabase();
  const store = await open(database.url);
  await store.migrate();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});
afterAll(() => database.drop());

describe("a Postgres server", () => {
  test("is migrated once by five servers that start at once", async () => {
    const fresh = await createDatabase();
    const stores = await Promise.all(numbers(5).map(() => open(fresh.url)));
    await Promise.all(stores.map((store) => store.migrate()));
    const revisions = await Promise.all(stores.map((store) => advance(store, "o1")));
    expect(revisions.toSorted((one, other) => one - other)).toEqual(numbers(5));
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await fresh.drop();
  });

  test("that a later release has migrated still takes this release's servers", async () => {
    const fresh = await createDatabase();
    const store = await open(fresh.url);
    await store.migrate();
    const client = new pg.Client({ connectionString: fresh.url });
    await client.connect();
    await client.query("alter table orders add column colour text");
    await client.query(
      "insert into kysely_migration select '9999-of-a-later-release', max(timestamp) from kysely_migration",
    );
    await client.end();
    await store.migrate();
    expect(await advance(store, "o1")).toBe(1);
    await Promise.all(opened.splice(0).map((each) => each.close()));
    await fresh.drop();
  });

  test("gives a change that waited for the lock an instant after its release", async () => {
    const opened = openPostgres(database.url);
    await advance(storeOn(opened), "waited");
    const { at, result } = await holdingLock("waited", lockIsAwaited, () =>
      change(contextOf(opened.db, {}), "waited", (current, now) => ({
        ...next(current, now),
        result: now,
      })),
    );
    expect(await result).toBeGreaterThanOrEqual(at);
    await opened.close();
  });

  test("ends a wait for a lock after two seconds, tries again, and succeeds", async () => {
    const store = await open(database.url);
    await advance(store, "blocked");
    const { result } = await holdingLock(
      "blocked",
      () => sleep(2_500),
      () => advance(store, "blocked"),
    );
    expect(await result).toBe(2);
  });

  test("bounds statements, waits for locks and idle transactions", async () => {
    const connection = openPostgres(database.url);
    const { rows } = await sql`
      select current_setting('statement_timeout') as statement,
        current_setting('lock_timeout') as lock,
        current_setting('idle_in_transaction_session_timeout') as idle`.execute(connection.db);
    await connection.close();
    expect(rows).toEqual([{ statement: "5s", lock: "2s", idle: "5s" }]);
  });
});

describe("a database that goes away", () => {
  test("between two changes: the second one finds a new connection", async () => {
    const store = await open(database.url);
    await advance(store, "o1");
    await query(`${TERMINATE} where datname = current_database() and pid <> pg_backend_pid()`);
    await sleep(100);
    expect(await advance(store, "o1")).toBe(2);
  });

  test("in the middle of a change: StoreUnavailable, and nothing is written", async () => {
    const store = await open(database.url);
    await advance(store, "torn");
    const terminate = async () => {
      // A batch waits but briefly, and may just have begun its next attempt.
      while ((await query(`${TERMINATE} where ${AWAITING}`)).length === 0) await sleep(5);
    };
    const { result } = await holdingLock("torn", terminate, () => advance(store, "torn"));
    await expect(result).rejects.toThrow(StoreUnavailable);
    expect((await store.orders.get("torn", everything))?.revision).toBe(1);
  });

  test("for good: a ping and a read fail within a second", async () => {
    const store = await open("postgres://nobody@127.0.0.1:1/none");
    expect(await failsInTime(store.ping())).toBe(true);
    expect(await failsInTime(store.orders.get("o1", everything))).toBe(true);
    expect(await failsInTime(advance(store, "o1"))).toBe(true);
  });

  test("behind a network that swallows everything: a ping and a read fail within a second", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    if (address === null || typeof address === "string") throw new Error("expected a port");
    const store = await open(`postgres://nobody@127.0.0.1:${address.port}/none`);
    const failing = [store.ping(), store.orders.get("o1", everything), advance(store, "o1")];
    const inTime = await Promise.all(failing.map(failsInTime));
    silent.close();
    expect(inTime).toEqual([true, true, true]);
  });
});

const TERMINATE = "select pg_terminate_backend(pid) from pg_stat_activity";
const AWAITING = "datname = current_database() and wait_event_type = 'Lock'";

async function open(databaseUrl: string): Promise<Store> {
  const store = await openStore({ databaseUrl, dataFolder: "unused" });
  opened.push(store);
  return store;
}

/**
 * Holds the order's row, starts the change that waits for it, and lets go.
 * @returns the change's promise, and the database's instant just before the release
 */
async function holdingLock<T>(
  id: string,
  until: () => Promise<void>,
  start: () => Promise<T>,
): Promise<{ readonly at: number; readonly result: Promise<T> }> {
  return connected(async (client) => {
    await client.query("begin");
    await client.query("select 1 from orders where id = $1 for update", [id]);
    const result = start();
    // It may reject while the lock is still held; whoever asked looks at it later.
    result.catch(() => {});
    await until();
    const { rows } = await client.query<{ at: Date }>("select clock_timestamp() as at");
    await client.query("commit");
    return { at: rows[0]?.at.getTime() ?? Number.NaN, result };
  });
}

async function lockIsAwaited(): Promise<void> {
  while ((await query(`select 1 from pg_stat_activity where ${AWAITING}`)).length === 0) {
    await sleep(20);
  }
  await sleep(50);
}

async function query(text: string): Promise<readonly unknown[]> {
  return connected(async (client) => (await client.query(text)).rows);
}

async function connected<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.url });
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** @returns whether it failed within a second, as a lost database does */
async function failsInTime(failing: Promise<unknown>): Promise<boolean> {
  return endsWithin(1_000, () => expect(failing).rejects.toThrow(StoreUnavailable));
}
