/** Tables `feed` and `feed_pending`: entries in one line by position, and those whose position is yet to be given. */

import { sql } from "kysely";

import { only, visible, type Context } from "../context.ts";
import type {
  Feed,
  FeedEntry,
  FeedFilter,
  FeedPage,
  FeedRange,
  Sequenced,
} from "../contracts/feed.ts";
import type { Db, GeneratedColumn } from "../database.ts";
import type { EpochMs, Scope } from "../store.ts";
import { archivePlace, detached } from "./archive-places.ts";
import { archivedEntry } from "./archived-entries.ts";

export interface FeedTable {
  readonly position: number;
  readonly order_id: string;
  readonly revision: number;
  readonly process: string;
  /** The order's. */
  readonly centre: string | null;
  /** The entry's, as the release before wrote it; null: the entry has it. */
  readonly hash: string | null;
}

/** One row per statement that wrote entries. */
export interface FeedBatchesTable {
  /** Drawn under the orders' locks, so that it grows with an order's revisions; over orders it only says about when. */
  readonly id: GeneratedColumn<number>;
  readonly order_ids: readonly string[];
  readonly revisions: readonly number[];
}

/** What a server of the release before queued: always older than what waits of the same order in a batch. */
export interface FeedPendingTable extends Omit<FeedTable, "position"> {
  readonly arrival: GeneratedColumn<number>;
}

/** A round steps over the dead: after so many rounds it takes a few milliseconds more. */
const MAX_ROUNDS = 2_000;
/** How many positions one read looks through. */
const WINDOW = 1_000;

/** @param cleansItself a server's autovacuum clears away the rows that waited; inside a process nobody else does */
export function feedOn({ db }: Context, cleansItself: boolean): Feed {
  let rounds = 0;
  return {
    sequence: async (limit) => {
      const done = await sequence(db, limit);
      if (!cleansItself && done.kind === "appended" && done.count > 0) rounds += 1;
      if (rounds >= MAX_ROUNDS) {
        rounds = 0;
        await sql`vacuum feed_batches`.execute(db);
      }
      return done;
    },
    head: () => head(db),
    read: (range, scope, filter = {}) => read(db, range, scope, filter),
  };
}

/**
 * The part of a statement that queues what it wrote: all of it in one row, so that an entry costs an element of an array
 * and not a row with its indexes. Goes into the statement that locked the orders, as a CTE or at its end.
 *
 * @param entries names a CTE of that statement with the columns `order_id` and `revision`; of none, no row is made
 */
export function queueInFeed(entries: string): string {
  return `insert into feed_batches (order_ids, revisions)
    select array_agg(order_id), array_agg(revision) from ${entries} having count(*) > 0`;
}

async function sequence(db: Db, limit: number): Promise<Sequenced> {
  const { rows } = await sql<{
    readonly isBusy: boolean;
    readonly count: number;
    readonly head: number | null;
  }>`
    select is_busy as "isBusy", numbered as count, reached as head
    from feed_sequence(${limit}::integer)`.execute(db);
  const { isBusy, count, head: last } = only(rows);
  return isBusy ? { kind: "busy" } : { kind: "appended", count, head: last ?? 0 };
}

async function head(db: Db): Promise<number> {
  const query = db.selectFrom("feed").select("position").orderBy("position", "desc").limit(1);
  return (await query.executeTakeFirst())?.position ?? 0;
}

async function read(
  db: Db,
  { after, limit, bytes }: FeedRange,
  scope: Scope,
  { process, centre }: FeedFilter,
): Promise<FeedPage> {
  const end = Math.min(after + WINDOW, await head(db));
  if (end <= after) return { entries: [], reached: after };
  let query = db
    .selectFrom("feed")
    .leftJoinLateral(STORED_ENTRY.as("stored"), (join) => join.onTrue())
    .select(["feed.position", "feed.order_id as orderId", "feed.process", "feed.centre"])
    .select(["feed.revision", "stored.at", "stored.type", "stored.line", "stored.hash"])
    .select(sql<number>`sum(${LENGTH}) over (order by position) - ${LENGTH}`.as("before"))
    .where("feed.position", ">", after)
    .where("feed.position", "<=", end)
    .where(visible(scope, "feed.centre"));
  if (process !== undefined) query = query.where("feed.process", "=", process);
  if (centre !== undefined) query = query.where("feed.centre", "=", centre);
  const found = await db
    .selectFrom(query.orderBy("feed.position").limit(limit).as("page"))
    .selectAll()
    .where("before", "<", bytes)
    .orderBy("position")
    .execute();
  const rows = found.filter(isThere);
  const absent = found.find((row) => !isThere(row));
  if (absent !== undefined) await refuseDetached(db, absent.orderId);
  const last = found.at(-1);
  const isWhole =
    last === undefined ||
    (found.length < limit && last.before + Buffer.byteLength(last.line ?? "") < bytes);
  const entries = rows.map(
    ({ position, orderId, process: of, centre: at, before: _before, ...entry }): FeedEntry => ({
      ...{ position, orderId, process: of, centre: at, entry },
    }),
  );
  return { entries, reached: isWhole ? end : last.position };
}

const LENGTH = sql`coalesce(octet_length(line), 0)`;

/** Where the entry lies now: in the one statement it is found in exactly one of both places. */
const STORED_ENTRY = sql<StoredEntry>`(
  select at, type, line, hash from entries
  where entries.order_id = feed.order_id and entries.revision = feed.revision
  union all ${archivedEntry(sql`feed.order_id`, sql`feed.revision`)})`;

interface StoredEntry {
  readonly at: EpochMs | null;
  readonly type: string | null;
  readonly line: string | null;
  readonly hash: string | null;
}

function isThere<Row extends StoredEntry>(
  row: Row,
): row is Row & { readonly [Column in keyof StoredEntry]: NonNullable<StoredEntry[Column]> } {
  return row.line !== null;
}

/** To pass over entries whose month is not here would lose them without a word. */
async function refuseDetached(db: Db, orderId: string): Promise<void> {
  const place = await archivePlace(db, orderId);
  if (place !== null) throw detached(place);
}
