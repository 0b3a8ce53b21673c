/** Table `snapshots`: checkpoints of orders, and how an order's row becomes the order with the help of one. */

import { setImmediate } from "node:timers/promises";

import { sql } from "kysely";

import { hashLine } from "../../audit/entry.ts";
import { HistoryDiverged, type Rebuild } from "../../audit/rebuild.ts";
import type { Past } from "../../audit/replay.ts";
import { snapshotIn, type Snapshot } from "../../audit/snapshot.ts";
import type { OrderSnapshot } from "../../../machines/order.ts";
import { formatInstant } from "../../../machines/time/instant.ts";
import { only, type Context } from "../context.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { OrderDamaged } from "../errors.ts";
import type { Checkpoint, EpochMs, StoredOrder } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { canonicalTexts } from "./definitions.ts";
import type { OrderRow } from "./orders.ts";

export interface SnapshotsTable {
  readonly order_id: string;
  readonly revision: number;
  /** Instant, definition's digest and line's hash of the entry with that revision. */
  readonly at: TimestampColumn;
  readonly digest: string;
  readonly hash: string;
  readonly text: string;
}

/** @throws {OrderDamaged} */
export async function storedOrder(context: Context, row: OrderRow): Promise<StoredOrder> {
  return only(await storedOrders(context, [row]));
}

/** In the order of the rows. @throws {OrderDamaged} when one of them is */
export async function storedOrders(
  context: Context,
  rows: readonly OrderRow[],
): Promise<readonly StoredOrder[]> {
  const { orders, damaged } = await wholeOrders(context, rows);
  for (const error of damaged) throw error;
  return orders;
}

export interface WholeOrders {
  readonly orders: readonly StoredOrder[];
  readonly damaged: readonly OrderDamaged[];
}

/** Those that can be given, in the order of the rows, and the others. What several lack is read in one statement. */
export async function wholeOrders(
  context: Context,
  rows: readonly OrderRow[],
): Promise<WholeOrders> {
  const known = rows.map(({ id, last_hash: lastHash, snapshot }) =>
    snapshot === null ? (context.hot?.snapshot(id, lastHash) ?? null) : snapshotIn(snapshot),
  );
  const lacking = rows.filter((_, index) => known[index] === null);
  const rebuilt = lacking.length === 0 ? null : await rebuild(context, lacking);
  const orders: StoredOrder[] = [];
  const damaged: OrderDamaged[] = [];
  for (const [index, row] of rows.entries()) {
    const snapshot = known[index] ?? rebuilt?.get(row.id);
    if (snapshot === undefined) throw new Error(`order ${row.id} was not rebuilt`);
    if (snapshot instanceof OrderDamaged) damaged.push(snapshot);
    else orders.push(orderOfRow(row, snapshot));
  }
  return { orders, damaged };
}

/** @throws {OrderDamaged} */
export function rebuiltFrom(
  rebuild: Rebuild,
  row: OrderRow,
  past: Past | null,
  lines: readonly string[],
  texts: ReadonlyMap<string, string>,
): Snapshot {
  const last = lines.at(-1);
  try {
    const snapshot = last === undefined ? null : rebuild(row.id, past, lines, texts);
    if (snapshot !== null && hashLine(last ?? "") === row.last_hash) return snapshot;
  } catch (error) {
    if (error instanceof HistoryDiverged) throw new OrderDamaged(row, error);
    throw error;
  }
  // Each line follows from the one before, and yet they don't end where the order stands.
  const missing = (past?.order.revision ?? 0) + lines.length + 1;
  throw new OrderDamaged(row, { revision: Math.min(missing, row.revision), field: "line" });
}

export function orderOfRow(row: OrderRow, snapshot: Snapshot): StoredOrder {
  const { id, process, version, digest, centre, revision, outcome, step, at } = row;
  return {
    ...{ id, process, version, digest, businessKey: row.business_key, centre, revision },
    status: row.open_incidents > 0 ? "incident" : row.status,
    ...{ outcome, step, snapshot },
    ...{ lastHash: row.last_hash, at, createdAt: row.created_at, updatedAt: row.updated_at },
    ...{ testClock: row.test_clock, subject: row.subject },
  };
}

