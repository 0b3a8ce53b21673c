/** The log's round in one transaction, and where an entry stands in it. */

import { sql } from "kysely";

import { edgeOf } from "../../audit/log/tiles.ts";
import { only, readClock, type Context } from "../context.ts";
import {
  CHECKPOINT_TYPE,
  type Grown,
  type GrowthRequest,
  type MerkleLog,
  type StoredCheckpoint,
} from "../contracts/merkle-log.ts";
import type { Db } from "../database.ts";
import { EntryMissing } from "../errors.ts";
import type { EpochMs } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import { archivedEntry } from "./archived-entries.ts";
import { announceOfNoOrder } from "./delivery-queue.ts";
import {
  checkpointsAfter,
  checkpointsBefore,
  coveringCheckpoint,
  insertCheckpoint,
  newestCheckpoint,
  sizeBefore,
  thinCheckpoints,
  tryLockLog,
} from "./log-checkpoints.ts";
import { addKey, currentKey, listKeys } from "./log-keys.ts";
import { readTiles, writeTiles } from "./log-tiles.ts";
import { IS_ANY_ENABLED } from "./webhooks.ts";
import { loggedEntries } from "./logged-entries.ts";

export function merkleLogOn(context: Context): MerkleLog {
  const { db } = context;
  return {
    grow: (request) => grow(context, request),
    newest: () => newestCheckpoint(db),
    covering: (size) => coveringCheckpoint(db, size),
    checkpoints: (after, limit) => checkpointsAfter(db, after, limit),
    checkpointsBefore: (size, limit) => checkpointsBefore(db, size, limit),
    tiles: (places) => readTiles(db, places),
    position: (orderId, revision, near) => position(db, orderId, revision, near),
    entries: (after, limit) => loggedEntries(db, after, limit),
    keys: () => listKeys(db),
    addKey: (follows, make) => addKey(context, follows, make),
    thin: () => thinCheckpoints(context),
  };
}

async function grow(context: Context, request: GrowthRequest): Promise<Grown> {
  // Most looks find nothing, and need no lock.
  if (!(await isBehind(context.db))) return { kind: "idle" };
  return inTransaction(context, async (inner) => {
    const { db } = inner;
    if (!(await tryLockLog(db))) return { kind: "busy" };
    // Behind the lock, in a statement of its own: it sees what the last holder committed.
    const { keyId, last, isTold } = await standing(db);
    if (keyId !== request.keyId) return { kind: "another-key", current: await currentKey(db) };
    const size = last?.size ?? 0;
    const { count, hashes } = await newHashes(db, size, request.limit);
    if (count === 0) return { kind: "idle" };
    const { known } = request;
    const edge = known?.size === size ? known.edge : await readTiles(db, edgeOf(size));
    // Read after the entries: none that the checkpoint covers is younger than it says.
    const now = await readClock(inner);
    const { tiles, checkpoint } = request.grow({ last, edge, hashes, now });
    await writeTiles(db, tiles);
    await insertCheckpoint(db, checkpoint);
    if (isTold) {
      const told = { id: `checkpoint_${checkpoint.size}`, subject: checkpoint.note };
      await announceOfNoOrder(db, { ...told, type: CHECKPOINT_TYPE }, MOST_WAITING, now);
    }
    return { kind: "grown", count, checkpoint };
  });
}

interface Standing {
  /** The current one's; null: there is none. */
  readonly keyId: string | null;
  readonly last: StoredCheckpoint | null;
  /** Whether any webhook is told of anything. */
  readonly isTold: boolean;
}

async function standing(db: Db): Promise<Standing> {
  const { rows } = await sql<
    Omit<Standing, "last"> & {
      readonly [Column in keyof StoredCheckpoint as `last_${Column}`]:
        | StoredCheckpoint[Column]
        | null;
    }
  >`
    select (select key_id from log_keys order by number desc limit 1) as "keyId",
      ${IS_ANY_ENABLED} as "isTold", size as last_size, time as last_time,
      key_id as "last_keyId", note as last_note
    from (select) as one
      left join (select * from log_checkpoints order by size desc limit 1) as newest on true`.execute(
    db,
  );
  const { keyId, isTold, ...row } = only(rows);
  const { last_size: size, last_time: time, last_keyId: by, last_note: note } = row;
  if (size === null || time === null || by === null || note === null) {
    return { keyId, isTold, last: null };
  }
  return { keyId, isTold, last: { size, time, keyId: by, note } };
}

