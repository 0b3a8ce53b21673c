/** Table `incidents`: what got stuck, why, and who resolved it; an order has at most one open per timer or job. */

import { sql, type Selectable } from "kysely";

import { visible, type Context } from "../context.ts";
import type {
  Incident,
  IncidentFilter,
  Incidents,
  NewIncident,
  Resolution,
} from "../contracts/incidents.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { IncidentClosed } from "../errors.ts";
import { behind, pageOf, rowsWanted, sorted, type Keyset } from "../keyset.ts";
import type { EpochMs, Page, Scope, StoredOrder } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { incidentOccurrence } from "../occurrences.ts";
import { inTransaction } from "../transaction.ts";
import { announce } from "./delivery-queue.ts";
import { holdLease, markJob } from "./jobs.ts";
import { subjectOf } from "./order-subjects.ts";
import { countIncidents, lockOrder } from "./orders.ts";
import { restricted } from "./restrictions.ts";
import { markTimer } from "./timers.ts";

export interface IncidentsTable {
  readonly order_id: string;
  /** Counted in the order from 1. */
  readonly number: number;
  readonly process: string;
  readonly version: string;
  readonly centre: string | null;
  readonly revision: number;
  readonly kind: "timer" | "job";
  readonly subject: string;
  readonly code: string;
  readonly detail: string;
  readonly pointer: string | null;
  readonly opened_at: TimestampColumn;
  readonly closed_at: TimestampColumn | null;
  readonly closed_by: string | null;
  readonly reason: string | null;
}

/** With whose data its order holds. */
type IncidentRow = Selectable<IncidentsTable> & {
  readonly holder: string | null;
  readonly is_restricted: boolean;
};

const HOLDER = subjectOf(sql.ref("incidents.order_id"));
const IS_RESTRICTED = restricted(sql`coalesce(${HOLDER}, 'order:' || incidents.order_id)`);
const WHOSE = [HOLDER.as("holder"), IS_RESTRICTED.as("is_restricted")] as const;

/** Why an incident closed when nobody closed it. */
const SUBJECT_GONE = "a later step of the order took the timer or job away";

export function incidentsOn(context: Context): Incidents {
  const { db } = context;
  return {
    get: async (id, scope) => {
      const row = await selectIncident(db, id, scope);
      return row === undefined ? null : incidentOf(row);
    },
    list: (filter, scope) => list(db, filter, scope),
    open: (orderId, incident, lease) =>
      inTransaction(context, async (inner) => {
        const { current, now } = await lockOrder(inner, orderId);
        if (lease !== undefined) await holdLease(inner, lease);
        return current === null ? null : openIncident(inner, current, incident, now);
      }),
  };
}

/** Needs the order's lock. @returns null when the timer or job is not there (any more) */
export async function openIncident(
  context: Context,
  order: StoredOrder,
  incident: NewIncident,
  now: EpochMs,
): Promise<Incident | null> {
  const { db } = context;
  if (!(await markSubject(context, order.id, incident, true))) return null;
  const { kind, subject, code, detail, pointer } = incident;
  const again = await openOn(db, order.id, kind, [subject])
    .set({ code, detail, pointer })
    .returningAll()
    .returning(WHOSE)
    .executeTakeFirst();
  if (again !== undefined) return incidentOf(again);
  const { process, version, centre, revision } = order;
  const numbers = db.selectFrom("incidents").select("number").where("order_id", "=", order.id);
  const last = await numbers.orderBy("number", "desc").limit(1).executeTakeFirst();
  const row = await db
    .insertInto("incidents")
    .values({
      order_id: order.id,
      number: (last?.number ?? 0) + 1,
      ...{ process, version, centre, revision, kind, subject, code, detail, pointer },
      opened_at: timestamp(now),
    })
    .returningAll()
    .returning(WHOSE)
    .executeTakeFirstOrThrow();
  await countIncidents(db, order.id, 1, now);
  const scene = { orderId: order.id, centre, revision, now };
  await announce(context, scene, [incidentOccurrence("opened", row.number)]);
  return incidentOf(row);
}

/** Needs the order's lock. Closes what is open on timers or jobs that are gone. @returns their numbers */
export async function closeSubjectless(
  db: Db,
  orderId: string,
  kind: NewIncident["kind"],
  gone: readonly string[],
  now: EpochMs,
): Promise<readonly number[]> {
  if (gone.length === 0) return [];
  const rows = await openOn(db, orderId, kind, gone)
    .set({ closed_at: timestamp(now), reason: SUBJECT_GONE })
    .returning("number")
    .execute();
  return rows.map(({ number }) => number);
}

/** Needs the order's lock. @returns its number @throws {IncidentClosed} */
export async function closeIncident(
  db: Db,
  orderId: string,
  resolution: Resolution,
  now: EpochMs,
): Promise<readonly [number]> {
  await closedBy(db, orderId, resolution, now);
  return [resolution.number];
}

