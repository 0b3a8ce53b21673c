/** Resources that can be held (bays, technicians, tools) and the intervals held of them. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table resources (id text primary key)`.execute(db);
  await sql`
    create table reservations (
      order_id text not null,
      job text not null,
      resource text not null references resources (id),
      starts_at timestamptz not null,
      ends_at timestamptz not null check (ends_at > starts_at),
      primary key (order_id, job, resource, starts_at)
    )`.execute(db);
  await sql`
    create index reservations_of_resource on reservations (resource, starts_at, ends_at)`.execute(
    db,
  );
}
