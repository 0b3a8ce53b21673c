/** Queues what happened to orders for every webhook that wants to know, in the transaction in which it happened. */

import { sql, type RawBuilder } from "kysely";

import type { Context } from "../context.ts";
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
  context: Context,
  scene: Scene,
  occurrences: readonly Occurrence[],
): Promise<void> {
  // Planning the statement costs some twenty times this look, and most servers have nobody to tell.
  if (await isAnyEnabled(context.db)) await announceToAll(context, scene, occurrences);
}

/** The same where the look was taken in another statement of the transaction, after its first write. */
export async function announceToAll(
  { db, isDistributed }: Context,
  scene: Scene,
  occurrences: readonly Occurrence[],
): Promise<void> {
  if (isDistributed) return announceApart(db, scene, occurrences);
  const { orderId, centre, revision, now } = scene;
  const told = announcements([{ orderId, occurrences }]);
  await sql`
    with written as (
      select ${orderId}::text as order_id, ${centre}::text as centre, ${revision}::integer as revision
    ), ${announced({
      ...{ orders: sql`written`, at: instantOf(now) },
      orderIds: textArray(told.orderIds),
      names: textArray(told.names),
      types: textArray(told.types),
      subjects: textArray(told.subjects),
    })}
    select`.execute(db);
}

/** For that webhook alone, whatever it wants to know, and in a lane that is no order's. */
export async function announceTo(
  db: Db,
  webhookId: string,
  event: { readonly id: string; readonly type: string },
  now: EpochMs,
): Promise<void> {
  const events = ofNoOrder(sql`${webhookId}::text`, { ...event, subject: null });
  await sql`with ${queued(events, sql`webhooks.id = ${webhookId}`, instantOf(now))} select`.execute(
    db,
  );
}

/**
 * For all webhooks that name the type, and not by a prefix: it comes every second. Where so many wait that the endpoint
 * must be down, none is added: the next one that arrives says what they say.
 */
export async function announceOfNoOrder(
  db: Db,
  event: { readonly id: string; readonly type: string; readonly subject: string },
  most: number,
  now: EpochMs,
): Promise<void> {
  const wanted = sql`${event.type}::text = any(events) and not exists (
    select from delivery_lanes as full_lane
    where full_lane.order_id = webhooks.id and full_lane.webhook_id = webhooks.id
      and full_lane.pending >= ${most}::integer)`;
  const events = ofNoOrder(sql`webhooks.id`, event);
  await sql`with ${queued(events, wanted, instantOf(now))} select`.execute(db);
}

function ofNoOrder(
  webhookId: RawBuilder<unknown>,
  event: { readonly id: string; readonly type: string; readonly subject: string | null },
): RawBuilder<unknown> {
  return sql`
    select ${webhookId} as order_id, 0 as revision, ${event.id}::text as event_id,
      ${event.type}::text as type, ${event.subject}::text as subject, null::text as centre, 1 as place`;
}

/** One element per occurrence; those of one order in the order in which they are told. */
export interface Announcements {
  readonly orderIds: readonly string[];
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly subjects: readonly (string | null)[];
}

/** What happened in many orders, as the arrays that `announced` takes. */
export function announcements(
  told: readonly { readonly orderId: string; readonly occurrences: readonly Occurrence[] }[],
): Announcements {
  const all = told.flatMap(({ orderId, occurrences }) =>
    occurrences.map((occurrence) => ({ orderId, ...occurrence })),
  );
  return {
    orderIds: all.map(({ orderId }) => orderId),
    names: all.map(({ name }) => name),
    types: all.map(({ type }) => type),
    subjects: all.map(({ subject }) => subject),
  };
}

/** Expressions of a statement: an `Announcements` as parameters, and the instant by the database's clock. */
export interface Announced extends Readonly<Record<keyof Announcements, RawBuilder<unknown>>> {
  /** A CTE before this one with the columns `order_id`, `centre` and `revision`: what is of no order in it is not told. */
  readonly orders: RawBuilder<unknown>;
  readonly at: RawBuilder<unknown>;
}

/**
 * The part of a statement that tells of many orders at once: CTEs, to go behind the one that locked and wrote the orders.
 * Where nobody is told it costs next to nothing.
 */
export function announced(parts: Announced): RawBuilder<unknown> {
  const { orders, orderIds, names, types, subjects, at } = parts;
  const events = sql`
    select happened.order_id, revision, happened.order_id || '_' || name as event_id, type, subject,
      centre, place
    from unnest(${orderIds}, ${names}, ${types}, ${subjects})
      with ordinality as happened (order_id, name, type, subject, place)
    join ${orders} as moved on moved.order_id = happened.order_id`;
  return queued(events, IS_WANTED, at);
}

