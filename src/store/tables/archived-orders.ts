/** Table `archived_orders`: orders that ended and were moved away, as they stood at their end; read like all others. */

import { sql, type RawBuilder, type Selectable } from "kysely";

import { snapshotIn } from "../../audit/snapshot.ts";
import { visible, type Context } from "../context.ts";
import type { TimestampColumn } from "../database.ts";
import { behind, sorted, rowsWanted, type Keyset } from "../keyset.ts";
import type { OrderFilter, Scope, StoredOrder } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { archivePlace, closedAs, detached, placeFor, type ArchivePlace } from "./archive-places.ts";
import { archivedLines } from "./archived-entries.ts";
import { canonicalTexts } from "./definitions.ts";
import { equalTo } from "./order-filter.ts";
import { subjectOf } from "./order-subjects.ts";
import type { OrderRow, OrdersTable } from "./orders.ts";
import { orderOfRow, rebuiltFrom } from "./snapshots.ts";

/** `updated_at` is when the order was closed, by the database's clock: what its month is told by. */
export interface ArchivedOrdersTable extends Omit<
  OrdersTable,
  "status" | "open_incidents" | "projected" | "changed_during" | "is_behind" | "subject"
> {
  readonly updated_at: TimestampColumn;
  /** JSON text of the order's outbox messages: arrays of revision, position, at, type, item, params and values. */
  readonly outbox: string;
}

/** @throws {ArchiveDetached} */
export async function archivedOrder(
  context: Context,
  id: string,
  scope: Scope,
): Promise<StoredOrder | null> {
  const place = await placeFor(context.db, id, scope);
  return place === null ? null : orderAt(context, place);
}

/** Needs the order's lock, or that `orders` has been looked at before. @throws {ArchiveDetached} */
export async function archivedCurrent(context: Context, id: string): Promise<StoredOrder | null> {
  const place = await archivePlace(context.db, id);
  return place === null ? null : orderAt(context, place);
}

/** Of the orders that a page may hold, those that are archived; none for a filter that only open orders pass. */
export async function archivedRows(
  { db }: Context,
  keyset: Keyset,
  filter: OrderFilter,
  scope: Scope,
  last: OrderRow | undefined,
): Promise<readonly ArchivedRow[]> {
  const { status, overdue } = filter;
  if (overdue === true || (status !== undefined && status !== "done")) return [];
  const rows = await db
    .selectFrom("archived_orders")
    .select(COLUMNS)
    .select(SUBJECT)
    .where(equalTo(filter))
    .where(visible(scope))
    .where(behind(keyset, filter))
    .where(notBehind(last))
    .orderBy(sorted(keyset))
    .limit(rowsWanted(filter))
    .execute();
  return rows.map(archivedRow);
}

/** In the form of one that lives. */
export type ArchivedRow = OrderRow & { readonly isArchived: true };

function archivedRow(
  row: Omit<Selectable<ArchivedOrdersTable>, "outbox"> & Pick<OrderRow, "subject">,
): ArchivedRow {
  const ended = { status: "done", open_incidents: 0, isArchived: true } as const;
  return { ...row, ...ended, projected: row.revision };
}

const COLUMNS = [
  "id",
  "process",
  "version",
  "digest",
  "business_key",
  "centre",
  "revision",
  "outcome",
  "step",
  "snapshot",
  "last_hash",
  "at",
  "created_at",
  "updated_at",
  "test_clock",
  "tags",
] as const;

/** Of whom an archived order holds data is told beside the archive: its rows don't go there. */
const SUBJECT = subjectOf(sql.ref("archived_orders.id")).as("subject");

/** Whose row a page of open orders ends with anyway: months before it are not looked at. */
function notBehind(last: OrderRow | undefined): RawBuilder<boolean> {
  if (last === undefined) return sql<boolean>`true`;
  return sql<boolean>`updated_at >= ${timestamp(last.updated_at)}::timestamptz`;
}

async function orderAt(context: Context, place: ArchivePlace): Promise<StoredOrder> {
  const row = await context.db
    .selectFrom("archived_orders")
    .select(COLUMNS)
    .select(SUBJECT)
    .where("id", "=", place.orderId)
    .where(closedAs(place, "updated_at"))
    .executeTakeFirst();
  if (row === undefined) throw detached(place);
  return withSnapshot(context, archivedRow(row));
}

/** The snapshot of one that has none is rebuilt from its whole history. @throws {OrderDamaged} */
export async function withSnapshot({ db, ports }: Context, row: ArchivedRow): Promise<StoredOrder> {
  if (row.snapshot !== null) return orderOfRow(row, snapshotIn(row.snapshot));
  const place = await archivePlace(db, row.id);
  if (place === null || ports.rebuild === undefined) {
    throw new Error(
      `the snapshot of archived order ${row.id} was forgotten, and nothing rebuilds it`,
    );
  }
  const lines = await archivedLines(db, place);
  const texts = await canonicalTexts(db, row.process);
  return orderOfRow(row, rebuiltFrom(ports.rebuild, row, null, lines, texts));
}

export function isArchived(row: OrderRow | ArchivedRow): row is ArchivedRow {
  return "isArchived" in row;
}
