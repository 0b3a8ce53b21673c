/** The feed of all entries in one line, and those that wait for their position in it; older entries wait at first. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table feed (
      position bigint primary key check (position >= 1),
      order_id text not null,
      revision integer not null,
      process text not null,
      centre text,
      hash text not null,
      unique (order_id, revision)
    )`.execute(db);
  // Rows stay for milliseconds: the ordinary threshold would let the dead outnumber the living by far.
  await sql`
    create table feed_pending (
      order_id text not null,
      revision integer not null,
      process text not null,
      centre text,
      hash text not null,
      arrival bigint generated always as identity,
      primary key (order_id, revision)
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`.execute(db);
  await sql`create index feed_pending_arrival on feed_pending (arrival)`.execute(db);
  await sql`
    insert into feed_pending (order_id, revision, process, centre, hash)
    select entries.order_id, entries.revision, orders.process, orders.centre, entries.hash
    from entries join orders on orders.id = entries.order_id
    order by entries.at, entries.order_id, entries.revision`.execute(db);
}
