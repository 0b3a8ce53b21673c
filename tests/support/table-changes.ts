/** Tells whether anything in the database changed between two looks, whichever table it is in. */

import { sql } from "kysely";
import type { Database } from "../../src/store/database.ts";

export interface TableChanges {
  /** @returns what changed since the last look, table by table; null: nothing */
  readonly since: () => Promise<string | null>;
}

/**
 * Records of requests, and when a key was last used, are written for refused requests too. Checkpoints hold what histories
 * say, and are written whenever an order rests.
 */
const WRITTEN_ANYWAY = /^(idempotency|kysely|snapshots)/;
const USED = "last_used_at";
const WHERE_USED = "api_keys";

export async function tableChanges(database: Database): Promise<TableChanges> {
  const tables = await tablesOf(database);
  let number = "";
  let known = "";
  return {
    since: async () => {
      // A transaction that writes takes a number, so where none was taken there is nothing to look for.
      const next = await nextTransaction(database);
      if (next === number) return null;
      const now = await fingerprint(database, tables);
      const changed = now === known ? null : diff(known, now);
      known = now;
      number = next;
      return changed;
    },
  };
}

async function tablesOf({ db }: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly name: string }>`
    select tablename as name from pg_tables where schemaname = current_schema() order by 1`.execute(
    db,
  );
  return rows.map(({ name }) => name).filter((name) => !WRITTEN_ANYWAY.test(name));
}

async function nextTransaction({ db }: Database): Promise<string> {
  const { rows } = await sql<{ readonly next: string }>`
    select pg_snapshot_xmax(pg_current_snapshot())::text as next`.execute(db);
  return rows[0]?.next ?? "";
}

/** One line per table: how many rows, and a sum over all their contents. */
async function fingerprint({ db }: Database, tables: readonly string[]): Promise<string> {
  const looks = tables.map((name) => {
    const row = name === WHERE_USED ? sql`(to_jsonb(t) - ${sql.lit(USED)})::text` : sql`t::text`;
    return sql`select ${sql.lit(name)} || ' ' || count(*) || ' ' || coalesce(sum(hashtext(${row})::bigint), 0) as line from ${sql.table(name)} t`;
  });
  const { rows } = await sql<{
    readonly line: string;
  }>`${sql.join(looks, sql` union all `)}`.execute(db);
  return rows.map(({ line }) => line).join("\n");
}

function diff(before: string, after: string): string {
  const lines = new Set(before.split("\n"));
  return after
    .split("\n")
    .filter((line) => !lines.has(line))
    .join(", ");
}
