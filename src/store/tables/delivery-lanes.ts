/** Table `delivery_lanes`: one row per order and webhook, claimed by one server at a time; its head is what is sent next. */

import { sql, type Selectable } from "kysely";

import { fromNow, readClock, type Context } from "../context.ts";
import type {
  ClaimedDelivery,
  ClaimLanes,
  DeliveryAttempt,
  DeliveryEnd,
  LaneLease,
} from "../contracts/deliveries.ts";
import type { TimestampColumn } from "../database.ts";
import { ArchiveDetached } from "../errors.ts";
import { timestamp } from "../timestamp.ts";
import { archivePlace } from "./archive-places.ts";
import { archivedEntryAt } from "./archived-entries.ts";
import { archivedOrder } from "./archived-orders.ts";
import type { DeliveriesTable } from "./deliveries.ts";
import type { WebhooksTable } from "./webhooks.ts";

export interface DeliveryLanesTable {
  readonly order_id: string;
  readonly webhook_id: string;
  /** Of the delivery that was queued last. */
  readonly last_number: number;
  readonly pending: number;
  /** Null: nothing is pending. While it is claimed, when the lease ends. */
  readonly next_at: TimestampColumn | null;
  readonly lease_token: string | null;
  /** The first failure since the last success. */
  readonly failing_since: TimestampColumn | null;
  /** Since when nothing is pending. */
  readonly idle_since: TimestampColumn | null;
}

const TOKEN_BYTES = 16;
/** More of one delivery are not kept: the oldest go. */
const MOST_ATTEMPTS = 50;

/** Two statements: what is read under the lease must be no older than the lease. */
export async function claimLanes(
  context: Context,
  { free, each, limit, leaseMs }: ClaimLanes,
): Promise<readonly ClaimedDelivery[]> {
  const { db } = context;
  const token = newToken(context);
  const { rows: lanes } = await sql<Pick<LaneLease, "orderId" | "webhookId">>`
    with picked as materialized (
      select lane.order_id, lane.webhook_id
      from webhooks
      left join unnest(${[...free.keys()]}::text[], ${[...free.values()]}::integer[])
        as known (id, free) using (id)
      cross join lateral (
        select order_id, webhook_id from delivery_lanes
        where webhook_id = webhooks.id and next_at <= ${context.instant()}
        order by next_at
        limit coalesce(known.free, ${each}::integer)
        for update skip locked
      ) as lane
      where disabled is null and removed_at is null
      limit ${limit}
    )
    update delivery_lanes set lease_token = ${token}, next_at = ${fromNow(context, leaseMs)}
    from picked
    where delivery_lanes.order_id = picked.order_id and delivery_lanes.webhook_id = picked.webhook_id
    returning picked.order_id as "orderId", picked.webhook_id as "webhookId"`.execute(db);
  return lanes.length === 0 ? [] : heads(context, lanes, token);
}

interface HeadRow
  extends
    Selectable<DeliveriesTable>,
    Pick<Selectable<WebhooksTable>, "url" | "secrets" | "roles" | "centres" | "created_by"> {
  readonly failing_since: number | null;
  readonly business_key: string | null;
  readonly centre: string | null;
  readonly outcome: string | null;
  readonly line: string | null;
}

async function heads(
  context: Context,
  lanes: readonly Pick<LaneLease, "orderId" | "webhookId">[],
  token: string,
): Promise<readonly ClaimedDelivery[]> {
  const { rows } = await sql<HeadRow>`
    select head.*, delivery_lanes.failing_since, webhooks.url, webhooks.secrets, webhooks.roles,
      webhooks.centres, webhooks.created_by, orders.business_key, orders.centre, orders.outcome, entries.line
    from unnest(
      ${lanes.map(({ orderId }) => orderId)}::text[], ${lanes.map(({ webhookId }) => webhookId)}::text[]
    ) as claimed (order_id, webhook_id)
    join delivery_lanes on delivery_lanes.order_id = claimed.order_id
      and delivery_lanes.webhook_id = claimed.webhook_id and lease_token = ${token}
    join webhooks on webhooks.id = claimed.webhook_id
    cross join lateral (
      select * from deliveries
      where deliveries.order_id = claimed.order_id and deliveries.webhook_id = claimed.webhook_id
        and state = 'pending'
      order by number
      limit 1
    ) as head
    left join orders on orders.id = head.order_id
    left join entries on entries.order_id = head.order_id and entries.revision = head.revision`.execute(
    context.db,
  );
  const now = await readClock(context);
  const whole = await Promise.all(rows.map((row) => fromArchive(context, row)));
  return whole.map((row) => claimedOf(row, token, now));
}

/** A dead delivery may be sent again when its order has gone long ago. A test is of no order. */
async function fromArchive(context: Context, row: HeadRow): Promise<HeadRow> {
  const { order_id: id, webhook_id: webhookId, revision } = row;
  if (row.line !== null || id === webhookId) return row;
  const place = await archivePlace(context.db, id);
  if (place === null) return row;
  try {
    const order = await archivedOrder(context, id, { centres: "*" });
    const entry = await archivedEntryAt(context.db, place, { revision });
    if (order === null || entry === null) return row;
    const { businessKey, centre, outcome } = order;
    return { ...row, business_key: businessKey, centre, outcome, line: entry.line };
  } catch (error) {
    // Its month is not here: this delivery fails, and no other.
    if (error instanceof ArchiveDetached) return row;
    throw error;
  }
}