export async function checkpointOf(db: Db, orderId: string): Promise<Checkpoint | null> {
  const query = db.selectFrom("snapshots").select(["revision", "at", "digest", "hash", "text"]);
  return (await query.where("order_id", "=", orderId).executeTakeFirst()) ?? null;
}

/** Of one order, or of all: its own snapshot as well as its checkpoint. */
export async function forgetSnapshots({ db, hot }: Context, id?: string): Promise<void> {
  const orders = db.updateTable("orders").set({ snapshot: null });
  const checkpoints = db.deleteFrom("snapshots");
  await (id === undefined ? orders : orders.where("id", "=", id)).execute();
  await (id === undefined ? checkpoints : checkpoints.where("order_id", "=", id)).execute();
  hot?.forget(id);
}

/**
 * An older checkpoint makes room; a newer one stays. An order that is gone, has moved on, or is being moved right now gets
 * none: what is written of it stands by its last entry, which its row vouches for.
 */
export async function keepCheckpoints(
  { db }: Context,
  orders: readonly StoredOrder[],
): Promise<void> {
  if (orders.length === 0) return;
  const column = <Value>(of: (order: StoredOrder) => Value) => orders.map(of);
  await sql`
    insert into snapshots (order_id, revision, at, digest, hash, text)
    select kept.* from unnest(
      ${column(({ id }) => id)}::text[], ${column(({ revision }) => revision)}::integer[],
      ${column(({ at }) => timestamp(at))}::timestamptz[], ${column(({ digest }) => digest)}::text[],
      ${column(({ lastHash }) => lastHash)}::text[],
      ${column(({ snapshot }) => snapshot.text)}::text[]
    ) as kept (order_id, revision, at, digest, hash, text)
    join orders on orders.id = kept.order_id and orders.last_hash = kept.hash
    order by kept.order_id for key share of orders skip locked
    on conflict (order_id) do update set
      revision = excluded.revision, at = excluded.at, digest = excluded.digest,
      hash = excluded.hash, text = excluded.text
    where snapshots.revision < excluded.revision`.execute(db);
}

/** What an order's snapshot is rebuilt from; a checkpoint of a later revision than the order's row is no help. */
interface Remains {
  readonly id: string;
  readonly revision: number | null;
  readonly at: EpochMs | null;
  readonly digest: string | null;
  readonly hash: string | null;
  readonly text: string | null;
  readonly lines: readonly string[] | null;
}

/** Entries of all orders that are read at once to be replayed; an order with more is read by itself. */
const PORTION = 1_000;
/** So long others wait. For a turn of theirs after each order, a hundred orders would wait for a hundred turns. */
const SLICE_MS = 5;

async function rebuild(
  context: Context,
  rows: readonly OrderRow[],
): Promise<ReadonlyMap<string, Snapshot | OrderDamaged>> {
  const rebuilt = new Map<string, Snapshot | OrderDamaged>();
  for (let left = rows; left.length > 0; left = left.filter(({ id }) => !rebuilt.has(id))) {
    const byId = new Map(left.map((row) => [row.id, row]));
    const before = rebuilt.size;
    const remains = await remainsOf(context, left);
    let sliceFrom = performance.now();
    for (const each of remains) {
      const row = byId.get(each.id);
      if (row === undefined) continue;
      // To replay many orders takes a while: requests go between them.
      if (performance.now() - sliceFrom >= SLICE_MS) {
        await setImmediate();
        sliceFrom = performance.now();
      }
      rebuilt.set(row.id, await orDamage(rebuildOne(context, row, each)));
    }
    if (rebuilt.size === before) throw new Error(`expected what is left of order ${left[0]?.id}`);
  }
  return rebuilt;
}

