/** Table `orders`: one row per order, its head columns and its cached snapshot; written by `change` and `incidents` only. */

import { sql, type RawBuilder, type Selectable } from "kysely";

import { equalsName, only, visible, type Context } from "../context.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { behind, pageOf, rowsWanted, sorted, type Keyset } from "../keyset.ts";
import type { OrderFilter, Orders, Page, Scope, StoredOrder } from "../store.ts";
import type { EpochMs, HistoryEntry, OrderHead, OrderStatus } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { selectEntries, upToBytes } from "./entries.ts";
import { checkpointOf, forgetSnapshots, storedOrder, storedOrders } from "./snapshots.ts";
import { isOverdue } from "./tasks.ts";

export interface OrdersTable {
  readonly id: string;
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  readonly business_key: string | null;
  readonly centre: string | null;
  readonly revision: number;
  readonly status: "active" | "done";
  readonly open_incidents: number;
  readonly outcome: string | null;
  readonly step: string | null;
  /** Null: to be rebuilt from the checkpoint and the entries after it. */
  readonly snapshot: string | null;
  readonly last_hash: string;
  readonly at: TimestampColumn;
  readonly created_at: TimestampColumn;
  readonly updated_at: TimestampColumn;
  readonly test_clock: string | null;
  readonly tags: readonly string[];
  /** Revision that tags and open tasks are of; another one than `revision`, or null: see `Tasks.behind`. */
  readonly projected: number | null;
}

export type OrderRow = Selectable<OrdersTable>;

export function ordersOn(context: Context): Orders {
  const { db } = context;
  return {
    get: async (id, scope) => {
      const query = db.selectFrom("orders").selectAll().where("id", "=", id).where(visible(scope));
      const row = await query.executeTakeFirst();
      return row === undefined ? null : storedOrder(context, row);
    },
    list: (filter, scope) => list(context, filter, scope),
    history: async (id, { after, limit, bytes }, scope) => {
      const query = visibleEntries(db, id, scope).where("revision", ">", after);
      const page = query.orderBy("revision").limit(limit);
      return bytes === undefined ? page.execute() : upToBytes(db, page, bytes).execute();
    },
    entryAt: async (id, point, scope) => {
      const entries = visibleEntries(db, id, scope);
      const query =
        "revision" in point
          ? entries.where("revision", "=", point.revision)
          : entries.where("at", "<=", sql<number>`${timestamp(point.time)}::timestamptz`);
      return (await query.orderBy("revision", "desc").limit(1).executeTakeFirst()) ?? null;
    },
    checkpoint: (id) => checkpointOf(db, id),
    forgetSnapshots: (id) => forgetSnapshots(context, id),
  };
}

export interface LockedOrder {
  readonly current: StoredOrder | null;
  readonly now: EpochMs;
  /** Whether its tags and tasks are those of its revision; false: the release before wrote it last. */
  readonly isProjected: boolean;
}

/** Locks the row until the transaction's end, and only then reads the clock (`now`, in the same round trip). */
export async function lockOrder(context: Context, id: string): Promise<LockedOrder> {
  // The clock stands outside the locking CTE: it is read when the locked row has come out of it.
  const { rows } = await sql<OrderRow & { readonly now: EpochMs }>`
    with locked as materialized (select * from orders where id = ${id} for update)
    select locked.*, clock_timestamp() as now
    from (select 1) as one left join locked on true`.execute(context.db);
  const { now: databaseNow, ...row } = only(rows);
  const now = context.ports.clock?.() ?? databaseNow;
  const current = row.id === null ? null : await storedOrder(context, row);
  return { current, now, isProjected: row.projected === row.revision };
}

/** Needs the order's lock. */
export async function statusOf(db: Db, id: string): Promise<OrderStatus> {
  const query = db.selectFrom("orders").select(["status", "open_incidents"]);
  const row = await query.where("id", "=", id).executeTakeFirstOrThrow();
  return row.open_incidents > 0 ? "incident" : row.status;
}

