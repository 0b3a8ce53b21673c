/** API keys of systems: who they are for and how long, and only the hashes of their secrets. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table api_keys (
      id text primary key,
      name text not null,
      roles text[] not null,
      centres text[],
      secret_hash text not null,
      previous_hash text,
      previous_until timestamptz,
      created_by text not null,
      created_at timestamptz not null,
      expires_at timestamptz,
      rotated_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      revoked_by text
    )`.execute(db);
  await sql`
    create index api_keys_newest on api_keys (created_at desc, id desc)
    where revoked_at is null`.execute(db);
}
