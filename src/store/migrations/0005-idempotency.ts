/** What was answered under which idempotency key, so that a request that comes again takes effect once. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table idempotency (
      id text primary key,
      fingerprint text not null,
      order_id text,
      revision integer,
      answer text not null,
      created_at timestamptz not null
    )`.execute(db);
  await sql`create index idempotency_oldest on idempotency (created_at)`.execute(db);
}
