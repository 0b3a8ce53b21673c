/**
 * Open tasks, and what lists of orders are filtered by. Names out of a definition may be longer than an index holds: it
 * holds their beginnings. An order whose `projected` is not its revision was last written
 * by a release that knew neither tags nor tasks: servers catch it up from its history.
 */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table tasks (
      order_id text not null,
      item text not null,
      state text not null,
      id text not null,
      process text not null,
      centre text,
      role text,
      opened_at timestamptz not null,
      due_at timestamptz,
      test_clock text,
      assignee text,
      primary key (order_id, id)
    )`.execute(db);
  await sql`create index tasks_longest on tasks (opened_at, order_id, id)`.execute(db);
  await sql`create index tasks_of_role on tasks (left(role, 200), centre, opened_at, order_id, id)`.execute(
    db,
  );
  await sql`create index tasks_of_centre on tasks (centre, opened_at, order_id, id)`.execute(db);
  await sql`
    create index tasks_of_assignee on tasks (assignee, opened_at, order_id, id)
    where assignee is not null`.execute(db);
  await sql`
    alter table orders
    add column tags text[] not null default '{}',
    add column projected integer`.execute(db);
  await sql`
    create index orders_behind on orders (id)
    where projected is distinct from revision`.execute(db);
  await sql`create index orders_tags on orders using gin (tags)`.execute(db);
  await sql`
    create index orders_of_centre on orders (centre, updated_at desc, id desc)`.execute(db);
  await sql`
    create index orders_of_process on orders (process, updated_at desc, id desc)`.execute(db);
  await sql`
    create index orders_of_step on orders (left(step, 200), updated_at desc, id desc)
    where step is not null`.execute(db);
  await sql`
    create index orders_active on orders (updated_at desc, id desc)
    where status = 'active'`.execute(db);
  await sql`
    create index orders_stuck on orders (updated_at desc, id desc)
    where open_incidents > 0`.execute(db);
  await sql`create index timers_stuck on timers (order_id) where stuck`.execute(db);
}
