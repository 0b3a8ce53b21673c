/** Reads orders and their histories: those that live first, then those in the archive, so that none is missed on its way. */

import { sql, type RawBuilder } from "kysely";

import { visible, type Context } from "../context.ts";
import type { Db } from "../database.ts";
import { OrderDamaged } from "../errors.ts";
import { behind, pageOf, rowsWanted, sorted, type Keyset } from "../keyset.ts";
import type { OrderFilter, OrderPage, Orders, Scope, StoredOrder } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { placeFor } from "./archive-places.ts";
import { archivedEntryAt, archivedHistory } from "./archived-entries.ts";
import {
  archivedOrder,
  archivedRows,
  isArchived,
  withSnapshot,
  type ArchivedRow,
} from "./archived-orders.ts";
import { selectEntries, upToBytes } from "./entries.ts";
import { equalTo } from "./order-filter.ts";
import { walkOrdersOn } from "./order-walk.ts";
import { changedDuring, type OrderRow } from "./orders.ts";
import { checkpointOf, forgetSnapshots, orDamage, storedOrder, wholeOrders } from "./snapshots.ts";
import { isOverdue } from "./tasks.ts";

export function ordersOn(context: Context): Orders {
  const { db } = context;
  return {
    get: async (id, scope) => {
      const query = db.selectFrom("orders").selectAll().where("id", "=", id).where(visible(scope));
      const row = await query.executeTakeFirst();
      return row === undefined ? archivedOrder(context, id, scope) : storedOrder(context, row);
    },
    list: (filter, scope) => list(context, filter, scope),
    history: async (id, page, scope) => {
      const { after, limit, bytes } = page;
      const query = visibleEntries(db, id, scope).where("revision", ">", after);
      const wanted = query.orderBy("revision").limit(limit);
      const rows = await (bytes === undefined ? wanted : upToBytes(db, wanted, bytes)).execute();
      const place = rows.length === 0 ? await placeFor(db, id, scope) : null;
      return place === null ? rows : archivedHistory(db, place, page);
    },
    entryAt: async (id, point, scope) => {
      const entries = visibleEntries(db, id, scope);
      const query =
        "revision" in point
          ? entries.where("revision", "=", point.revision)
          : entries.where("at", "<=", sql<number>`${timestamp(point.time)}::timestamptz`);
      const row = await query.orderBy("revision", "desc").limit(1).executeTakeFirst();
      const place = row === undefined ? await placeFor(db, id, scope) : null;
      return place === null ? (row ?? null) : archivedEntryAt(db, place, point);
    },
    checkpoint: (id) => checkpointOf(db, id),
    walk: walkOrdersOn(context),
    forgetSnapshots: async (id) => {
      await forgetSnapshots(context, id);
      const archived = db.updateTable("archived_orders").set({ snapshot: null });
      await (id === undefined ? archived : archived.where("id", "=", id)).execute();
    },
  };
}

const NEWEST_CHANGE: Keyset = {
  list: "orders",
  columns: [
    ["updated_at", "instant"],
    ["id", "text"],
  ],
  direction: "desc",
};

/** Among the living. */
const NEWEST_AMONG_LIVING: Keyset = {
  ...NEWEST_CHANGE,
  steps: { column: "changed_during", of: changedDuring },
};

/** Two looks, the living first: an order that moves between them is found twice, never not at all. */
async function list(
  context: Context,
  filter: OrderFilter,
  scope: Scope,
): Promise<OrderPage<StoredOrder>> {
  const wanted = rowsWanted(filter);
  const living = await filtered(context, filter)
    .where(visible(scope))
    .where(behind(NEWEST_AMONG_LIVING, filter))
    .orderBy(sorted(NEWEST_AMONG_LIVING))
    .limit(wanted)
    .execute();
  const last = living.length === wanted ? living.at(-1) : undefined;
  const archived = await archivedRows(context, NEWEST_CHANGE, filter, scope, last);
  const rows = archived.length === 0 ? living : merged(living, archived).slice(0, wanted);
  const page = pageOf(NEWEST_CHANGE, filter, rows, (row) => [row.updated_at, row.id]);
  return { ...page, ...(await ordersOf(context, page.items)) };
}

async function ordersOf(
  context: Context,
  rows: readonly (OrderRow | ArchivedRow)[],
): Promise<Pick<OrderPage<StoredOrder>, "items" | "damaged">> {
  const archived = await Promise.all(
    rows.filter(isArchived).map((row) => orDamage(withSnapshot(context, row))),
  );
  const living = await wholeOrders(
    context,
    rows.filter((row) => !isArchived(row)),
  );
  const damaged = archived.filter((each) => each instanceof OrderDamaged);
  const whole = archived.flatMap((each) => (each instanceof OrderDamaged ? [] : [each]));
  const byId = new Map([...living.orders, ...whole].map((order) => [order.id, order]));
  return {
    items: rows.flatMap(({ id }) => byId.get(id) ?? []),
    damaged: [...living.damaged, ...damaged],
  };
}

/** Instants of both kinds meet by chance only; then the cursor needs an order, whichever. */
function merged(one: readonly OrderRow[], other: readonly OrderRow[]): readonly OrderRow[] {
  const byId = new Map([...other, ...one].map((row) => [row.id, row]));
  return [...byId.values()].toSorted(
    (a, b) => b.updated_at - a.updated_at || (a.id < b.id ? 1 : -1),
  );
}

function filtered(context: Context, filter: OrderFilter) {
  const { status, overdue } = filter;
  let query = context.db.selectFrom("orders").selectAll().where(equalTo(filter));
  if (overdue === true) query = query.where(sql<boolean>`id in (${overdueOrders(context)})`);
  if (overdue === false) query = query.where(sql<boolean>`not ${isOverdueOrder(context)}`);
  if (status === "incident") return query.where("open_incidents", ">", 0);
  if (status !== undefined) {
    return query.where("status", "=", status).where("open_incidents", "=", 0);
  }
  return query;
}

/** An open task past its due instant, or a timer that could not fire. */
function overdueOrders(context: Context): RawBuilder<unknown> {
  return sql`select order_id from tasks where ${isOverdue(context)}
    union all select order_id from timers where stuck`;
}

function isOverdueOrder(context: Context): RawBuilder<boolean> {
  return sql<boolean>`(exists (select from tasks where order_id = orders.id and ${isOverdue(context)})
    or exists (select from timers where order_id = orders.id and stuck))`;
}

function visibleEntries(db: Db, id: string, scope: Scope) {
  const order = db.selectFrom("orders").select("id").where("id", "=", id).where(visible(scope));
  return selectEntries(db, id).where((is) => is.exists(order));
}