/** Of the first of them: as many as a portion holds, and one at least. */
async function remainsOf(
  { db, isDistributed }: Context,
  rows: readonly OrderRow[],
): Promise<readonly Remains[]> {
  if (isDistributed) return Promise.all(rows.slice(0, 1).map((row) => remainsOfOne(db, row)));
  const ids = rows.map(({ id }) => id);
  const revisions = rows.map(({ revision }) => revision);
  const { rows: remains } = await sql<Remains>`
    select due.id, due.revision, due.at, due.digest, due.hash, due.text, tail.lines
    from (
      select wanted.id, wanted.revision as until, kept.revision, kept.at, kept.digest, kept.hash, kept.text,
        sum(wanted.revision - coalesce(kept.revision, 0)) over (
          order by wanted.place rows between unbounded preceding and 1 preceding
        ) as before
      from unnest(${ids}::text[], ${revisions}::integer[]) with ordinality as wanted (id, revision, place)
      left join snapshots as kept on kept.order_id = wanted.id and kept.revision <= wanted.revision
    ) as due
    left join lateral (
      select array_agg(line order by entries.revision) as lines from entries
      where coalesce(due.revision, 0) < due.until and entries.order_id = due.id
        and entries.revision > coalesce(due.revision, 0) and entries.revision <= due.until
    ) as tail on true
    where coalesce(due.before, 0) < ${PORTION}`.execute(db);
  return remains;
}

/** Its checkpoint and the entries after it, on the order's machine. */
async function remainsOfOne(db: Db, { id, revision }: OrderRow): Promise<Remains> {
  const kept = await checkpointOf(db, id);
  const past = kept === null || kept.revision > revision ? null : kept;
  const lines = await db
    .selectFrom("entries")
    .select("line")
    .where("order_id", "=", id)
    .where("revision", ">", past?.revision ?? 0)
    .where("revision", "<=", revision)
    .orderBy("revision")
    .execute();
  return { id, ...(past ?? NO_CHECKPOINT), lines: lines.map(({ line }) => line) };
}

const NO_CHECKPOINT = { revision: null, at: null, digest: null, hash: null, text: null } as const;

export async function orDamage<Given>(giving: Promise<Given>): Promise<Given | OrderDamaged> {
  try {
    return await giving;
  } catch (error) {
    if (error instanceof OrderDamaged) return error;
    throw error;
  }
}

async function rebuildOne(context: Context, row: OrderRow, remains: Remains): Promise<Snapshot> {
  const { rebuild: rebuildFrom } = context.ports;
  const { text } = remains;
  const lines = remains.lines ?? [];
  if (text !== null && remains.revision === row.revision) return snapshotIn(text);
  if (rebuildFrom === undefined) {
    throw new Error(`the snapshot of order ${row.id} was forgotten, and no port rebuilds it`);
  }
  return rebuiltFrom(rebuildFrom, row, pastOf(row, remains), lines, await textsOf(context, row));
}

function pastOf(row: OrderRow, { revision, at, digest, hash, text }: Remains): Past | null {
  if (revision === null || at === null || digest === null || hash === null || text === null) {
    return null;
  }
  const identity = { id: row.id, businessKey: row.business_key, centre: row.centre };
  const snapshot = checkpointIn(text);
  if (snapshot === null) throw new OrderDamaged(row, { revision, field: "snapshot" });
  return { order: { identity, digest, revision, at: formatInstant(at), snapshot }, hash };
}

/** Null: the text is none. */
function checkpointIn(text: string): OrderSnapshot | null {
  try {
    return snapshotIn(text).value();
  } catch {
    return null;
  }
}

/** Definitions are published once and never change: what is known is read again only for one that is new. */
async function textsOf(
  { db, texts }: Context,
  { process, digest }: OrderRow,
): Promise<ReadonlyMap<string, string>> {
  const known = texts.get(process);
  if (known?.has(digest) === true) return known;
  const found = await canonicalTexts(db, process);
  texts.set(process, found);
  return found;
}
