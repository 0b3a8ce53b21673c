/** Table `timers`: pending timers only; a row is deleted in the transaction that fires or cancels its timer. */

import { sql, type RawBuilder } from "kysely";

import { stilled, type Context } from "../context.ts";
import type { DueTimer, NewTimer, OrderShare, Timers } from "../contracts/time.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { timestamp } from "../timestamp.ts";

export interface TimersTable {
  readonly order_id: string;
  readonly id: string;
  readonly due_at: TimestampColumn;
  /** The order's test clock; null: the database's clock. */
  readonly test_clock: string | null;
  /** An incident on it is open. */
  readonly stuck: boolean;
}

export function timersOn(context: Context): Timers {
  const { db } = context;
  return {
    // As a subselect the clock is read once, so that it bounds the scan of the index.
    due: async (limit, share) => {
      const now = await stilled(context);
      const isDue = sql`test_clock is null and due_at <= (select ${now.instant()})`;
      const due = await offered(now, isDue, limit, share);
      // What is due is not taken for early, however long ago the clock was last asked.
      for (const { dueAt } of due) context.onReached?.(dueAt);
      return due;
    },
    dueOn: (testClock, until, limit) => {
      const instant = sql`${timestamp(until)}::timestamptz`;
      return offered(context, sql`test_clock = ${testClock} and due_at <= ${instant}`, limit);
    },
    next: async () => {
      const query = db.selectFrom("timers").select("due_at").where("test_clock", "is", null);
      const pending = query
        .where("stuck", "=", sql<boolean>`false`)
        .orderBy("due_at")
        .limit(1);
      return (await pending.executeTakeFirst())?.due_at ?? null;
    },
  };
}

export async function insertTimers(
  db: Db,
  orderId: string,
  testClock: string | null,
  timers: readonly NewTimer[],
): Promise<void> {
  if (timers.length === 0) return;
  const rows = timers.map(({ id, dueAt }) => ({
    ...{ order_id: orderId, id, due_at: timestamp(dueAt) },
    ...{ test_clock: testClock, stuck: false },
  }));
  await db.insertInto("timers").values(rows).execute();
}

export async function deleteTimers(db: Db, orderId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .deleteFrom("timers")
    .where("order_id", "=", orderId)
    .where(sql<boolean>`id = any(${[...ids]}::text[])`)
    .execute();
}

/** @returns false when the timer is not there (any more) */
export async function markTimer(
  db: Db,
  orderId: string,
  id: string,
  stuck: boolean,
): Promise<boolean> {
  const row = await db
    .updateTable("timers")
    .set({ stuck })
    .where("order_id", "=", orderId)
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * The orders of the earliest ones, and of these orders all: so no timer comes before an earlier one of its order, and the
 * index need not tell apart thousands that are due at one instant. (The offset keeps the look for each order one by the
 * primary key: as a join, all that is due would be read for every page.)
 */
async function offered(
  { db, isDistributed }: Context,
  isDue: RawBuilder<unknown>,
  limit: number,
  share?: OrderShare,
): Promise<readonly DueTimer[]> {
  const isMine =
    share === undefined
      ? sql`true`
      : sql`hashtext(order_id) & ${share.of - 1}::integer = ${share.index}::integer`;
  if (isDistributed) return offeredApart(db, sql`${isDue} and not stuck`, isMine, limit);
  const { rows } = await sql<DueTimer>`
    select picked.order_id as "orderId", due.id, due.due_at as "dueAt"
    from (
      select distinct order_id from (
        select order_id from timers where ${isDue} and not stuck and ${isMine}
        order by due_at limit ${limit}
      ) as earliest
    ) as picked cross join lateral (
      select id, due_at from timers
      where timers.order_id = picked.order_id and ${isDue} and not stuck
      offset 0
    ) as due`.execute(db);
  return rows.toSorted(inOrderOfFiring).slice(0, limit);
}

/** The same as two reads of all shards; what fired between them is no sign that nothing else is due. */
async function offeredApart(
  db: Db,
  isDue: RawBuilder<unknown>,
  isMine: RawBuilder<unknown>,
  limit: number,
): Promise<readonly DueTimer[]> {
  const { rows: earliest } = await sql<{ readonly id: string }>`
    select order_id as id from timers where ${isDue} and ${isMine}
    order by due_at limit ${limit}`.execute(db);
  if (earliest.length === 0) return [];
  const ids = [...new Set(earliest.map(({ id }) => id))];
  const { rows } = await sql<DueTimer>`
    select order_id as "orderId", id, due_at as "dueAt" from timers
    where order_id = any(${ids}::text[]) and ${isDue}`.execute(db);
  if (rows.length === 0) return offeredApart(db, isDue, isMine, limit);
  return rows.toSorted(inOrderOfFiring).slice(0, limit);
}

/** Ids are `revision.position`: as texts, 10.1 would come before 9.1, and 11.1 before 1.12. */
function inOrderOfFiring(one: DueTimer, other: DueTimer): number {
  if (one.dueAt !== other.dueAt) return one.dueAt - other.dueAt;
  if (one.orderId !== other.orderId) return one.orderId < other.orderId ? -1 : 1;
  const [revision, otherRevision] = [
    one.id.split(".", 1)[0] ?? "",
    other.id.split(".", 1)[0] ?? "",
  ];
  return asNumbers(revision, otherRevision) || asNumbers(one.id, other.id);
}

function asNumbers(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}
