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
import type { Scope } from "../store.ts";

export interface FeedTable {
  readonly position: number;
  readonly order_id: string;
  readonly revision: number;
  readonly process: string;
  /** The order's. */
  readonly centre: string | null;
  /** The entry's. */
  readonly hash: string;
}

export interface FeedPendingTable extends Omit<FeedTable, "position"> {
  /** Drawn under the order's lock, so that it grows with the order's revisions; over orders it only says about when. */
  readonly arrival: GeneratedColumn<number>;
}

/** A lock of two numbers never meets the locks of one that other tables take. */
const LOCK = sql`7, 7`;
/** A round steps over the dead: after so many it takes a few milliseconds more. */
const MAX_DEAD = 20_000;
/** How many positions one read looks through. */
const WINDOW = 1_000;

/** @param cleansItself a server's autovacuum clears away the rows that waited; inside a process nobody else does */
export function feedOn({ db }: Context, cleansItself: boolean): Feed {
  let dead = 0;
  return {
    sequence: async (limit) => {
      const done = await sequence(db, limit);
      if (!cleansItself && done.kind === "appended") dead += done.count;
      if (dead >= MAX_DEAD) {
        dead = 0;
        await sql`vacuum feed_pending`.execute(db);
      }
      return done;
    },
    head: () => head(db),
    read: (range, scope, filter = {}) => read(db, range, scope, filter),
  };
}

/**
 * Lets the entries wait that a server of the release before wrote, which knew of no feed. Needs the order's lock, and goes
 * before the order's next entry, so that an order's still come in the order of its revisions. In one statement, an entry
 * that is numbered meanwhile is seen either as it waits or with its number.
 */
export async function queueOverlooked(db: Db, orderId: string): Promise<void> {
  await sql`
    insert into feed_pending (order_id, revision, process, centre, hash)
    select entries.order_id, entries.revision, orders.process, orders.centre, entries.hash
    from entries join orders on orders.id = entries.order_id
    where entries.order_id = ${orderId}
      and not exists (select from feed
        where feed.order_id = entries.order_id and feed.revision = entries.revision)
      and not exists (select from feed_pending as waiting
        where waiting.order_id = entries.order_id and waiting.revision = entries.revision)
    order by entries.revision`.execute(db);
}

async function sequence(db: Db, limit: number): Promise<Sequenced> {
  const waits = await db.selectFrom("feed_pending").select("revision").limit(1).executeTakeFirst();
  if (waits === undefined) return { kind: "appended", count: 0, head: await head(db) };
  return db.transaction().execute(async (inner) => {
    const lock = await sql<{ readonly taken: boolean }>`
      select pg_try_advisory_xact_lock(${LOCK}) as taken`.execute(inner);
    if (!only(lock.rows).taken) return { kind: "busy" };
    // A statement of its own: it must see what the lock's last holder committed.
    const { rows } = await sql<{ readonly count: number; readonly head: number }>`
      with waiting as materialized (
        select *, row_number() over (order by arrival, revision) as place
        from (select * from feed_pending order by arrival limit ${limit}) as oldest
      ), taken as (
        delete from feed_pending using waiting
        where feed_pending.order_id = waiting.order_id and feed_pending.revision = waiting.revision
      ), last as (
        select coalesce(max(position), 0) as position from feed
      ), appended as (
        insert into feed (position, order_id, revision, process, centre, hash)
        select last.position + place, order_id, revision, process, centre, hash
        from waiting cross join last
        returning position
      )
      select count(*) as count, coalesce(max(position), (select position from last)) as head
      from appended`.execute(inner);
    return { kind: "appended", ...only(rows) };
  });
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
    .innerJoin("entries", (join) =>
      join
        .onRef("entries.order_id", "=", "feed.order_id")
        .onRef("entries.revision", "=", "feed.revision"),
    )
    .select(["feed.position", "feed.order_id as orderId", "feed.process", "feed.centre"])
    .select(["entries.revision", "entries.at", "entries.type", "entries.line", "entries.hash"])
    .select(
      sql<number>`sum(octet_length(line)) over (order by position) - octet_length(line)`.as(
        "before",
      ),
    )
    .where("feed.position", ">", after)
    .where("feed.position", "<=", end)
    .where(visible(scope, "feed.centre"));
  if (process !== undefined) query = query.where("feed.process", "=", process);
  if (centre !== undefined) query = query.where("feed.centre", "=", centre);
  const rows = await db
    .selectFrom(query.orderBy("feed.position").limit(limit).as("page"))
    .selectAll()
    .where("before", "<", bytes)
    .orderBy("position")
    .execute();
  const last = rows.at(-1);
  const isWhole =
    last === undefined ||
    (rows.length < limit && last.before + Buffer.byteLength(last.line) < bytes);
  const entries = rows.map(
    ({ position, orderId, process: of, centre: at, before: _before, ...entry }): FeedEntry => ({
      ...{ position, orderId, process: of, centre: at, entry },
    }),
  );
  return { entries, reached: isWhole ? end : last.position };
}