/** Needs the order's lock. Closes it and offers its timer or job again. @throws {IncidentClosed} */
export async function retryIncident(
  context: Context,
  { id: orderId, revision }: Pick<StoredOrder, "id" | "revision">,
  resolution: Resolution,
  now: EpochMs,
): Promise<void> {
  const row = await closedBy(context.db, orderId, resolution, now);
  await markSubject(context, orderId, row, false);
  await countIncidents(context.db, orderId, -1, now);
  const { centre, number } = row;
  const scene = { orderId, centre, revision, now };
  await announce(context, scene, [incidentOccurrence("closed", number)]);
}

async function closedBy(
  db: Db,
  orderId: string,
  { number, by, reason }: Resolution,
  now: EpochMs,
): Promise<IncidentRow> {
  const row = await db
    .updateTable("incidents")
    .set({ closed_at: timestamp(now), closed_by: by, reason })
    .where("order_id", "=", orderId)
    .where("number", "=", number)
    .where("closed_at", "is", null)
    .returningAll()
    .returning(WHOSE)
    .executeTakeFirst();
  if (row !== undefined) return row;
  throw new IncidentClosed(`The incident ${orderId}.${number} is closed already.`);
}

const ERASED = "erased";

/** What people and workers wrote about these orders' incidents; that there were some stays. */
export async function eraseWords(db: Db, orderIds: readonly string[]): Promise<void> {
  await db
    .updateTable("incidents")
    .set({
      detail: ERASED,
      reason: sql<string | null>`case when reason is null then null else ${ERASED} end`,
    })
    .where(sql<boolean>`order_id = any(${[...orderIds]}::text[])`)
    .where((row) => row.or([row("detail", "<>", ERASED), row("reason", "<>", ERASED)]))
    .execute();
}

function markSubject(
  context: Context,
  orderId: string,
  { kind, subject }: Pick<NewIncident, "kind" | "subject">,
  stuck: boolean,
): Promise<boolean> {
  return kind === "timer"
    ? markTimer(context.db, orderId, subject, stuck)
    : markJob(context, orderId, subject, stuck);
}

const NEWEST: Keyset = {
  list: "incidents",
  columns: [
    ["opened_at", "instant"],
    ["order_id", "text"],
    ["number", "integer"],
  ],
  direction: "desc",
};

async function list(db: Db, filter: IncidentFilter, scope: Scope): Promise<Page<Incident>> {
  const { open, orderId, process, centre } = filter;
  let query = db.selectFrom("incidents").selectAll().select(WHOSE).where(visible(scope));
  if (open !== undefined) query = query.where("closed_at", open ? "is" : "is not", null);
  if (orderId !== undefined) query = query.where("order_id", "=", orderId);
  if (process !== undefined) query = query.where("process", "=", process);
  if (centre !== undefined) query = query.where("centre", "=", centre);
  const rows = await query
    .where(behind(NEWEST, filter))
    .orderBy(sorted(NEWEST))
    .limit(rowsWanted(filter))
    .execute();
  const page = pageOf(NEWEST, filter, rows, (row) => [row.opened_at, row.order_id, row.number]);
  return { ...page, items: page.items.map(incidentOf) };
}

function openOn(db: Db, orderId: string, kind: NewIncident["kind"], subjects: readonly string[]) {
  return db
    .updateTable("incidents")
    .where("order_id", "=", orderId)
    .where("kind", "=", kind)
    .where(sql<boolean>`subject = any(${[...subjects]}::text[])`)
    .where("closed_at", "is", null);
}

async function selectIncident(db: Db, id: string, scope: Scope): Promise<IncidentRow | undefined> {
  const dot = id.lastIndexOf(".");
  const number = Number(id.slice(dot + 1));
  if (dot < 1 || !/^[1-9]\d{0,8}$/.test(id.slice(dot + 1))) return undefined;
  return db
    .selectFrom("incidents")
    .selectAll()
    .select(WHOSE)
    .where("order_id", "=", id.slice(0, dot))
    .where("number", "=", number)
    .where(visible(scope))
    .executeTakeFirst();
}

function incidentOf(row: IncidentRow): Incident {
  const { process, version, centre, revision, kind, subject, code, detail, pointer } = row;
  return {
    ...{ id: `${row.order_id}.${row.number}`, orderId: row.order_id, number: row.number },
    ...{ process, version, centre },
    ...{ revision, kind, subject, code, detail, pointer, openedAt: row.opened_at },
    ...{ closedAt: row.closed_at, closedBy: row.closed_by, reason: row.reason },
    ...{ holder: row.holder, isRestricted: row.is_restricted },
  };
}
