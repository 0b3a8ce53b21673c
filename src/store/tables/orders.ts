/** Table `orders`: one row per order, its head columns and its cached snapshot; written by `change` and `incidents` only. */

import { sql, type RawBuilder, type Selectable } from "kysely";

import { only, readClock, type Context } from "../context.ts";
import type { Db, GeneratedColumn, TimestampColumn } from "../database.ts";
import type { EpochMs, HistoryEntry, OrderHead, OrderStatus, StoredOrder } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { storedOrder } from "./snapshots.ts";

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
  /** The tag of whose data it holds; null: its own. */
  readonly subject: string | null;
  readonly tags: readonly string[];
  /** Revision that tags and open tasks are of; another one than `revision`, or null: see `Tasks.behind`. */
  readonly projected: number | null;
  /** When the four seconds began in which it was last changed: what indexes hold in place of `updated_at`. */
  readonly changed_during: GeneratedColumn<EpochMs>;
  /** Whether `projected` is not `revision`. */
  readonly is_behind: GeneratedColumn<boolean>;
}

export type OrderRow = Omit<Selectable<OrdersTable>, "changed_during" | "is_behind">;

/** As the database computes `changed_during` of `updated_at`. @param instant an SQL expression */
export function changedDuring(instant: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`date_bin('4 seconds', ${instant}, timestamptz '2000-01-01 00:00:00+00')`;
}

/** Orders changed at that instant or later, by the index. */
export function changedSince(instant: EpochMs): RawBuilder<boolean> {
  const since = sql`${timestamp(instant)}::timestamptz`;
  return sql<boolean>`(changed_during >= ${changedDuring(since)} and updated_at >= ${since})`;
}

export interface LockedOrder {
  readonly current: StoredOrder | null;
  readonly now: EpochMs;
  /** Whether its tags and tasks are those of its revision; false: the release before wrote it last. */
  readonly isProjected: boolean;
}

/** Locks the row until the transaction's end, and only then reads the clock (`now`, in the same round trip). */
export async function lockOrder(context: Context, id: string): Promise<LockedOrder> {
  if (context.isDistributed) return lockDistributed(context, id);
  // The clock stands outside the locking CTE: it is read when the locked row has come out of it.
  const { rows } = await sql<OrderRow & { readonly now: EpochMs }>`
    with locked as materialized (select * from orders where id = ${id} for update)
    select locked.*, clock_timestamp() as now
    from (select 1) as one left join locked on true`.execute(context.db);
  const { now: databaseNow, ...row } = only(rows);
  context.onClock?.(databaseNow);
  const now = context.ports.clock?.() ?? databaseNow;
  const current = row.id === null ? null : await storedOrder(context, row);
  return { current, now, isProjected: row.projected === row.revision };
}

/** The lock is on the order's machine, the clock is everybody's. */
async function lockDistributed(context: Context, id: string): Promise<LockedOrder> {
  const query = context.db.selectFrom("orders").selectAll().where("id", "=", id).forUpdate();
  const row = await query.executeTakeFirst();
  const now = await readClock(context);
  if (row === undefined) return { current: null, now, isProjected: false };
  const current = await storedOrder(context, row);
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
  { testClock, subject }: Pick<StoredOrder, "testClock" | "subject">,
  now: EpochMs,
): RawBuilder<unknown> {
  const inserted = db
    .insertInto("orders")
    .values({
      ...{ id, open_incidents: 0, test_clock: testClock, subject, ...headColumns(head, entry) },
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