/** Inserts the order's row, for `writeEntry`; none when another transaction created the order first. */
export function newOrder(
  db: Db,
  id: string,
  head: OrderHead,
  entry: HistoryEntry,
  testClock: string | null,
  now: EpochMs,
): RawBuilder<unknown> {
  const inserted = db
    .insertInto("orders")
    .values({
      ...{ id, open_incidents: 0, test_clock: testClock, ...headColumns(head, entry) },
      ...{ created_at: timestamp(now), updated_at: timestamp(now), projected: entry.revision },
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id");
  return sql`${inserted}`;
}

/**
 * Moves the order's row on by one revision, for `writeEntry`. Where its tasks were those of the revision before, they
 * follow.
 * @param closedIncidents how many of its incidents the same transaction closed
 */
export function movedOrder(
  db: Db,
  id: string,
  head: OrderHead,
  entry: HistoryEntry,
  closedIncidents: number,
  now: EpochMs,
): RawBuilder<unknown> {
  const { revision } = entry;
  const updated = db
    .updateTable("orders")
    .set((row) => ({
      ...headColumns(head, entry),
      projected: sql<number>`case when projected = revision then ${revision}::integer else projected end`,
      open_incidents: row("open_incidents", "-", closedIncidents),
      updated_at: latest(now),
    }))
    .where("id", "=", id)
    .where("revision", "=", revision - 1)
    .returning("id");
  return sql`${updated}`;
}

export async function countIncidents(
  db: Db,
  id: string,
  change: 1 | -1,
  now: EpochMs,
): Promise<void> {
  await db
    .updateTable("orders")
    .set((row) => ({
      open_incidents: row("open_incidents", "+", change),
      updated_at: latest(now),
    }))
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirstOrThrow();
}

const NEWEST_CHANGE: Keyset = {
  list: "orders",
  columns: [
    ["updated_at", "instant"],
    ["id", "text"],
  ],
  direction: "desc",
};

async function list(
  context: Context,
  filter: OrderFilter,
  scope: Scope,
): Promise<Page<StoredOrder>> {
  const rows = await filtered(context, filter)
    .where(visible(scope))
    .where(behind(NEWEST_CHANGE, filter))
    .orderBy(sorted(NEWEST_CHANGE))
    .limit(rowsWanted(filter))
    .execute();
  const page = pageOf(NEWEST_CHANGE, filter, rows, (row) => [row.updated_at, row.id]);
  return { ...page, items: await storedOrders(context, page.items) };
}

function filtered(context: Context, filter: OrderFilter) {
  const { process, version, status, step, centre, businessKey, tag, overdue } = filter;
  const equal = Object.entries({ process, version, centre, business_key: businessKey });
  let query = context.db.selectFrom("orders").selectAll();
  for (const [column, value] of equal) {
    if (value !== undefined) query = query.where(sql<boolean>`${sql.ref(column)} = ${value}`);
  }
  if (step !== undefined) query = query.where(equalsName("step", step));
  if (tag !== undefined) query = query.where(sql<boolean>`tags @> array[${tag}]::text[]`);
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

function headColumns(head: OrderHead, { revision, hash, at }: HistoryEntry) {
  const { businessKey, tags, snapshot, ...columns } = head;
  return {
    ...columns,
    snapshot: snapshot.text,
    tags: listed(tags),
    business_key: businessKey,
    revision,
    last_hash: hash,
    at: timestamp(at),
  };
}

/** In characters; the index of tags holds no longer ones, and nobody can ask for them. */
const MAX_TAG_LENGTH = 200;

/** Those by which the order is found. */
export function listed(tags: readonly string[]): readonly string[] {
  return tags.filter(({ length }) => length <= MAX_TAG_LENGTH);
}

/** A change is never listed before an earlier one of the same order, whatever the clock does. */
function latest(now: EpochMs) {
  return sql<string>`greatest(updated_at, ${timestamp(now)}::timestamptz)`;
}
