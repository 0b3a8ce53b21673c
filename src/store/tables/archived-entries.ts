/** Table `archived_entries`: histories of archived orders, packed; lines and hashes are read out byte for byte. */

import { sql, type RawBuilder } from "kysely";

import type { Db, TimestampColumn } from "../database.ts";
import type { EpochMs, HistoryEntry } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { closedAs, detached, type ArchivePlace } from "./archive-places.ts";

export interface ArchivedEntriesTable {
  readonly order_id: string;
  readonly closed_at: TimestampColumn;
  readonly first_revision: number;
  /** Of the entries from `first_revision` on, one by one, without a gap. */
  readonly instants: readonly string[];
  readonly types: readonly string[];
  /** Of each entry its hash, a line feed and its line: so a hash stands beside the next line's `prev`, and costs nothing. */
  readonly records: readonly string[];
}

/** How many entries lie together. More pack better, but reading one unpacks them all. */
export const ENTRIES_PACKED = 64;

/** Of an entry's record. */
export const RECORD = sql`hash || E'\n' || line`;
const HASH_IN_RECORD = sql`split_part(record, E'\n', 1)`;
const LINE_IN_RECORD = sql`substr(record, strpos(record, E'\n') + 1)`;

interface Page {
  readonly after: number;
  readonly limit: number;
  readonly bytes?: number;
}

/** As `Orders.history`. @throws {ArchiveDetached} */
export async function archivedHistory(
  db: Db,
  place: ArchivePlace,
  { after, limit, bytes }: Page,
): Promise<readonly HistoryEntry[]> {
  const wanted = sql<boolean>`first_revision <= ${after + limit}::bigint
    and first_revision + cardinality(types) > ${after + 1}::bigint`;
  const before = sql`sum(octet_length(line)) over (order by revision) - octet_length(line)`;
  const { rows } = await sql<HistoryEntry>`
    select revision, at, type, line, hash from (
      select *, ${before} as before from (${unpacked(place, wanted)}) as entry
      where revision > ${after}::bigint and revision <= ${after + limit}::bigint
    ) as page
    where ${bytes === undefined ? sql<boolean>`true` : sql<boolean>`before < ${bytes}::bigint`}
    order by revision`.execute(db);
  if (rows.length === 0) await refuseDetached(db, place);
  return rows;
}

/** As `Orders.entryAt`. @throws {ArchiveDetached} */
export async function archivedEntryAt(
  db: Db,
  place: ArchivePlace,
  point: { readonly revision: number } | { readonly time: EpochMs },
): Promise<HistoryEntry | null> {
  const [packs, entries] =
    "revision" in point
      ? [
          sql<boolean>`${point.revision}::bigint between first_revision and first_revision + cardinality(types) - 1`,
          sql<boolean>`revision = ${point.revision}::bigint`,
        ]
      : [sql<boolean>`true`, sql<boolean>`at <= ${timestamp(point.time)}::timestamptz`];
  const { rows } = await sql<HistoryEntry>`
    select * from (${unpacked(place, packs)}) as entry where ${entries}
    order by revision desc limit 1`.execute(db);
  if (rows.length === 0) await refuseDetached(db, place);
  return rows[0] ?? null;
}

/** All lines, in order. @throws {ArchiveDetached} */
export async function archivedLines(db: Db, place: ArchivePlace): Promise<readonly string[]> {
  const { rows } = await sql<HistoryEntry>`
    ${unpacked(place, sql<boolean>`true`)} order by revision`.execute(db);
  if (rows.length === 0) await refuseDetached(db, place);
  return rows.map(({ line }) => line);
}

function unpacked(place: ArchivePlace, packs: RawBuilder<boolean>): RawBuilder<unknown> {
  return sql`
    select (first_revision + nth - 1)::integer as revision, at, type,
      ${LINE_IN_RECORD} as line, ${HASH_IN_RECORD} as hash
    from archived_entries cross join lateral
      unnest(instants, types, records) with ordinality as packed (at, type, record, nth)
    where order_id = ${place.orderId} and ${closedAs(place, "closed_at")} and ${packs}`;
}

/** Every order has a first entry: where none is found, its month is not there. */
async function refuseDetached(db: Db, place: ArchivePlace): Promise<void> {
  const { rows } = await sql`
    select from archived_entries
    where order_id = ${place.orderId} and ${closedAs(place, "closed_at")} limit 1`.execute(db);
  if (rows.length === 0) throw detached(place);
}

/** One entry, for a statement that knows its order and revision by columns of other tables. */
export function archivedEntry(
  orderId: RawBuilder<unknown>,
  revision: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`
    select instants[nth], types[nth], ${LINE_IN_RECORD}, ${HASH_IN_RECORD}
    from archive_places join archived_entries using (order_id, closed_at)
      cross join lateral (select ${revision} - first_revision + 1 as nth) as place
      cross join lateral (select records[nth] as record) as packed
    where archive_places.order_id = ${orderId}
      and nth between 1 and cardinality(types)`;
}
