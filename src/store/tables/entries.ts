/** Table `entries`: every order's history, one line per revision; rows are inserted and never changed. */

import { sql, type RawBuilder } from "kysely";

import type { Context } from "../context.ts";
import type { Db, TimestampColumn } from "../database.ts";
import type { HistoryEntry } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { queueInFeed } from "./feed.ts";
import { IS_ANY_ENABLED, isAnyEnabled } from "./webhooks.ts";

export interface EntriesTable {
  readonly order_id: string;
  readonly revision: number;
  readonly at: TimestampColumn;
  readonly type: string;
  readonly line: string;
  readonly hash: string;
}

const COLUMNS = ["revision", "at", "type", "line", "hash"] as const;

/**
 * In one statement the order's row is written, its entry, and that the entry waits for its position in the feed.
 * @param head writes the row
 * @returns null when it wrote none, and neither was anything else; else whether anybody is told by webhook
 */
export async function writeEntry(
  { db, isDistributed }: Context,
  head: RawBuilder<unknown>,
  entry: HistoryEntry,
): Promise<{ readonly isAnybodyTold: boolean } | null> {
  if (isDistributed) return writeApart(db, head, entry);
  const { revision, at, type, line, hash } = entry;
  const { rows } = await sql<{ readonly isAnybodyTold: boolean }>`
    with head as (${head}), entry as (
      insert into entries (order_id, revision, at, type, line, hash)
      select id, ${revision}::integer, ${timestamp(at)}::timestamptz, ${type}, ${line}, ${hash} from head
      returning order_id, revision
    )
    ${sql.raw(queueInFeed("entry"))}
    returning ${IS_ANY_ENABLED} as "isAnybodyTold"`.execute(db);
  return rows[0] ?? null;
}

/** Row, entry and feed lie on up to two machines: a statement each. */
async function writeApart(
  db: Db,
  head: RawBuilder<unknown>,
  { revision, at, ...entry }: HistoryEntry,
): Promise<{ readonly isAnybodyTold: boolean } | null> {
  const { rows } = await sql<{ readonly id: string }>`${head}`.execute(db);
  const [written] = rows;
  if (written === undefined) return null;
  const row = { order_id: written.id, revision, at: timestamp(at), ...entry };
  await db.insertInto("entries").values(row).execute();
  const queued = { order_ids: [written.id], revisions: [revision] };
  await db.insertInto("feed_batches").values(queued).execute();
  return { isAnybodyTold: await isAnyEnabled(db) };
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
