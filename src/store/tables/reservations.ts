/** Table `reservations`: held intervals; none of one resource overlap, because whoever inserts holds the resource's lock. */

import { sql, type Selectable } from "kysely";

import { stilled, type Context } from "../context.ts";
import type { JobLease } from "../contracts/jobs.ts";
import type {
  Reservation,
  ReservationRequest,
  ReservationResult,
  Reservations,
} from "../contracts/reservations.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { timestamp } from "../timestamp.ts";
import { inTransaction } from "../transaction.ts";
import { holdLease } from "./jobs.ts";
import { lockResources } from "./resources.ts";

export interface ReservationsTable {
  readonly order_id: string;
  readonly job: string;
  readonly resource: string;
  readonly starts_at: TimestampColumn;
  readonly ends_at: TimestampColumn;
}

export function reservationsOn(context: Context): Reservations {
  const { db } = context;
  /** A worker that slept through its lease may find its job done, and what followed from it undone again. */
  const leased = <T>(lease: JobLease | undefined, work: (inner: Db) => Promise<T>) =>
    inTransaction(context, async (inner) => {
      if (lease !== undefined) await holdLease(await stilled(inner), lease);
      return work(inner.db);
    });
  return {
    reserve: (request) => leased(request.lease, (inner) => reserve(inner, request)),
    release: (orderId, job, lease) =>
      leased(lease, async (inner) => {
        const query = inner.deleteFrom("reservations").where("order_id", "=", orderId);
        const released = job === undefined ? query : query.where("job", "=", job);
        return (await released.returning("resource").execute()).length;
      }),
    held: async (resources, { from, to }) => {
      const rows = await db
        .selectFrom("reservations")
        .selectAll()
        .where(sql<boolean>`resource = any(${[...resources]}::text[])`)
        .where("starts_at", "<", sql<number>`${timestamp(to)}::timestamptz`)
        .where("ends_at", ">", sql<number>`${timestamp(from)}::timestamptz`)
        .orderBy("starts_at")
        .orderBy("resource")
        .execute();
      return rows.map(reservationOf);
    },
  };
}

/** Frees what is held for these jobs. Needs the order's lock. */
export async function freeReservations(
  db: Db,
  orderId: string,
  jobs: readonly string[],
): Promise<void> {
  if (jobs.length === 0) return;
  await db
    .deleteFrom("reservations")
    .where("order_id", "=", orderId)
    .where(sql<boolean>`job = any(${[...jobs]}::text[])`)
    .execute();
}

async function reserve(db: Db, request: ReservationRequest): Promise<ReservationResult> {
  const { orderId, job, intervals } = request;
  refuseOverlaps(request);
  await lockRequest(db, request);
  if (intervals.length > 0) {
    await lockResources(
      db,
      intervals.map(({ resource }) => resource),
    );
  }
  const own = await db
    .selectFrom("reservations")
    .selectAll()
    .where("order_id", "=", orderId)
    .where("job", "=", job)
    .orderBy("starts_at")
    .orderBy("resource")
    .execute();
  if (own.length > 0) return { kind: "reserved", intervals: own.map(reservationOf).map(interval) };
  const conflicts = await conflictsWith(db, request);
  if (conflicts.length > 0) return { kind: "taken", conflicts };
  const rows = intervals.map(({ resource, from, to }) => ({
    ...{ order_id: orderId, job, resource },
    ...{ starts_at: timestamp(from), ends_at: timestamp(to) },
  }));
  if (rows.length > 0) await db.insertInto("reservations").values(rows).execute();
  return { kind: "reserved", intervals };
}

/** The same request sent twice may name other resources: it is serialised by who asks, too. */
async function lockRequest(db: Db, { orderId, job }: ReservationRequest): Promise<void> {
  const key = JSON.stringify([orderId, job]);
  await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(db);
}

async function conflictsWith(
  db: Db,
  { intervals }: ReservationRequest,
): Promise<readonly Reservation[]> {
  if (intervals.length === 0) return [];
  const rows = await db
    .selectFrom("reservations")
    .selectAll()
    .where((is) =>
      is.or(
        intervals.map(({ resource, from, to }) =>
          is.and([
            is("resource", "=", resource),
            is("starts_at", "<", sql<number>`${timestamp(to)}::timestamptz`),
            is("ends_at", ">", sql<number>`${timestamp(from)}::timestamptz`),
          ]),
        ),
      ),
    )
    .orderBy("starts_at")
    .orderBy("resource")
    .execute();
  return rows.map(reservationOf);
}

/** @throws {RangeError} a request that would overlap with itself, or an interval that ends before it starts */
function refuseOverlaps({ intervals }: ReservationRequest): void {
  for (const [index, one] of intervals.entries()) {
    if (one.to <= one.from) {
      throw new RangeError(
        `expected ${one.resource} to be held for a time, found an empty interval`,
      );
    }
    const other = intervals
      .slice(index + 1)
      .find(
        ({ resource, from, to }) => resource === one.resource && from < one.to && to > one.from,
      );
    if (other !== undefined) {
      throw new RangeError(
        `expected disjoint intervals of ${one.resource}, found two that overlap`,
      );
    }
  }
}

function reservationOf(row: Selectable<ReservationsTable>): Reservation {
  const { order_id: orderId, job, resource, starts_at: from, ends_at: to } = row;
  return { orderId, job, resource, from, to };
}

function interval({ resource, from, to }: Reservation) {
  return { resource, from, to };
}
