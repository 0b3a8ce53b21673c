/** The feed on a real server: transactions that commit late, servers that race, connections that break anywhere. */

import { sql } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import pg from "pg";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Db } from "../../src/store/database.ts";
import * as feed from "../../src/store/migrations/0007-feed.ts";
import * as feedBatches from "../../src/store/migrations/0013-feed-batches.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import type { Store } from "../../src/store/store.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { cuttingProxy, seeded } from "../support/cutting-proxy.ts";
import { createDatabase } from "../support/databases.ts";
import { flaws, whole } from "./conformance/feed.ts";
import { advance, everything, numbers } from "./fixtures.ts";

let database: Awaited<ReturnType<typeof createDatabase>>;
const databases: (typeof database)[] = [];
const opened: Store[] = [];

beforeEach(async () => {
  database = await createDatabase();
  databases.push(database);
  await open().migrate();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});
afterAll(async () => {
  for (const { drop } of databases) await drop();
});

function open(url = database.url): Store {
  const store = storeOn(openPostgres(url));
  opened.push(store);
  return store;
}

/** So many rounds of the sequencers are cut, at the least. */
const CUT_ROUNDS = 20;

describe("the feed on a Postgres server", () => {
  test("has what committed late, where a cursor over instants or numbers drawn has lost it", async () => {
    const store = open();
    await advance(store, "first");
    // A transaction that has written its entry, and whose commit takes its time.
    const late = await connected();
    await late.query(`begin; ${LATE_ENTRY}`);
    await advance(store, "younger");

    const reader = await connected();
    const seen: Record<string, string[]> = { time: [], draw: [], feed: [] };
    let [time, draw, place] = ["epoch", "0", 0];
    const look = async (): Promise<void> => {
      const byTime = await reader.query<{ id: string; at: string }>(BY_TIME, [time]);
      time = byTime.rows.at(-1)?.at ?? time;
      const byDraw = await reader.query<{ id: string; drawn: string }>(BY_DRAW, [draw]);
      draw = byDraw.rows.at(-1)?.drawn ?? draw;
      seen["time"]?.push(...byTime.rows.map(({ id }) => id));
      seen["draw"]?.push(...byDraw.rows.map(({ id }) => id));
      await store.feed.sequence(100);
      const page = await store.feed.read({ after: place, limit: 100, bytes: 1e6 }, everything);
      seen["feed"]?.push(...page.entries.map(({ orderId }) => orderId));
      place = page.reached;
    };
    await look();
    await late.query("commit");
    await look();
    await Promise.all([late.end(), reader.end()]);
    expect(seen).toEqual({
      time: ["first", "younger"],
      draw: ["first", "younger"],
      feed: ["first", "younger", "late"],
    });
  });

  test("lists what older releases wrote, in the order of each history", async () => {
    const store = open();
    for (const number of numbers(30)) await advance(store, `o${number % 3}`);
    const { db, close } = openPostgres(database.url);
    await db.schema.dropTable("feed").execute();
    await db.schema.dropTable("feed_pending").execute();
    await db.schema.dropTable("feed_batches").execute();
    await sql`drop function feed_pending_behind_batches`.execute(db);
    await migrated(db, { "1": feed });
    // As a server wrote that knew of no feed, beside one that did.
    await sql`delete from feed_pending where order_id = 'o1'`.execute(db);
    await sql`update orders set projected = null where id = 'o1'`.execute(db);
    await migrated(db, { "1": feed, "2": feedBatches });
    await close();
    while ((await appended(store, 7)) > 0);
    const entries = await whole(store);
    expect(flaws(entries)).toEqual([]);
    expect(entries).toHaveLength(30);
  });

  test("numbers 4,000 entries and more once, without a gap, while two sequencers are cut at any byte", async () => {
    const random = seeded(7);
    const port = Number(new URL(database.url).port);
    let isCutting = true;
    const cutAfter = () => (isCutting ? Math.ceil(random() * 6_000) : null);
    const proxies = await Promise.all(
      numbers(2).map(() => cuttingProxy({ target: () => port, cutAfter })),
    );
    const writer = open();
    let writing = true;
    const counts = { rounds: 0, busy: 0, failed: 0 };
    const sequencers = proxies.map(async (proxy) => {
      const url = new URL(database.url);
      url.port = String(proxy.port);
      const store = open(url.href);
      for (;;) {
        const last = !writing;
        counts.rounds += 1;
        try {
          const done = await store.feed.sequence(50);
          if (done.kind === "busy") counts.busy += 1;
          else if (last && done.count === 0) return;
        } catch {
          counts.failed += 1;
        }
      }
    });
    await Promise.all(
      numbers(20).map(async (order) => {
        for (const _ of numbers(200)) await advance(writer, `o${order}`);
      }),
    );
    // Quick rounds are few: entries go on coming until enough of them were cut.
    let written = 4_000;
    for (; counts.failed <= CUT_ROUNDS; written += 1) await advance(writer, "o0");
    isCutting = false;
    writing = false;
    await Promise.all(sequencers);
    const cuts = proxies.reduce((sum, proxy) => sum + proxy.cuts(), 0);
    const entries = await whole(writer, 500);
    console.log(
      `feed: entries ${entries.length}, sequencers 2, rounds ${counts.rounds}, cut ${cuts}, ` +
        `failed ${counts.failed}, busy ${counts.busy}, flaws ${flaws(entries).length}`,
    );
    expect(flaws(entries)).toEqual([]);
    expect(entries).toHaveLength(written);
    await Promise.all(proxies.map((proxy) => proxy.close()));
  }, 120_000);

  test("goes on by another server when the one that numbers stops in the middle", async () => {
    const store = open();
    await advance(store, "o1");
    const stopped = await connected();
    await stopped.query("begin; select pg_advisory_xact_lock(7, 7)");
    expect(await store.feed.sequence(10)).toEqual({ kind: "busy" });
    // The database ends the transaction of a server that is gone; of one that hangs, after five seconds.
    await stopped.end();
    await expect.poll(() => appended(store, 10)).toBe(1);
  });
});

async function appended(store: Store, limit: number): Promise<number> {
  const done = await store.feed.sequence(limit);
  return done.kind === "appended" ? done.count : 0;
}

async function migrated(db: Db, migrations: Record<string, Migration>): Promise<void> {
  const { error } = await new Migrator({
    ...{ db, provider: { getMigrations: async () => migrations } },
    ...{ migrationTableName: "kysely_again", migrationLockTableName: "kysely_again_lock" },
  }).migrateToLatest();
  expect(error).toBeUndefined();
}

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return client;
}

/** What those would read who take an entry's instant, or a number that its transaction drew, for a cursor. */
const BY_TIME =
  "select order_id as id, at::text from entries where at > $1::timestamptz order by at, order_id";
const BY_DRAW = `
  select order_ids[1] as id, id::text as drawn from feed_batches
  where id > $1 order by feed_batches.id`;

const LATE_ENTRY = `
  with entry as (
    insert into entries (order_id, revision, at, type, line, hash)
    values ('late', 1, clock_timestamp(), 'GREET', '{}', 'h')
  ), head as (
    insert into orders (id, process, version, digest, revision, status, snapshot, last_hash, at, created_at, updated_at)
    values ('late', 'service-visit', '1.0.0', 'd', 1, 'active', '{}', 'h', now(), now(), now())
  )
  insert into feed_batches (order_ids, revisions) values (array['late'], array[1])`;
