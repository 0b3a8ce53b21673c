/** Table `archive_places`: for each archived order the instant at which it was closed, and so the month that it lies in. */

import { sql, type RawBuilder } from "kysely";

import type { Db, TimestampColumn } from "../database.ts";
import { ArchiveDetached } from "../errors.ts";
import type { EpochMs, Scope } from "../store.ts";
import { timestamp } from "../timestamp.ts";

export interface ArchivePlacesTable {
  readonly order_id: string;
  readonly closed_at: TimestampColumn;
  /** The order's: without it a month that is gone would tell of other centres' orders. */
  readonly centre: string | null;
}

export interface ArchivePlace {
  readonly orderId: string;
  readonly closedAt: EpochMs;
  readonly centre: string | null;
}

/** An order only ever moves into the archive, so whoever looks here after `orders` misses none. */
export async function archivePlace(db: Db, orderId: string): Promise<ArchivePlace | null> {
  const row = await db
    .selectFrom("archive_places")
    .select(["order_id as orderId", "closed_at as closedAt", "centre"])
    .where("order_id", "=", orderId)
    .executeTakeFirst();
  return row ?? null;
}

/** The same, when the scope reaches it. */
export async function placeFor(
  db: Db,
  orderId: string,
  { centres }: Scope,
): Promise<ArchivePlace | null> {
  const place = await archivePlace(db, orderId);
  if (place === null || centres === "*") return place;
  return place.centre !== null && centres.includes(place.centre) ? place : null;
}

/**
 * Of the rows that were closed then: its value is the statement's own, so that months other than its are not even planned.
 * Instants are read in whole milliseconds; what wrote the row need not have.
 */
export function closedAs({ closedAt }: ArchivePlace, column: string): RawBuilder<boolean> {
  const at = sql`${timestamp(closedAt)}::timestamptz`;
  const instant = sql.ref(column);
  return sql<boolean>`(${instant} >= ${at} and ${instant} < ${at} + interval '1 millisecond')`;
}

/** Such as `2026-03`. */
export function monthOf(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 7);
}

export function detached({ orderId, closedAt, centre }: ArchivePlace): ArchiveDetached {
  return new ArchiveDetached(
    `Order ${orderId} was closed in ${monthOf(closedAt)}, and that month was taken out of this database: ask the operator to attach it again.`,
    centre,
  );
}
