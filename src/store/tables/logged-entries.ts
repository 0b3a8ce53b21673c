/** The entries that the log's leaves stand for, hashed by the database as their lines are stored now. */

import { sql } from "kysely";

import type { LoggedEntry } from "../contracts/merkle-log.ts";
import type { Db } from "../database.ts";
import { archivePlace, detached } from "./archive-places.ts";
import { archivedEntry } from "./archived-entries.ts";

/** @throws {ArchiveDetached} where the month of one was taken out: nobody can tell what its entry was */
export async function loggedEntries(
  db: Db,
  after: number,
  limit: number,
): Promise<readonly LoggedEntry[]> {
  const { rows } = await sql<LoggedEntry>`
    select position, feed.order_id as "orderId", feed.revision,
      sha256(convert_to(stored.line, 'UTF8')) as hash
    from feed left join lateral (
      select at, type, line, hash from entries
      where entries.order_id = feed.order_id and entries.revision = feed.revision
      union all ${archivedEntry(sql`feed.order_id`, sql`feed.revision`)}
    ) as stored on true
    where position > ${after}::bigint and position <= ${after + limit}::bigint
    order by position`.execute(db);
  for (const { hash, orderId } of rows) {
    if (hash !== null) continue;
    const place = await archivePlace(db, orderId);
    if (place !== null && (await isDetached(db, orderId))) throw detached(place);
  }
  return rows;
}

async function isDetached(db: Db, orderId: string): Promise<boolean> {
  const query = db.selectFrom("archived_orders").select("id").where("id", "=", orderId);
  return (await query.executeTakeFirst()) === undefined;
}
