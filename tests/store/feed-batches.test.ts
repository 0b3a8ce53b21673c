/** Entries that wait in batches: numbered in parts, and in one line with what a server of the release before writes. */

import { sql, type RawBuilder } from "kysely";
import { expect, test } from "vitest";

import type { Database, Db } from "../../src/store/database.ts";
import { queueInFeed } from "../../src/store/tables/feed.ts";
import { seeded } from "../support/cutting-proxy.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { flaws, whole } from "./conformance/feed.ts";
import { advance, numbers } from "./fixtures.ts";

describeOnDatabases("entries that wait in batches", (open, kind, raw) => {
  test("are numbered as many at a time as are wanted, wherever a batch ends", async () => {
    const store = await open();
    const { db } = await raw();
    for (const id of ["o1", "o2", "o3"]) await advance(store, id);
    expect(await store.feed.sequence(100)).toMatchObject({ count: 3 });
    await move(db, ["o1", "o2", "o3"]);
    await move(db, ["o3", "o1"]);
    await move(db, ["o2"]);
    const done = [];
    for (const limit of [2, 2, 1, 9]) done.push(await store.feed.sequence(limit));
    expect(done).toEqual(
      [
        { count: 2, head: 5 },
        { count: 2, head: 7 },
        { count: 1, head: 8 },
        { count: 1, head: 9 },
      ].map((each) => ({ kind: "appended", ...each })),
    );
    expect(await store.backlog()).toMatchObject({ feedPending: 0 });
    const entries = await whole(store);
    expect(flaws(entries)).toEqual([]);
    expect(entries).toHaveLength(9);
  });

  test("are numbered without a look at all orders", async () => {
    const store = await open();
    const { db } = await raw();
    await advance(store, "o1");
    await sql`
      insert into orders (id, process, version, digest, revision, status, last_hash, at, created_at, updated_at, projected)
      select 'other' || number, process, version, digest, 1, status, last_hash, at, created_at, updated_at, 1
      from orders cross join generate_series(1, 20000) as number`.execute(db);
    await sql`analyze orders`.execute(db);
    await move(db, ["o1"]);
    const read = await db.transaction().execute(async (inner) => {
      await sql`select from feed_sequence(100)`.execute(inner);
      const { rows } = await sql<{ readonly read: number }>`
        select sum(seq_tup_read)::integer as read
        from pg_stat_xact_user_tables where relname ~ '^orders'`.execute(inner);
      return rows[0]?.read;
    });
    expect(read).toBeLessThan(100);
  });

  test("wait as so many entries as they hold", async () => {
    const store = await open();
    const { db } = await raw();
    for (const id of ["o1", "o2"]) await advance(store, id);
    await move(db, ["o1", "o2"]);
    await writeAsBefore(db, "o1");
    expect(await store.backlog()).toMatchObject({ feedPending: 5 });
  });

  test("and those of the release before come in one line, whichever release numbers them", async () => {
    const store = await open();
    const one = await raw();
    const random = seeded(11);
    const ids = numbers(6).map((number) => `o${number}`);
    for (const id of ids) await advance(store, id);
    const counts = { old: 0, batches: 0, numberedByOld: 0 };
    let writing = true;
    const sequencing = [
      sequencer(async () => {
        const done = await store.feed.sequence(1 + Math.floor(random() * 9));
        return done.kind === "busy" || done.count > 0;
      }),
      sequencer(async () => {
        const count = await sequenceAsBefore(await raw(), 1 + Math.floor(random() * 9));
        counts.numberedByOld += count;
        return count > 0;
      }),
    ];
    async function sequencer(round: () => Promise<boolean>): Promise<void> {
      for (let wasWriting = true; ;) {
        const isMore = await round();
        if (!isMore && !wasWriting) return;
        wasWriting = writing;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    await Promise.all(
      numbers(4).map(async () => {
        for (const _ of numbers(60)) {
          const some = ids.filter(() => random() < 0.4);
          if (random() < 0.5) {
            await writeAsBefore(one.db, ids[Math.floor(random() * ids.length)] ?? "o1");
            counts.old += 1;
          } else if (some.length > 0) {
            await move(one.db, some);
            counts.batches += some.length;
          }
        }
      }),
    );
    writing = false;
    await Promise.all(sequencing);
    const entries = await whole(store);
    console.log(`feed (${kind}): ${JSON.stringify({ ...counts, entries: entries.length })}`);
    expect(flaws(entries)).toEqual([]);
    expect(entries).toHaveLength(ids.length + counts.old + counts.batches);
  }, 60_000);
});

/** Many orders at once, as group commit writes them; two batches never wait for each other. */
async function move(db: Db, ids: readonly string[]): Promise<void> {
  await moved(db, ids, sql.raw(queueInFeed("entry")));
}

/** What a server of the release before does: row by row. */
async function writeAsBefore(db: Db, id: string): Promise<void> {
  await moved(
    db,
    [id],
    sql`insert into feed_pending (order_id, revision, process, centre, hash)
      select order_id, revision, 'service-visit', null::text, 'h' from entry`,
  );
}

async function moved(db: Db, ids: readonly string[], queued: RawBuilder<unknown>): Promise<void> {
  await db.transaction().execute((inner) =>
    sql`
      with locked as materialized (
        select id from orders where id = any(${[...ids]}::text[]) order by id for update
      ), head as (
        update orders set revision = revision + 1, projected = revision + 1
        from locked where orders.id = locked.id returning orders.id, revision
      ), entry as (
        insert into entries (order_id, revision, at, type, line, hash)
        select id, revision, now(), 'GREET', '{}', 'h' from head returning order_id, revision
      )
      ${queued}`.execute(inner),
  );
}

/** The statements of the release before. */
async function sequenceAsBefore({ db }: Database, limit: number): Promise<number> {
  return db.transaction().execute(async (inner) => {
    const { rows: locks } = await sql<{ readonly taken: boolean }>`
      select pg_try_advisory_xact_lock(7, 7) as taken`.execute(inner);
    if (locks[0]?.taken !== true) return 0;
    const { rows } = await sql<{ readonly count: number }>`
      with waiting as materialized (
        select *, row_number() over (order by arrival, revision) as place
        from (select * from feed_pending order by arrival limit ${limit}) as oldest
      ), taken as (
        delete from feed_pending using waiting
        where feed_pending.order_id = waiting.order_id and feed_pending.revision = waiting.revision
      ), last as (
        select coalesce(max(position), 0) as position from feed
      ), appended as (
        insert into feed (position, order_id, revision, process, centre, hash)
        select last.position + place, order_id, revision, process, centre, hash
        from waiting cross join last
        returning position
      )
      select count(*) as count, coalesce(max(position), (select position from last)) as head
      from appended`.execute(inner);
    return rows[0]?.count ?? 0;
  });
}
