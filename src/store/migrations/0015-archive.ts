/**
 * Where orders go when they have ended: partitions by the month in which they were closed, and a directory that says
 * which month that is. Entries lie packed, some 64 of an order in one row, because lines of one order repeat each other:
 * a visit of 55 entries takes 18.5 KB, and 61.6 KB as one row each. A hash in front of its line stands close to the next
 * line's `prev`: all 55 cost 0.4 KB. Sealed values stay where they are: what an
 * operator dumps of a month holds nothing that erasure must reach.
 */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table archive_places (
      order_id text primary key,
      closed_at timestamptz not null,
      centre text
    )`.execute(db);
  await createOrders(db);
  await sql`
    create table archived_entries (
      order_id text not null,
      closed_at timestamptz not null,
      first_revision integer not null,
      instants timestamptz[] not null,
      types text[] not null,
      records text[] not null,
      primary key (order_id, first_revision, closed_at)
    ) partition by range (closed_at)`.execute(db);
  // The walk over the closed ones needs an index on columns that no transition changes, or every update pays for it.
  await sql`
    create index orders_done on orders (created_at, id) where status = 'done'`.execute(db);
  if (await hasLz4(db)) {
    await sql`alter table archived_entries alter column records set compression lz4`.execute(db);
    await sql`
      alter table archived_orders
        alter column snapshot set compression lz4,
        alter column outbox set compression lz4`.execute(db);
  }
}

async function createOrders(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table archived_orders (
      id text not null,
      process text not null,
      version text not null,
      digest text not null,
      business_key text,
      centre text,
      revision integer not null,
      outcome text,
      step text,
      snapshot text,
      last_hash text not null,
      at timestamptz not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      test_clock text,
      tags text[] not null,
      outbox text not null,
      primary key (id, updated_at)
    ) partition by range (updated_at)`.execute(db);
  await sql`
    create index archived_orders_newest on archived_orders (updated_at desc, id desc)`.execute(db);
  await sql`
    create index archived_orders_of_centre on archived_orders (centre, updated_at desc, id desc)`.execute(
    db,
  );
  await sql`
    create index archived_orders_of_process on archived_orders (process, updated_at desc, id desc)`.execute(
    db,
  );
  await sql`
    create index archived_orders_business_key on archived_orders (business_key)
    where business_key is not null`.execute(db);
}

/** Whether the server was built with it; where it was not, columns keep the way of compression that there is. */
async function hasLz4(db: Kysely<unknown>): Promise<boolean> {
  const { rows } = await sql<{ readonly known: boolean }>`
    select 'lz4' = any(enumvals) as known from pg_settings
    where name = 'default_toast_compression'`.execute(db);
  return rows[0]?.known === true;
}
