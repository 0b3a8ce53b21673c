/** Table `order_subjects`: whose data an order holds, where it is not its own; written with the order, and never changed. */

import { sql, type RawBuilder } from "kysely";

import type { Db } from "../database.ts";

export interface OrderSubjectsTable {
  readonly order_id: string;
  /** The keystore's tag. */
  readonly subject: string;
}

export async function insertSubject(db: Db, orderId: string, subject: string): Promise<void> {
  await db.insertInto("order_subjects").values({ order_id: orderId, subject }).execute();
}

/** Of an archived order, whose own row has gone. @param orderId an SQL expression */
export function subjectOf(orderId: RawBuilder<unknown>): RawBuilder<string | null> {
  return sql<string | null>`(select subject from order_subjects where order_id = ${orderId})`;
}

export async function ordersOfSubject(
  db: Db,
  subject: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("order_subjects")
    .select("order_id")
    .where("subject", "=", subject)
    .where("order_id", ">", after ?? "")
    .orderBy("order_id")
    .limit(limit)
    .execute();
  return rows.map(({ order_id: orderId }) => orderId);
}
