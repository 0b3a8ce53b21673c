/** Table `tasks`: open tasks only; rows come and go in the transaction that moves their order. */

import { sql, type RawBuilder } from "kysely";

import type { Context } from "../context.ts";
import type { NewTask, TaskChanges, TaskPlace } from "../contracts/tasks.ts";
import type { Db, TimestampColumn } from "../database.ts";
import type { OrderHead } from "../store.ts";
import { timestamp } from "../timestamp.ts";

export interface TasksTable {
  readonly order_id: string;
  /** Empty: the order's own. */
  readonly item: string;
  readonly state: string;
  readonly id: string;
  readonly process: string;
  readonly centre: string | null;
  readonly role: string | null;
  readonly opened_at: TimestampColumn;
  readonly due_at: TimestampColumn | null;
  /** The order's test clock; null: the database's clock. */
  readonly test_clock: string | null;
  readonly assignee: string | null;
}

/** Whose tasks they are, for the columns that lists are filtered by. */
export type TaskOwner = Pick<OrderHead, "process" | "centre"> & {
  readonly orderId: string;
  readonly testClock: string | null;
};

/** Needs the order's lock. */
export async function changeTasks(
  { db, isDistributed }: Pick<Context, "db" | "isDistributed">,
  owner: TaskOwner,
  { opened, closed }: TaskChanges,
): Promise<void> {
  if (closed.length === 0) return insertTasks(db, owner, opened);
  if (opened.length === 0 || isDistributed) {
    await closing(db, owner, closed).execute();
    return insertTasks(db, owner, opened);
  }
  // One that is opened again is another one, with an id of its own: neither part meets the other's rows.
  await db
    .with("closed", (inner) => closing(inner, owner, closed))
    .insertInto("tasks")
    .values(rowsOf(owner, opened))
    .execute();
}

export async function insertTasks(
  db: Db,
  owner: TaskOwner,
  tasks: readonly NewTask[],
): Promise<void> {
  if (tasks.length === 0) return;
  await db.insertInto("tasks").values(rowsOf(owner, tasks)).execute();
}

function rowsOf({ orderId, process, centre, testClock }: TaskOwner, tasks: readonly NewTask[]) {
  return tasks.map(({ item, state, id, role, openedAt, dueAt }) => ({
    ...{ order_id: orderId, item: item ?? "", state, id, process, centre, role },
    ...{ opened_at: timestamp(openedAt), due_at: dueAt === null ? null : timestamp(dueAt) },
    ...{ test_clock: testClock, assignee: null },
  }));
}

function closing(db: Pick<Db, "deleteFrom">, { orderId }: TaskOwner, places: readonly TaskPlace[]) {
  const items = places.map(({ item }) => item ?? "");
  const states = places.map(({ state }) => state);
  return db
    .deleteFrom("tasks")
    .where("order_id", "=", orderId)
    .where(
      sql<boolean>`(item, state) in (select * from unnest(${items}::text[], ${states}::text[]))`,
    );
}

/** Whether a task's due instant has come, by its order's clock. */
export function isOverdue(context: Context): RawBuilder<boolean> {
  return sql<boolean>`coalesce(tasks.due_at <= case when tasks.test_clock is null
    then (select ${context.instant()})
    else (select now from test_clocks where test_clocks.id = tasks.test_clock) end, false)`;
}
