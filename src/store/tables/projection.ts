/** Catches orders up that the release before wrote: their tags and tasks; no others are touched. */

import { sql } from "kysely";

import type { Context } from "../context.ts";
import type { OrdersBehind, Projection } from "../contracts/tasks.ts";
import { listed } from "./orders.ts";
import { wholeOrders } from "./snapshots.ts";
import { insertTasks } from "./tasks.ts";

export async function ordersBehind(
  context: Context,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<OrdersBehind> {
  const orders = context.db.selectFrom("orders").selectAll().where(IS_BEHIND);
  const rows = await orders.where("id", ">", after).orderBy("id").limit(limit).execute();
  const { orders: items, damaged } = await wholeOrders(context, rows);
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { items, damaged, next: last?.id ?? null };
}

export async function project(
  { db }: Context,
  { orderId, revision, tags, tasks }: Projection,
): Promise<boolean> {
  const order = await db
    .updateTable("orders")
    .set({ tags: listed(tags), projected: revision })
    .where("id", "=", orderId)
    .where("revision", "=", revision)
    .where(IS_BEHIND)
    .returning(["process", "centre", "test_clock as testClock"])
    .executeTakeFirst();
  if (order === undefined) return false;
  const ids = tasks.map(({ id }) => id);
  const kept = await db
    .selectFrom("tasks")
    .select("id")
    .where("order_id", "=", orderId)
    .where(sql<boolean>`id = any(${ids}::text[])`)
    .execute();
  const known = new Set(kept.map(({ id }) => id));
  await db
    .deleteFrom("tasks")
    .where("order_id", "=", orderId)
    .where(sql<boolean>`id <> all(${ids}::text[])`)
    .execute();
  const missing = tasks.filter(({ id }) => !known.has(id));
  await insertTasks(db, { ...order, orderId }, missing);
  return true;
}

const IS_BEHIND = sql<boolean>`is_behind`;
