/** Table `timers`: pending timers only; a row is deleted in the transaction that fires or cancels its timer. */

import { sql } from "kysely";

import type { Context } from "../context.ts";
import type { DueTimer, NewTimer, Timers } from "../contracts/time.ts";
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
    due: (limit) =>
      offered(db)
        .where("test_clock", "is", null)
        .where("due_at", "<=", context.instant())
        .limit(limit)
        .execute(),
    dueOn: (testClock, until, limit) =>
      offered(db)
        .where("test_clock", "=", testClock)
        .where("due_at", "<=", sql<number>`${timestamp(until)}::timestamptz`)
        .limit(limit)
        .execute(),
    next: async () => {
      const query = offered(db).where("test_clock", "is", null).limit(1);
      return (await query.executeTakeFirst())?.dueAt ?? null;
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

function offered(db: Db) {
  return db
    .selectFrom("timers")
    .select(["order_id as orderId", "id", "due_at as dueAt"])
    .where("stuck", "=", sql<boolean>`false`)
    .orderBy("due_at")
    .orderBy("order_id")
    .orderBy(IN_ORDER_OF_SETTING)
    .$castTo<DueTimer>();
}

/** Ids are `revision.position`: as texts, 10.1 would come before 9.1, and on some databases' collations 11.1 before 1.12. */
const IN_ORDER_OF_SETTING = sql`length(split_part(id, '.', 1)), split_part(id, '.', 1) collate "C",
  length(id), id collate "C"`;
