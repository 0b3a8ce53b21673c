/** Who is told of what happens, and what is still to be told: webhooks, their lanes per order, their deliveries. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table webhooks (
      id text primary key,
      url text not null,
      description text,
      events text[] not null,
      roles text[] not null,
      centres text[],
      secrets jsonb not null,
      disabled text check (disabled in ('requested', 'gone')),
      created_by text not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      removed_at timestamptz
    )`.execute(db);
  await sql`
    create table delivery_lanes (
      order_id text not null,
      webhook_id text not null,
      last_number integer not null,
      pending integer not null check (pending >= 0),
      next_at timestamptz,
      lease_token text,
      failing_since timestamptz,
      idle_since timestamptz,
      primary key (order_id, webhook_id)
    ) with (fillfactor = 70)`.execute(db);
  await sql`
    create index delivery_lanes_due on delivery_lanes (webhook_id, next_at)
    where next_at is not null`.execute(db);
  await sql`
    create index delivery_lanes_idle on delivery_lanes (idle_since)
    where idle_since is not null`.execute(db);
  await createDeliveries(db);
}

/** `event_id` names what happened, the same for every webhook that is told; the pair of both names a delivery. */
async function createDeliveries(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table deliveries (
      order_id text not null,
      webhook_id text not null,
      number integer not null,
      event_id text not null,
      type text not null,
      revision integer not null,
      subject text,
      state text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
      created_at timestamptz not null,
      queued_at timestamptz not null,
      ended_at timestamptz,
      tries integer not null default 0,
      attempts jsonb not null default '[]',
      primary key (order_id, webhook_id, number)
    ) with (fillfactor = 70)`.execute(db);
  await sql`
    create index deliveries_pending on deliveries (order_id, webhook_id, number)
    where state = 'pending'`.execute(db);
  await sql`
    create unique index deliveries_of_webhook on deliveries (webhook_id, event_id, order_id)`.execute(
    db,
  );
  await sql`
    create index deliveries_newest on deliveries (webhook_id, created_at desc, order_id desc, number desc)`.execute(
    db,
  );
  await sql`
    create index deliveries_open on deliveries (webhook_id, state, created_at desc, order_id desc, number desc)
    where state <> 'delivered'`.execute(db);
  await sql`
    create index deliveries_ended on deliveries (ended_at) where state = 'delivered'`.execute(db);
}
