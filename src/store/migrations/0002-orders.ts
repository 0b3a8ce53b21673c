/**
 * Orders, their history, the personal values beside it, and the test clocks they may live by.
 * The tables of an order carry no foreign keys among each other: `change` is their only writer, it holds the order's row
 * lock, and without them every table can be distributed or partitioned by the order's id.
 */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table orders (
      id text primary key,
      process text not null,
      version text not null,
      digest text not null,
      business_key text,
      centre text,
      revision integer not null check (revision >= 1),
      status text not null check (status in ('active', 'done')),
      open_incidents integer not null default 0 check (open_incidents >= 0),
      outcome text,
      step text,
      snapshot text,
      last_hash text not null,
      at timestamptz not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      test_clock text
    ) with (fillfactor = 50)`.execute(db);
  await sql`create index orders_newest on orders (updated_at desc, id desc)`.execute(db);
  await sql`
    create index orders_business_key on orders (business_key)
    where business_key is not null`.execute(db);
  await sql`
    create index orders_open on orders (process, version) where status <> 'done'`.execute(db);
  await sql`
    create table entries (
      order_id text not null,
      revision integer not null,
      at timestamptz not null,
      type text not null,
      line text not null,
      hash text not null,
      primary key (order_id, revision)
    )`.execute(db);
  await sql`
    create table sealed (
      order_id text not null,
      commitment text not null,
      salt text not null,
      value text not null,
      primary key (order_id, commitment)
    )`.execute(db);
  await sql`
    create table test_clocks (
      id text primary key,
      now timestamptz not null,
      created_at timestamptz not null
    )`.execute(db);
}
