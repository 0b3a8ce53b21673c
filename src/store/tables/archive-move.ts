/** Moves closed orders into the archive: a walk finds them, one statement per batch moves them as a whole. */

import { sql, type RawBuilder } from "kysely";

import { fromNow, type Context } from "../context.ts";
import type { Archived, ArchiveMark, ArchiveRequest } from "../contracts/archive.ts";
import { timestamp } from "../timestamp.ts";
import { makeRoom, monthsOf } from "./archive-months.ts";
import { monthOf } from "./archive-places.ts";
import { ENTRIES_PACKED, RECORD } from "./archived-entries.ts";
import { storedOrders } from "./snapshots.ts";

/** How many closed orders one look examines at most, whether they may be moved or not. */
const MAX_LOOK = 2_000;

interface Candidate {
  readonly id: string;
  readonly createdAt: number;
  readonly closedAt: number;
  readonly revision: number;
  readonly hasSnapshot: boolean;
  readonly mayMove: boolean;
}

export async function moveToArchive(context: Context, request: ArchiveRequest): Promise<Archived> {
  const seen = await look(context, request);
  const { chosen, last } = choose(seen, request.entries);
  const isAtEnd = last === seen.length && seen.length < seenAtOnce(request);
  const mark = seen[last - 1];
  const next = isAtEnd || mark === undefined ? null : { createdAt: mark.createdAt, id: mark.id };
  const room = await makeRoom(context, monthsOf(chosen.map(({ closedAt }) => closedAt)));
  const movable = chosen.filter(({ closedAt }) => room.has(monthOf(closedAt)));
  return { ...(await moveEach(context, movable, request.olderThanMs)), next };
}

/** At least one, so that an order that holds more than a batch moves by itself. */
function choose(seen: readonly Candidate[], entries: number) {
  const chosen: Candidate[] = [];
  let held = 0;
  let last = 0;
  for (const each of seen) {
    if (held >= entries) break;
    last += 1;
    if (!each.mayMove) continue;
    chosen.push(each);
    held += each.revision;
  }
  return { chosen, last };
}

/** A batch that fails is tried in halves, so that one order nobody can move keeps no other back. */
async function moveEach(
  context: Context,
  orders: readonly Candidate[],
  olderThanMs: number,
): Promise<Omit<Archived, "next">> {
  const [first] = orders;
  if (first === undefined) return { orders: 0, entries: 0, failed: [] };
  try {
    return { ...(await moveAll(context, orders, olderThanMs)), failed: [] };
  } catch (error) {
    if (orders.length === 1) return { orders: 0, entries: 0, failed: [{ id: first.id, error }] };
  }
  const half = Math.ceil(orders.length / 2);
  const one = await moveEach(context, orders.slice(0, half), olderThanMs);
  const other = await moveEach(context, orders.slice(half), olderThanMs);
  return {
    orders: one.orders + other.orders,
    entries: one.entries + other.entries,
    failed: [...one.failed, ...other.failed],
  };
}

/** No batch holds more orders than entries. */
function seenAtOnce({ entries }: ArchiveRequest): number {
  return Math.min(entries, MAX_LOOK);
}

async function look(context: Context, request: ArchiveRequest) {
  const { olderThanMs, after } = request;
  const before = fromNow(context, -olderThanMs);
  const { rows } = await sql<Candidate>`
    select id, created_at as "createdAt", updated_at as "closedAt", revision,
      snapshot is not null as "hasSnapshot", ${mayMove(before)} as "mayMove"
    from orders
    where status = 'done' and created_at < ${before} and ${isBehind(after)}
    order by created_at, id limit ${seenAtOnce(request)}`.execute(context.db);
  return rows;
}

function isBehind(after: ArchiveMark | null): RawBuilder<boolean> {
  if (after === null) return sql<boolean>`true`;
  return sql<boolean>`(created_at, id) > (${timestamp(after.createdAt)}::timestamptz, ${after.id}::text)`;
}

