/** Takes away what is kept of a person beside the histories, in every table that may hold something. */

import { sql, type RawBuilder } from "kysely";

import type { Context } from "../context.ts";
import type { Persons } from "../contracts/persons.ts";
import type { SealedBox } from "../contracts/sealed.ts";
import type { Db } from "../database.ts";
import { withdrawIn, withdrawOf } from "./messages.ts";
import { eraseRecords } from "./idempotency.ts";
import { eraseWords } from "./incidents.ts";
import { restrictionsOn } from "./restrictions.ts";
import { commitmentBytes } from "./sealed.ts";

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
    erase: async (orderIds, boxes) => {
      let values = 0;
      // One order after the other: where orders are spread over machines, what is written touches one.
      for (const orderId of orderIds) values += await erase(context, orderId, boxes?.get(orderId));
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
  orderId: string,
  boxes: readonly SealedBox[] | undefined,
): Promise<number> {
  const { db } = context;
  const wanted = db.deleteFrom("sealed_boxes").where("order_id", "=", orderId);
  const boxed =
    boxes === undefined
      ? await wanted.executeTakeFirst()
      : await wanted.where(sql<boolean>`(commitment, box) in (${pairs(boxes)})`).executeTakeFirst();
  const clear = await db.deleteFrom("sealed").where("order_id", "=", orderId).executeTakeFirst();
  await eraseWords(db, orderId);
  const businessKey = await businessKeyOf(db, orderId);
  if (businessKey !== null) await withdrawOf(context, businessKey);
  return Number(boxed.numDeletedRows) + Number(clear.numDeletedRows);
}

function pairs(boxes: readonly SealedBox[]): RawBuilder<unknown> {
  const bytes = (all: readonly Uint8Array[]): string[] =>
    all.map((each) => Buffer.from(each).toString("base64"));
  return sql`select decode(commitment, 'base64'), decode(box, 'base64') from unnest(
    ${bytes(boxes.map(({ commitment }) => commitmentBytes(commitment)))}::text[],
    ${bytes(boxes.map(({ box }) => box))}::text[]) as dead (commitment, box)`;
}

async function businessKeyOf(db: Db, orderId: string): Promise<string | null> {
  const order = await db
    .selectFrom("orders")
    .select("business_key")
    .where("id", "=", orderId)
    .executeTakeFirst();
  if (order !== undefined) return order.business_key;
  const archived = await db
    .selectFrom("archived_orders")
    .select("business_key")
    .where("id", "=", orderId)
    .executeTakeFirst();
  return archived?.business_key ?? null;
}