function claimedOf(row: HeadRow, token: string, now: number): ClaimedDelivery {
  const { number, type, revision, subject, tries, attempts, line, url, secrets, roles } = row;
  const orderId = row.order_id;
  const webhookId = row.webhook_id;
  return {
    ...{ id: row.event_id, orderId, webhookId, type, revision, subject, tries, attempts },
    ...{ createdAt: row.created_at, queuedAt: row.queued_at, failingSince: row.failing_since },
    ...{ url, secrets, roles, centres: row.centres ?? "*", createdBy: row.created_by, now },
    lease: { orderId, webhookId, number, token },
    order:
      line === null
        ? null
        : { businessKey: row.business_key, centre: row.centre, outcome: row.outcome, line },
  };
}

export interface EndedAttempt {
  readonly lease: LaneLease;
  readonly attempt: DeliveryAttempt;
  readonly end: DeliveryEnd;
}

/**
 * One statement: the count of what is pending is judged on the lane's row as it is when its lock was got, so an event
 * that is queued at the same time is never forgotten. Lanes are locked in the order in which they are queued into.
 *
 * @param ended no two of one lane @returns of each, whether its lease still held
 */
export async function finishAll(
  context: Context,
  ended: readonly EndedAttempt[],
): Promise<readonly boolean[]> {
  const column = <Value>(of: (each: EndedAttempt) => Value) => ended.map(of);
  const now = sql`(select now from clock)`;
  const { rows } = await sql<Pick<LaneLease, "orderId" | "webhookId">>`
    with clock as materialized (select ${context.instant()} as now), ended as materialized (
      select *, case kind when 'retry' then 0 else 1 end as ends
      from unnest(
        ${column(({ lease }) => lease.orderId)}::text[], ${column(({ lease }) => lease.webhookId)}::text[],
        ${column(({ lease }) => lease.number)}::integer[], ${column(({ lease }) => lease.token)}::text[],
        ${column(({ end }) => end.kind)}::text[],
        ${column(({ end }) => (end.kind === "retry" ? end.inMs : 0))}::float8[],
        ${column(({ end }) => STATES[end.kind])}::text[],
        ${column(({ attempt }) => timestamp(attempt.at))}::timestamptz[],
        ${column(({ attempt }) => JSON.stringify([attempt]))}::text[]
      ) as each (order_id, webhook_id, number, token, kind, in_ms, state, at, attempt)
    ), held as materialized (
      select held.order_id, held.webhook_id from delivery_lanes as held
      join ended using (order_id, webhook_id) where lease_token = token
      order by held.order_id, held.webhook_id for update of held
    ), lane as (
      update delivery_lanes set lease_token = null, pending = pending - ends,
        next_at = case when kind = 'retry' then ${now} + in_ms * interval '1 millisecond'
          when pending > 1 then ${now} end,
        failing_since = case when kind = 'delivered' then null else coalesce(failing_since, at) end,
        idle_since = case when pending = ends then ${now} end
      from ended join held using (order_id, webhook_id)
      where delivery_lanes.order_id = ended.order_id and delivery_lanes.webhook_id = ended.webhook_id
        and lease_token = token
      returning ended.*
    )
    update deliveries set state = lane.state, tries = tries + 1,
      ended_at = case when ends = 1 then ${now} end,
      attempts = case when jsonb_array_length(attempts) < ${MOST_ATTEMPTS}::integer
        then attempts else attempts - 0 end || lane.attempt::jsonb
    from lane
    where deliveries.order_id = lane.order_id and deliveries.webhook_id = lane.webhook_id
      and deliveries.number = lane.number
    returning lane.order_id as "orderId", lane.webhook_id as "webhookId"`.execute(context.db);
  const recorded = new Set(rows.map(nameOf));
  return ended.map(({ lease }) => recorded.has(nameOf(lease)));
}

function nameOf({ orderId, webhookId }: Pick<LaneLease, "orderId" | "webhookId">): string {
  return JSON.stringify([orderId, webhookId]);
}

const STATES = { delivered: "delivered", retry: "pending", dead: "dead" } as const;

export async function release(
  context: Context,
  { orderId, webhookId, token }: LaneLease,
): Promise<void> {
  await context.db
    .updateTable("delivery_lanes")
    .set({ lease_token: null, next_at: sql<string>`${context.instant()}` })
    .where("order_id", "=", orderId)
    .where("webhook_id", "=", webhookId)
    .where("lease_token", "=", token)
    .execute();
}

/** @param except ids of webhooks that get nothing at the moment */
export async function dueIn(context: Context, except: readonly string[]): Promise<number | null> {
  const { rows } = await sql<{ readonly ms: number | null }>`
    select ceil(extract(epoch from min(lane.next_at) - ${context.instant()}) * 1000)::float8 as ms
    from webhooks cross join lateral (
      select next_at from delivery_lanes
      where webhook_id = webhooks.id and next_at is not null
      order by next_at limit 1
    ) as lane
    where disabled is null and removed_at is null and id <> all(${[...except]}::text[])`.execute(
    context.db,
  );
  const ms = rows[0]?.ms ?? null;
  return ms === null ? null : Math.max(0, ms);
}

function newToken({ ports }: Context): string {
  const bytes = ports.random?.(TOKEN_BYTES) ?? crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return Buffer.from(bytes).toString("base64url");
}
