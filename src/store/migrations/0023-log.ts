/**
 * The log over all entries: its tree's hashes in tiles of up to 256, the checkpoints that were signed of it, and the keys that
 * signed them. It follows the feed and starts out empty: what stands in the feed already is appended by the servers.
 */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table log_tiles (
      level integer not null,
      index bigint not null,
      hashes bytea not null check (octet_length(hashes) between 32 and 8192),
      primary key (level, index)
    ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)`.execute(
    db,
  );
  // Hashes don't compress, and to try costs more than to write them. In a row of its own page a tile is one read.
  await sql`alter table log_tiles alter column hashes set storage external`.execute(db);
  await sql`
    create table log_checkpoints (
      size bigint primary key,
      time timestamptz not null,
      key_id text not null,
      note text not null
    )`.execute(db);
  await sql`create index log_checkpoints_time on log_checkpoints (time)`.execute(db);
  await sql`
    create table log_keys (
      number integer primary key,
      key_id text not null unique,
      vkey text not null,
      since bigint not null,
      added_at timestamptz not null,
      vouched text
    )`.execute(db);
}
