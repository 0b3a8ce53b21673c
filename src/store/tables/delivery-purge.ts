/** Forgets what nobody waits for any more: deliveries that arrived, or are dead for long, lanes that are empty, the rest of removed webhooks. */

import { sql } from "kysely";

import { fromNow, type Context } from "../context.ts";
import type { DeliveriesKept } from "../contracts/deliveries.ts";
import { CHECKPOINT_TYPE } from "../contracts/merkle-log.ts";

/** An order's transaction that still saw the webhook may tell it until then. */
const REMOVED_FOR_MS = 3_600_000;
const HOUR_MS = 3_600_000;

/** @returns how many rows went */
export async function purgeDeliveries(
  context: Context,
  { arrivedMs, deadMs }: DeliveriesKept,
  limit: number,
): Promise<number> {
  const { db } = context;
  const before = fromNow(context, -arrivedMs);
  const deadBefore = fromNow(context, -deadMs);
  const arrived = await sql`
    delete from deliveries where (order_id, webhook_id, number) in (
      select order_id, webhook_id, number from deliveries
      where state = 'delivered' and ended_at < ${before} limit ${limit}
    )`.execute(db);
  // Of those that come every second, what arrived is of no interest an hour later: the next one said it, too.
  const ofNoOrder = await sql`
    delete from deliveries where (order_id, webhook_id, number) in (
      select order_id, webhook_id, number from webhooks join deliveries
        on deliveries.order_id = webhooks.id and deliveries.webhook_id = webhooks.id
      where type = ${CHECKPOINT_TYPE} and state = 'delivered'
        and ended_at < ${fromNow(context, -HOUR_MS)} limit ${limit}
    )`.execute(db);
  // By webhook and instant of creation, as their index has them; what died then was made before.
  const dead = await sql`
    delete from deliveries where (order_id, webhook_id, number) in (
      select order_id, webhook_id, number from deliveries
      where webhook_id in (select id from webhooks) and state = 'dead'
        and created_at < ${deadBefore} and ended_at < ${deadBefore} limit ${limit}
    ) and state = 'dead'`.execute(db);
  const orphaned = await sql`
    delete from deliveries where (order_id, webhook_id, number) in (
      select order_id, webhook_id, number from deliveries
      where webhook_id in (select id from webhooks where removed_at is not null) limit ${limit}
    )`.execute(db);
  // A lane numbers its deliveries, so it stays as long as one of them does.
  const lanes = await sql`
    delete from delivery_lanes where (order_id, webhook_id) in (
      select order_id, webhook_id from delivery_lanes
      where (idle_since < ${before} or webhook_id in (select id from webhooks where removed_at is not null))
        and not exists (
          select from deliveries
          where deliveries.order_id = delivery_lanes.order_id
            and deliveries.webhook_id = delivery_lanes.webhook_id
        )
      limit ${limit}
      for update skip locked
    )`.execute(db);
  const webhooks = await sql`
    delete from webhooks where removed_at < ${fromNow(context, -REMOVED_FOR_MS)}
      and not exists (select from delivery_lanes where webhook_id = webhooks.id)
      and not exists (select from deliveries where webhook_id = webhooks.id)`.execute(db);
  return [arrived, ofNoOrder, dead, orphaned, lanes, webhooks].reduce(
    (sum, { numAffectedRows }) => sum + Number(numAffectedRows ?? 0n),
    0,
  );
}
