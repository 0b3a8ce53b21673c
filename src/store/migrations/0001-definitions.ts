/** Published definitions and each process's default version. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table definitions (
      process text not null,
      version text not null,
      digest text not null,
      canonical text not null,
      source text not null,
      format text not null check (format in ('yaml', 'json')),
      published_by text not null,
      published_at timestamptz not null,
      primary key (process, version)
    )`.execute(db);
  await sql`create index definitions_digest on definitions (digest)`.execute(db);
  await sql`
    create table default_versions (
      process text primary key,
      version text not null,
      set_by text not null,
      set_at timestamptz not null,
      foreign key (process, version) references definitions (process, version)
    )`.execute(db);
}
