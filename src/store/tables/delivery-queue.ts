/** Queues what happened to an order for every webhook that wants to know, in the transaction in which it happened. */

import { sql, type RawBuilder } from "kysely";

import type { Db } from "../database.ts";
import type { Occurrence } from "../contracts/deliveries.ts";
import type { EpochMs } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { isAnyEnabled } from "./webhooks.ts";

/** Where it happened, and when by the database's clock. */
export interface Scene {
  readonly orderId: string;
  readonly centre: string | null;
  readonly revision: number;
  readonly now: EpochMs;
}

/** Needs the order's lock: whoever tells of one order tells one after the other. */
export async function announce(
  db: Db,
  scene: Scene,
  occurrences: readonly Occurrence[],
): Promise<void> {
  // Planning the statement costs some twenty times this look, and most servers have nobody to tell.
  if (await isAnyEnabled(db)) await announceToAll(db, scene, occurrences);
}

/** The same where the look was taken in another statement of the transaction, after its first write. */
export async function announceToAll(
  db: Db,
  scene: Scene,
  occurrences: readonly Occurrence[],
): Promise<void> {
  const { centre } = scene;
  await queue(
    db,
    scene,
    occurrences.map(({ name, ...rest }) => ({ ...rest, id: `${scene.orderId}_${name}` })),
    sql`(centres is null or ${centre}::text = any(centres)) and exists (
      select from unnest(events) as pattern
      where pattern = type or (right(pattern, 1) = '*' and starts_with(type, left(pattern, -1)))
    )`,
  );
}

/** For that webhook alone, whatever it wants to know, and in a lane that is no order's. */
export async function announceTo(
  db: Db,
  webhookId: string,
  event: { readonly id: string; readonly type: string },
  now: EpochMs,
): Promise<void> {
  const scene = { orderId: webhookId, centre: null, revision: 0, now };
  await queue(db, scene, [{ ...event, subject: null }], sql`webhooks.id = ${webhookId}`);
}

interface QueuedEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
}

/**
 * The lane's row is locked by the upsert, so that whoever ends the delivery before these counts them too, and numbers
 * them by itself: no sequence, whose order would not be the commits'. Webhooks are taken in one order, so that two
 * transactions never wait for each other.
 */
async function queue(
  db: Db,
  { orderId, revision, now }: Scene,
  events: readonly QueuedEvent[],
  wanted: RawBuilder<unknown>,
): Promise<void> {
  const column = (of: (event: QueuedEvent) => string | null) => events.map(of);
  const at = sql`${timestamp(now)}::timestamptz`;
  await sql`
    with told as materialized (
      select webhooks.id as webhook_id, event.*,
        row_number() over (partition by webhooks.id order by place) as step,
        count(*) over (partition by webhooks.id) as steps
      from webhooks cross join unnest(
        ${column(({ id }) => id)}::text[], ${column(({ type }) => type)}::text[],
        ${column(({ subject }) => subject)}::text[]
      ) with ordinality as event (event_id, type, subject, place)
      where disabled is null and removed_at is null and ${wanted}
    ), lane as (
      insert into delivery_lanes (order_id, webhook_id, last_number, pending, next_at)
      select ${orderId}, webhook_id, steps, steps, ${at} from told where step = 1 order by webhook_id
      on conflict (order_id, webhook_id) do update set
        last_number = delivery_lanes.last_number + excluded.last_number,
        pending = delivery_lanes.pending + excluded.pending,
        next_at = coalesce(delivery_lanes.next_at, excluded.next_at),
        idle_since = null
      returning webhook_id, last_number
    )
    insert into deliveries
      (order_id, webhook_id, number, event_id, type, revision, subject, created_at, queued_at)
    select ${orderId}, webhook_id, last_number - steps + step, event_id, type, ${revision}::integer, subject, ${at}, ${at}
    from told join lane using (webhook_id)`.execute(db);
}
