/** Messages that came before an order waited for them, kept until one does or their time ends. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table messages (
      id text primary key,
      name text not null,
      correlation text not null,
      lane text not null,
      business_key text,
      payload text,
      sub text not null,
      roles text[] not null,
      centres text[],
      state text not null check (state in ('kept', 'delivered', 'refused', 'expired', 'withdrawn')),
      created_at timestamptz not null,
      expires_at timestamptz not null,
      ended_at timestamptz,
      order_id text,
      revision integer,
      code text,
      check ((state = 'kept') = (payload is not null)),
      check ((state = 'kept') = (ended_at is null))
    )`.execute(db);
  await sql`
    create index messages_lane on messages (lane, created_at, id) where state = 'kept'`.execute(db);
  await sql`create index messages_of_key on messages (business_key) where state = 'kept'`.execute(
    db,
  );
  await sql`create index messages_expiring on messages (expires_at) where state = 'kept'`.execute(
    db,
  );
  await sql`create index messages_kept_by on messages (sub) where state = 'kept'`.execute(db);
  await sql`create index messages_ended on messages (ended_at) where state <> 'kept'`.execute(db);
  await sql`create index messages_newest on messages (created_at desc, id desc)`.execute(db);
}