/** Of a webhook and an event. */
const IS_WANTED = sql`(centres is null or centre = any(centres)) and exists (
    select from unnest(events) as pattern
    where pattern = type or (right(pattern, 1) = '*' and starts_with(type, left(pattern, -1)))
  )`;

interface Told {
  readonly webhook_id: string;
  readonly event_id: string;
  readonly type: string;
  readonly subject: string | null;
}

/** The same as statements of one order each: who is told, the lanes, the deliveries. */
async function announceApart(
  db: Db,
  { orderId, centre, revision, now }: Scene,
  occurrences: readonly Occurrence[],
): Promise<void> {
  const { names, types, subjects } = announcements([{ orderId, occurrences }]);
  const { rows: told } = await sql<Told>`
    select webhooks.id as webhook_id, ${orderId}::text || '_' || name as event_id, type, subject
    from webhooks cross join (
      select *, ${centre}::text as centre
      from unnest(${textArray(names)}, ${textArray(types)}, ${textArray(subjects)})
        with ordinality as happened (name, type, subject, place)
    ) as event
    where disabled is null and removed_at is null and ${IS_WANTED}
    order by webhooks.id, place`.execute(db);
  const byWebhook = Map.groupBy(told, (row) => row.webhook_id);
  if (byWebhook.size === 0) return;
  const at = timestamp(now);
  const lanes = [...byWebhook].map(([webhook_id, { length: count }]) => ({
    ...{ order_id: orderId, webhook_id, last_number: count, pending: count, next_at: at },
  }));
  const numbered = await db
    .insertInto("delivery_lanes")
    .values(lanes)
    .onConflict((conflict) =>
      conflict.columns(["order_id", "webhook_id"]).doUpdateSet({
        last_number: sql`delivery_lanes.last_number + excluded.last_number`,
        pending: sql`delivery_lanes.pending + excluded.pending`,
        next_at: sql`coalesce(delivery_lanes.next_at, excluded.next_at)`,
        idle_since: null,
      }),
    )
    .returning(["webhook_id", "last_number"])
    .execute();
  const deliveries = numbered.flatMap(({ webhook_id, last_number }) => {
    const events = byWebhook.get(webhook_id) ?? [];
    const first = last_number - events.length + 1;
    return events.map((event, index) => ({
      ...{ ...event, order_id: orderId, number: first + index, revision },
      ...{ state: "pending" as const, created_at: at, queued_at: at, tries: 0, attempts: "[]" },
    }));
  });
  await db.insertInto("deliveries").values(deliveries).execute();
}

/**
 * A lane's row is locked by the upsert, so that whoever ends the delivery before these counts them too, and numbers them
 * by itself: no sequence, whose order would not be the commits'. Lanes are taken in one order, so that two transactions
 * never wait for each other.
 */
function queued(
  events: RawBuilder<unknown>,
  wanted: RawBuilder<unknown>,
  at: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`told as materialized (
      select webhooks.id as webhook_id, event.*,
        row_number() over (partition by webhooks.id, order_id order by place) as step,
        count(*) over (partition by webhooks.id, order_id) as steps
      from webhooks cross join lateral (${events}) as event
      where disabled is null and removed_at is null and ${wanted}
    ), lane as (
      insert into delivery_lanes (order_id, webhook_id, last_number, pending, next_at)
      select order_id, webhook_id, steps, steps, ${at}
      from told where step = 1 order by order_id, webhook_id
      on conflict (order_id, webhook_id) do update set
        last_number = delivery_lanes.last_number + excluded.last_number,
        pending = delivery_lanes.pending + excluded.pending,
        next_at = coalesce(delivery_lanes.next_at, excluded.next_at),
        idle_since = null
      returning order_id, webhook_id, last_number
    ), delivery as (
      insert into deliveries
        (order_id, webhook_id, number, event_id, type, revision, subject, created_at, queued_at)
      select order_id, webhook_id, last_number - steps + step, event_id, type, revision, subject, ${at}, ${at}
      from told join lane using (order_id, webhook_id)
    )`;
}

function instantOf(now: EpochMs): RawBuilder<unknown> {
  return sql`${timestamp(now)}::timestamptz`;
}

function textArray(texts: readonly (string | null)[]): RawBuilder<unknown> {
  return sql`${[...texts]}::text[]`;
}
