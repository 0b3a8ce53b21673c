/**
 * Entries wait for their place in the feed one row per batch, no longer one each. A server of the release before still
 * queues row by row, and numbers what it finds there: an order's entries that wait in batches go before its own.
 */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await queueOverlooked(db);
  // An entry holds its hash itself, and its order's lock lets it be queued once: neither is worth an index of its own.
  await sql`
    alter table feed
      drop constraint feed_order_id_revision_key,
      alter column hash drop not null`.execute(db);
  // Up to 150 entries stay in their row, uncompressed: it is read once, some milliseconds later.
  await sql`
    create table feed_batches (
      id bigint generated always as identity primary key,
      order_ids text[] not null,
      revisions integer[] not null,
      check (cardinality(order_ids) >= 1 and cardinality(order_ids) = cardinality(revisions))
    ) with (
      toast_tuple_target = 8160,
      autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000
    )`.execute(db);
  await sql`alter table feed_batches alter column order_ids set storage main`.execute(db);
  await admitTheReleaseBefore(db);
}

/** What a release wrote that knew of no feed, as long as the index that tells it is there. */
async function queueOverlooked(db: Kysely<unknown>): Promise<void> {
  await sql`
    insert into feed_pending (order_id, revision, process, centre, hash)
    select entries.order_id, entries.revision, orders.process, orders.centre, entries.hash
    from orders join entries on entries.order_id = orders.id
    where orders.projected is distinct from orders.revision
      and not exists (select from feed
        where feed.order_id = entries.order_id and feed.revision = entries.revision)
      and not exists (select from feed_pending as waiting
        where waiting.order_id = entries.order_id and waiting.revision = entries.revision)
    order by entries.at, entries.order_id, entries.revision`.execute(db);
}

/**
 * Its sequencer sees the rows and not the batches. So where an entry of the same order waits in a batch, that batch and
 * all before it become rows first, under the sequencers' lock: rows are always older than batches.
 */
async function admitTheReleaseBefore(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function feed_pending_behind_batches() returns trigger language plpgsql as $$
    begin
      if not exists (select from feed_batches where new.order_id = any(order_ids)) then
        return new;
      end if;
      perform pg_advisory_xact_lock(7, 7);
      with moved as (
        delete from feed_batches
        where id <= (select max(id) from feed_batches where new.order_id = any(order_ids))
        returning id, order_ids, revisions
      )
      insert into feed_pending (order_id, revision, process, centre, hash)
      select entry.order_id, entry.revision, orders.process, orders.centre, entries.hash
      from moved
      cross join unnest(order_ids, revisions) with ordinality as entry (order_id, revision, place)
      join orders on orders.id = entry.order_id
      join entries on entries.order_id = entry.order_id and entries.revision = entry.revision
      order by moved.id, place;
      new.arrival := nextval(pg_get_serial_sequence('feed_pending', 'arrival'));
      return new;
    end $$`.execute(db);
  await sql`
    create trigger behind_batches before insert on feed_pending
    for each row when (pg_trigger_depth() = 0)
    execute function feed_pending_behind_batches()`.execute(db);
}