/** Of one webhook: a minute's, or more. */
const MOST_WAITING = 60;

async function isBehind(db: Db): Promise<boolean> {
  const { rows } = await sql<{ readonly behind: boolean }>`
    select coalesce((select max(position) from feed), 0)
      > coalesce((select max(size) from log_checkpoints), 0) as behind`.execute(db);
  return only(rows).behind;
}

async function newHashes(
  db: Db,
  size: number,
  limit: number,
): Promise<{ readonly count: number; readonly hashes: Uint8Array }> {
  // Most entries are where they were written; to look for each of them in the archive too would cost as much again.
  const { rows } = await sql<{
    readonly count: number;
    readonly reached: number;
    readonly hashes: Uint8Array | null;
  }>`
    select count(*)::integer as count, coalesce(max(position), ${size}::bigint) as reached,
      string_agg(decode(entries.hash, 'hex'), ''::bytea order by position) as hashes
    from feed left join entries
      on entries.order_id = feed.order_id and entries.revision = feed.revision
    where position > ${size}::bigint and position <= ${size + limit}::bigint`.execute(db);
  const { count, reached, hashes } = only(rows);
  const isWhole = reached === size + count && (hashes?.length ?? 0) === count * HASH_BYTES;
  return isWhole ? { count, hashes: hashes ?? NONE } : hashesWithArchived(db, size, limit);
}

const HASH_BYTES = 32;
const NONE = new Uint8Array();

/** @throws {EntryMissing} for the first that is neither here nor in the archive, or a place of the feed that is empty */
async function hashesWithArchived(db: Db, size: number, limit: number) {
  const { rows } = await sql<Place & { readonly hash: Uint8Array | null }>`
    select position, feed.order_id as "orderId", feed.revision, decode(stored.hash, 'hex') as hash
    from feed left join lateral (
      select at, type, line, hash from entries
      where entries.order_id = feed.order_id and entries.revision = feed.revision
      union all ${archivedEntry(sql`feed.order_id`, sql`feed.revision`)}
    ) as stored on true
    where position > ${size}::bigint and position <= ${size + limit}::bigint
    order by position`.execute(db);
  const hashes = rows.map(({ hash, position: at, orderId, revision }, index) => {
    const expected = size + index + 1;
    if (at !== expected) throw new EntryMissing(expected, null);
    if (hash?.length !== HASH_BYTES) throw new EntryMissing(at, { orderId, revision });
    return hash;
  });
  return { count: rows.length, hashes: Buffer.concat(hashes) };
}

interface Place {
  readonly position: number;
  readonly orderId: string;
  readonly revision: number;
}

/** Positions looked through by the first statement, and by any: some 0.5 s of one connection. */
const FIRST_WINDOW = 4_000;
const MAX_WINDOW = 1_000_000;

/**
 * No index leads from an order to its positions: it would cost every entry more than the log does. But an entry comes a
 * moment after its instant, so it stands right behind what the log held then; where clocks have jumped, it is looked for
 * in wider and wider windows to both sides.
 */
async function position(
  db: Db,
  orderId: string,
  revision: number,
  near: EpochMs,
): Promise<number | null> {
  const head = await feedHead(db);
  let [after, upTo] = await sizeBefore(db, near).then((size) => [size, size] as const);
  for (let window = FIRST_WINDOW; after < head || upTo > 0; window = wider(window)) {
    const from = Math.max(0, upTo - window);
    const found =
      (await look(db, orderId, revision, after, after + window)) ??
      (await look(db, orderId, revision, from, upTo));
    if (found !== null) return found;
    [after, upTo] = [Math.min(head, after + window), from];
  }
  return null;
}

async function look(
  db: Db,
  orderId: string,
  revision: number,
  after: number,
  upTo: number,
): Promise<number | null> {
  if (after >= upTo) return null;
  const { rows } = await sql<{ readonly position: number }>`
    select position from feed
    where position > ${after}::bigint and position <= ${upTo}::bigint
      and order_id = ${orderId} and revision = ${revision}::integer`.execute(db);
  return rows[0]?.position ?? null;
}

async function feedHead(db: Db): Promise<number> {
  const query = db.selectFrom("feed").select("position").orderBy("position", "desc").limit(1);
  return (await query.executeTakeFirst())?.position ?? 0;
}

function wider(window: number): number {
  return Math.min(window * 4, MAX_WINDOW);
}
