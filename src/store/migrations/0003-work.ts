/** What an order waits for and sends out: timers, jobs, outbox messages and incidents. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table timers (
      order_id text not null,
      id text not null,
      due_at timestamptz not null,
      test_clock text,
      stuck boolean not null default false,
      primary key (order_id, id)
    )`.execute(db);
  await sql`
    create index timers_due on timers (due_at)
    where test_clock is null and not stuck`.execute(db);
  await sql`
    create index timers_due_on_test_clock on timers (test_clock, due_at)
    where test_clock is not null and not stuck`.execute(db);
  await sql`
    create table jobs (
      order_id text not null,
      id text not null,
      type text not null,
      item text,
      input text not null,
      opened_at timestamptz not null,
      available_at timestamptz not null,
      attempts integer not null default 0,
      worker text,
      lease_token text,
      lease_until timestamptz,
      stuck boolean not null default false,
      primary key (order_id, id)
    )`.execute(db);
  await sql`create index jobs_available on jobs (type, available_at) where not stuck`.execute(db);
  await createOutbox(db);
  await createIncidents(db);
}

async function createOutbox(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table outbox (
      order_id text not null,
      revision integer not null,
      position integer not null,
      at timestamptz not null,
      type text not null,
      item text,
      params text not null,
      placeholder_values text,
      primary key (order_id, revision, position)
    )`.execute(db);
}

async function createIncidents(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table incidents (
      order_id text not null,
      number integer not null,
      process text not null,
      version text not null,
      centre text,
      revision integer not null,
      kind text not null check (kind in ('timer', 'job')),
      subject text not null,
      code text not null,
      detail text not null,
      pointer text,
      opened_at timestamptz not null,
      closed_at timestamptz,
      closed_by text,
      reason text,
      primary key (order_id, number)
    )`.execute(db);
  await sql`
    create unique index incidents_open on incidents (order_id, kind, subject)
    where closed_at is null`.execute(db);
  await sql`create index incidents_newest on incidents (opened_at desc, order_id desc, number desc)`.execute(
    db,
  );
}
