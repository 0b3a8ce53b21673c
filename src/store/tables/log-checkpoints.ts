/** Table `log_checkpoints`: what was signed of the log; the one over most entries says what the log is. */

import { sql } from "kysely";

import { fromNow, only, type Context } from "../context.ts";
import type { StoredCheckpoint } from "../contracts/merkle-log.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { timestamp } from "../timestamp.ts";

export interface LogCheckpointsTable {
  readonly size: number;
  readonly time: TimestampColumn;
  readonly key_id: string;
  readonly note: string;
}

const COLUMNS = ["size", "time", "key_id as keyId", "note"] as const;
const DAY_MS = 86_400_000;

/** The feed's lock is (7, 7). */
const LOG_LOCK = sql`7, 8`;

/** Waits for whoever makes the log grow. */
export async function lockLog(db: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOG_LOCK})`.execute(db);
}

/** @returns false when another one makes the log grow */
export async function tryLockLog(db: Db): Promise<boolean> {
  const { rows } = await sql<{ readonly taken: boolean }>`
    select pg_try_advisory_xact_lock(${LOG_LOCK}) as taken`.execute(db);
  return only(rows).taken;
}

export async function newestCheckpoint(db: Db): Promise<StoredCheckpoint | null> {
  const query = db.selectFrom("log_checkpoints").select(COLUMNS).orderBy("size", "desc").limit(1);
  return (await query.executeTakeFirst()) ?? null;
}

export async function coveringCheckpoint(db: Db, size: number): Promise<StoredCheckpoint | null> {
  const query = db.selectFrom("log_checkpoints").select(COLUMNS).where("size", ">=", size);
  return (await query.orderBy("size").limit(1).executeTakeFirst()) ?? null;
}

export async function checkpointsAfter(
  db: Db,
  size: number,
  limit: number,
): Promise<readonly StoredCheckpoint[]> {
  const query = db.selectFrom("log_checkpoints").select(COLUMNS).where("size", ">", size);
  return query.orderBy("size").limit(limit).execute();
}

export async function checkpointsBefore(
  db: Db,
  size: number,
  limit: number,
): Promise<readonly StoredCheckpoint[]> {
  const query = db.selectFrom("log_checkpoints").select(COLUMNS).where("size", "<", size);
  return query.orderBy("size", "desc").limit(limit).execute();
}

/** How many entries the log had before an instant: those are older, or came late. */
export async function sizeBefore(db: Db, at: number): Promise<number> {
  const query = db
    .selectFrom("log_checkpoints")
    .select("size")
    .where(sql<boolean>`time < ${timestamp(at)}::timestamptz`);
  return (await query.orderBy("time", "desc").limit(1).executeTakeFirst())?.size ?? 0;
}

export async function insertCheckpoint(db: Db, checkpoint: StoredCheckpoint): Promise<void> {
  const { size, time, keyId, note } = checkpoint;
  await db
    .insertInto("log_checkpoints")
    .values({ size, time: timestamp(time), key_id: keyId, note })
    .execute();
}

/** Goes through one day at most, so that it stays short after years without it; the newest checkpoint always stays. */
export async function thinCheckpoints(context: Context): Promise<number> {
  const { rows } = await sql<{ readonly count: number }>`
    with old as materialized (
      select size, time, lead(time) over (order by size) as next from log_checkpoints
      where time < ${fromNow(context, -DAY_MS)} and time >= ${fromNow(context, -2 * DAY_MS)}
    ), gone as (
      delete from log_checkpoints using old
      where log_checkpoints.size = old.size
        and date_trunc('minute', old.next) = date_trunc('minute', old.time)
      returning 1
    )
    select count(*)::integer as count from gone`.execute(context.db);
  return only(rows).count;
}
