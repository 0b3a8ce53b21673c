/** Tables `deliveries` and `delivery_lanes`: what is queued for webhooks, and what came of it. */

import { sql, type ColumnType, type Selectable } from "kysely";

import { readClock, type Context } from "../context.ts";
import type {
  Deliveries,
  DeliveryAttempt,
  DeliveryFilter,
  DeliveryState,
  StoredDelivery,
} from "../contracts/deliveries.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { gathered } from "../gathered.ts";
import { behind, pageOf, rowsWanted, sorted, type Keyset } from "../keyset.ts";
import type { Page } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { inTransaction } from "../transaction.ts";
import { claimLanes, dueIn, finishAll, release, type EndedAttempt } from "./delivery-lanes.ts";
import { purgeDeliveries } from "./delivery-purge.ts";
import { announceTo } from "./delivery-queue.ts";

export interface DeliveriesTable {
  readonly order_id: string;
  readonly webhook_id: string;
  /** Its place in its lane. */
  readonly number: number;
  readonly event_id: string;
  readonly type: string;
  readonly revision: number;
  readonly subject: string | null;
  readonly state: DeliveryState;
  readonly created_at: TimestampColumn;
  readonly queued_at: TimestampColumn;
  readonly ended_at: TimestampColumn | null;
  /** Since it was queued. */
  readonly tries: number;
  /** Written as JSON text. */
  readonly attempts: ColumnType<readonly DeliveryAttempt[], string, string>;
}

/** Attempts recorded by one statement. */
const MOST_ENDED = 100;

export function deliveriesOn(context: Context): Deliveries {
  const { db } = context;
  const finish = gathered(MOST_ENDED, (ended: readonly EndedAttempt[]) =>
    finishAll(context, ended),
  );
  return {
    claim: (request) => claimLanes(context, request),
    finish: (lease, attempt, end) => finish({ lease, attempt, end }),
    release: (lease) => release(context, lease),
    dueIn: (except) => dueIn(context, except),
    list: (webhookId, filter) => list(db, webhookId, filter),
    resend: (webhookId, id) => inTransaction(context, (inner) => resend(inner, webhookId, id)),
    test: async (webhookId, test) => {
      await announceTo(db, webhookId, test, await readClock(context));
      return get(db, webhookId, test.id);
    },
    purge: (olderThan, limit) => purgeDeliveries(context, olderThan, limit),
  };
}

type DeliveryRow = Selectable<DeliveriesTable> & { readonly next_at: number | null };

/** A head falls due when its lane does; the others wait for it. */
function selectDeliveries(db: Db, webhookId: string) {
  return db
    .selectFrom("deliveries")
    .selectAll()
    .select(
      sql<number | null>`(
        select next_at from delivery_lanes as lane
        where state = 'pending' and lane.order_id = deliveries.order_id
          and lane.webhook_id = deliveries.webhook_id and not exists (
            select from deliveries as before
            where before.order_id = deliveries.order_id and before.webhook_id = deliveries.webhook_id
              and before.state = 'pending' and before.number < deliveries.number
          )
      )`.as("next_at"),
    )
    .where("webhook_id", "=", webhookId);
}

async function get(db: Db, webhookId: string, id: string): Promise<StoredDelivery | null> {
  const row = await selectDeliveries(db, webhookId).where("event_id", "=", id).executeTakeFirst();
  return row === undefined ? null : deliveryOf(row);
}

const NEWEST: Keyset = {
  list: "deliveries",
  columns: [
    ["created_at", "instant"],
    ["order_id", "text"],
    ["number", "integer"],
  ],
  direction: "desc",
};

async function list(
  db: Db,
  webhookId: string,
  filter: DeliveryFilter,
): Promise<Page<StoredDelivery>> {
  const request = { ...filter, webhookId };
  let query = selectDeliveries(db, webhookId);
  if (filter.state !== undefined) query = query.where("state", "=", filter.state);
  if (filter.orderId !== undefined) query = query.where("order_id", "=", filter.orderId);
  const rows = await query
    .where(behind(NEWEST, request))
    .orderBy(sorted(NEWEST))
    .limit(rowsWanted(request))
    .execute();
  const page = pageOf(NEWEST, request, rows, (row) => [row.created_at, row.order_id, row.number]);
  return { ...page, items: page.items.map(deliveryOf) };
}

async function resend(
  context: Context,
  webhookId: string,
  id: string,
): Promise<StoredDelivery | null> {
  const { db } = context;
  const seen = await get(db, webhookId, id);
  if (seen === null) return null;
  const now = timestamp(await readClock(context));
  const { orderId } = seen;
  // The lane first, as everybody does: nobody ends the delivery meanwhile.
  await db
    .selectFrom("delivery_lanes")
    .select("pending")
    .where("order_id", "=", orderId)
    .where("webhook_id", "=", webhookId)
    .forUpdate()
    .execute();
  const again = await db
    .updateTable("deliveries")
    .set({ state: "pending", queued_at: now, ended_at: null, tries: 0 })
    .where("webhook_id", "=", webhookId)
    .where("event_id", "=", id)
    .where("state", "<>", "pending")
    .returning("number")
    .executeTakeFirst();
  await db
    .updateTable("delivery_lanes")
    .set((row) => ({
      pending: row("pending", "+", again === undefined ? 0 : 1),
      // Whoever holds the lane gives it back in time.
      next_at: sql<string>`case when lease_token is null then ${now}::timestamptz else next_at end`,
      idle_since: null,
    }))
    .where("order_id", "=", orderId)
    .where("webhook_id", "=", webhookId)
    .execute();
  return get(db, webhookId, id);
}

function deliveryOf(row: DeliveryRow): StoredDelivery {
  const { type, revision, subject, state, attempts } = row;
  return {
    ...{ id: row.event_id, orderId: row.order_id, webhookId: row.webhook_id },
    ...{ type, revision, subject, state, attempts },
    ...{ createdAt: row.created_at, endedAt: row.ended_at, nextAt: row.next_at },
  };
}
