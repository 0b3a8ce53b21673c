/** Takes away what is kept of a person beside the histories, in every table that may hold something. */

import { sql, type RawBuilder } from "kysely";

import type { Context } from "../context.ts";
import type { Persons } from "../contracts/persons.ts";
import type { Db } from "../database.ts";
import { withdrawIn, withdrawOf } from "./messages.ts";
import { eraseRecords } from "./idempotency.ts";
import { eraseWords } from "./incidents.ts";
import { restrictionsOn } from "./restrictions.ts";

export function personsOn(context: Context): Persons {
  const { db } = context;
  return {
    ...restrictionsOn(context),
    orders: async (subject) => {
      const { count } = await db
        .selectFrom("order_subjects")
        .select(sql<number>`count(*)::integer`.as("count"))
        .where("subject", "=", subject)
        .executeTakeFirstOrThrow();
      return count;
    },
    erase: async (orderIds, only) => {
      // Where orders are spread over machines, what is written touches one.
      const together = context.isDistributed ? orderIds.map((id) => [id]) : [orderIds];
      let values = 0;
      for (const ids of together) values += await erase(context, ids, only);
      return values;
    },
    withdraw: (lanes) => withdrawIn(context, lanes),
    boxesOf: async (orderId) => {
      const rows = await db
        .selectFrom("sealed_boxes")
        .select([sql<string>`encode(commitment, 'hex')`.as("commitment"), "box"])
        .where("order_id", "=", orderId)
        .execute();
      return rows;
    },
    eraseAnswers: (orderIds) => eraseRecords(context, orderIds),
  };
}

async function erase(
  context: Context,
  orderIds: readonly string[],
  only: ReadonlyMap<string, readonly string[]> | undefined,
): Promise<number> {
  const { db } = context;
  const isTheirs = sql<boolean>`order_id = any(${[...orderIds]}::text[])`;
  const boxes = db.deleteFrom("sealed_boxes").where(isTheirs);
  const boxed = await (only === undefined ? boxes : boxes.where(isAmong(only))).executeTakeFirst();
  const clear = await db.deleteFrom("sealed").where(isTheirs).executeTakeFirst();
  await eraseWords(db, orderIds);
  await withdrawOf(context, await businessKeysOf(db, orderIds));
  return Number(boxed.numDeletedRows) + Number(clear.numDeletedRows);
}

/** @param only commitments by the order's id */
function isAmong(only: ReadonlyMap<string, readonly string[]>): RawBuilder<boolean> {
  const pairs = [...only].flatMap(([id, commitments]) => commitments.map((each) => [id, each]));
  return sql<boolean>`(order_id, commitment) in (
    select order_id, decode(commitment, 'hex') from unnest(
      ${pairs.map(([id]) => id)}::text[], ${pairs.map(([, commitment]) => commitment)}::text[]
    ) as dead (order_id, commitment))`;
}

async function businessKeysOf(db: Db, orderIds: readonly string[]): Promise<readonly string[]> {
  const ids = sql`any(${[...orderIds]}::text[])`;
  const { rows } = await sql<{ readonly key: string }>`
    select business_key as key from orders where id = ${ids} and business_key is not null
    union
    select business_key from archived_orders where id = ${ids} and business_key is not null`.execute(
    db,
  );
  return rows.map(({ key }) => key);
}