/** Nothing of it is pending. A projection that is behind means that the feed may lack entries. */
function mayMove(before: RawBuilder<unknown>): RawBuilder<boolean> {
  const none = (table: string, condition = sql`true`) =>
    sql`not exists (select from ${sql.table(table)} where order_id = orders.id and ${condition})`;
  return sql<boolean>`(status = 'done' and open_incidents = 0 and updated_at < ${before}
    and projected is not distinct from revision and ${none("feed_pending")}
    and id not in (select unnest(order_ids) from feed_batches) and ${none("timers")}
    and ${none("jobs")} and ${none("tasks")} and ${none("deliveries", sql`state = 'pending'`)})`;
}

/** No entry is missing, and none is too many. */
const IS_WHOLE = sql<boolean>`(
  select count(*) = orders.revision and min(entries.revision) = 1 and max(entries.revision) = orders.revision
  from entries where order_id = orders.id)`;

/**
 * One statement: its parts see the same rows, and commit together. An order that somebody holds is skipped; what was seen
 * of the others is judged again under their locks.
 */
async function moveAll(
  context: Context,
  orders: readonly Candidate[],
  olderThanMs: number,
): Promise<{ readonly orders: number; readonly entries: number }> {
  const ids = orders.map(({ id }) => id);
  const snapshots = await missingSnapshots(context, orders);
  const before = fromNow(context, -olderThanMs);
  const { rows } = await sql<{ readonly orders: number; readonly entries: number }>`
    with picked as materialized (
      select id as order_id, updated_at as closed_at from orders
      where id = any(${ids}::text[]) and ${mayMove(before)} and ${IS_WHOLE}
      for update skip locked
    ), history as (
      delete from entries using picked where entries.order_id = picked.order_id
      returning entries.*, closed_at
    ), packed as (
      insert into archived_entries (order_id, closed_at, first_revision, instants, types, records)
      select order_id, closed_at, min(revision), array_agg(at order by revision),
        array_agg(type order by revision), array_agg(${RECORD} order by revision)
      from history group by order_id, closed_at, (revision - 1) / ${sql.lit(ENTRIES_PACKED)}
      returning cardinality(types) as entries
    ), sent as (
      delete from outbox using picked where outbox.order_id = picked.order_id returning outbox.*
    ), messages as (
      select order_id, json_agg(json_build_array(
        revision, position, at, type, item, params, placeholder_values
      ) order by revision, position)::text as outbox
      from sent group by order_id
    ), forgotten as (
      delete from snapshots using picked where snapshots.order_id = picked.order_id
    ), gone as (
      delete from orders using picked where orders.id = picked.order_id returning orders.*
    ), placed as (
      insert into archive_places (order_id, closed_at, centre)
      select id, updated_at, centre from gone
    ), moved as (
      insert into archived_orders (id, process, version, digest, business_key, centre, revision, outcome,
        step, snapshot, last_hash, at, created_at, updated_at, test_clock, tags, outbox)
      select gone.id, process, version, digest, business_key, centre, revision, outcome,
        step, coalesce(snapshot, rebuilt.text), last_hash, at, created_at, updated_at, test_clock, tags,
        coalesce(messages.outbox, '[]')
      from gone left join messages on messages.order_id = gone.id
        left join unnest(${[...snapshots.keys()]}::text[], ${[...snapshots.values()]}::text[])
          as rebuilt (id, text) on rebuilt.id = gone.id
      returning 1
    )
    select (select count(*) from moved) as orders,
      (select coalesce(sum(entries), 0) from packed)::bigint as entries`.execute(context.db);
  return rows[0] ?? { orders: 0, entries: 0 };
}

/** An order whose snapshot was forgotten gets one for good: it will be read, and never written again. */
async function missingSnapshots(
  context: Context,
  orders: readonly Candidate[],
): Promise<ReadonlyMap<string, string>> {
  const ids = orders.filter(({ hasSnapshot }) => !hasSnapshot).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const query = context.db.selectFrom("orders").selectAll();
  const rows = await query.where(sql<boolean>`id = any(${ids}::text[])`).execute();
  const stored = await storedOrders(context, rows);
  return new Map(stored.map(({ id, snapshot }) => [id, snapshot.text]));
}
