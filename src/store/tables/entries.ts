/** Table `entries`: every order's history, one line per revision; rows are inserted and never changed. */

import { sql } from "kysely";

import type { Db, TimestampColumn } from "../database.ts";
import type { HistoryEntry, OrderHead } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { pendingRow } from "./feed.ts";

export interface EntriesTable {
  readonly order_id: string;
  readonly revision: number;
  readonly at: TimestampColumn;
  readonly type: string;
  readonly line: string;
  readonly hash: string;
}

const COLUMNS = ["revision", "at", "type", "line", "hash"] as const;

/** In the same round trip it begins to wait for its position in the feed. */
export async function insertEntry(
  db: Db,
  orderId: string,
  order: OrderHead,
  entry: HistoryEntry,
): Promise<void> {
  const { revision, at, type, line, hash } = entry;
  const row = { order_id: orderId, revision, at: timestamp(at), type, line, hash };
  await db
    .with("entry", (inner) => inner.insertInto("entries").values(row))
    .insertInto("feed_pending")
    .values(pendingRow(orderId, order, entry))
    .execute();
}

export function selectEntries(db: Db, orderId: string) {
  return db.selectFrom("entries").select(COLUMNS).where("order_id", "=", orderId);
}

/** Leaves out what follows the entry with which the page's lines reach so many bytes. */
export function upToBytes(db: Db, page: ReturnType<typeof selectEntries>, bytes: number) {
  const measured = page.select(
    sql<number>`sum(octet_length(line)) over (order by revision) - octet_length(line)`.as("before"),
  );
  return db
    .selectFrom(measured.as("page"))
    .select(COLUMNS)
    .where("before", "<", bytes)
    .orderBy("revision");
}

/** All lines of an order up to a revision, in order. */
export async function linesUpTo(
  db: Db,
  orderId: string,
  revision: number,
): Promise<readonly string[]> {
  const query = selectEntries(db, orderId).where("revision", "<=", revision).orderBy("revision");
  return (await query.execute()).map((entry) => entry.line);
}
