/**
 * Checkpoints: an order's snapshot at some revision; the entries after it are replayed. An order whose own `snapshot` is
 * null stands at its checkpoint and the entries after it, and a release that knows of no checkpoints replays its whole
 * history.
 */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table snapshots (
      order_id text primary key,
      revision integer not null check (revision >= 1),
      at timestamptz not null,
      digest text not null,
      hash text not null,
      text text not null
    ) with (fillfactor = 50)`.execute(db);
}
