/**
 * What autovacuum does on a server, where there is none: a transition leaves the row before it dead, and inside a process
 * nobody else clears it away (seen: 31 visits of 55 entries left 190 KB each in `orders`, of which 7 KB lived).
 */

import { sql } from "kysely";

import type { Db } from "./database.ts";

/** So many dead rows, and a fifth of the living: a round takes tens of milliseconds, and all else waits for it. */
const MIN_DEAD = 500;
const DEAD_SHARE = 0.2;

/**
 * Clears the table in which the dead outnumber the living most, when it is worth it: by number alone the same busy table
 * would be the worst each time (seen: `feed_batches` grew by 64 bytes a transition and was never cleared).
 * @returns whether it was worth it
 */
export async function vacuumOne(db: Db): Promise<boolean> {
  // Counts are kept back for a second unless they are asked for.
  await sql`select pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ readonly name: string }>`
    select relname::text as name from pg_stat_user_tables
    where schemaname = current_schema() and n_dead_tup > ${MIN_DEAD} + ${DEAD_SHARE}::float8 * n_live_tup
    order by n_dead_tup / (n_live_tup + ${MIN_DEAD}::float8) desc limit 1`.execute(db);
  const [worst] = rows;
  if (worst === undefined) return false;
  await sql`vacuum ${sql.table(worst.name)}`.execute(db);
  return true;
}
