/** Table `idempotency`: what was answered under which key; written in the transaction of the effect itself. */

import { createHash } from "node:crypto";

import { sql } from "kysely";

import { isJsonArray, type Json } from "../../../machines/json.ts";
import { fromNow, only, stilled, type Context } from "../context.ts";
import type {
  IdempotencyKey,
  IdempotencyRecord,
  RecordedAnswer,
  Settled,
} from "../contracts/idempotency.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { parseObject } from "../json-text.ts";
import { Conflict } from "../retrying.ts";

export interface IdempotencyTable {
  /** SHA-256 of caller and key, hex. */
  readonly id: string;
  readonly fingerprint: string;
  readonly order_id: string | null;
  readonly revision: number | null;
  /** JSON text of the `RecordedAnswer`. */
  readonly answer: string;
  readonly created_at: TimestampColumn;
}

type Found = Pick<IdempotencyTable, "fingerprint" | "order_id" | "revision" | "answer">;

/**
 * Takes the key until the transaction's end, without ever waiting for it, so that it adds to no deadlock. Outside of a
 * transaction it only looks.
 * @returns null when the key is taken and new
 */
export async function takeKey(
  { db, isDistributed }: Context,
  key: IdempotencyKey,
): Promise<Settled | null> {
  const id = idOf(key);
  if (isDistributed) return takeDistributed(db, key, id);
  const { rows } = await sql<
    { readonly taken: boolean } & { [Column in keyof Found]: Found[Column] | null }
  >`
    select pg_try_advisory_xact_lock(${sql.raw(lockOfKey("wanted.id"))}) as taken,
      fingerprint, order_id, revision, answer
    from (select ${id}::text as id) as wanted left join idempotency on idempotency.id = wanted.id`.execute(
    db,
  );
  const { taken, fingerprint, answer, ...rest } = only(rows);
  if (fingerprint === null || answer === null) return taken ? null : { kind: "in-progress" };
  return settledBy(key, { fingerprint, answer, ...rest });
}

/** The lock is the coordinator's; whoever had it before has committed what is looked for then. */
async function takeDistributed(db: Db, key: IdempotencyKey, id: string): Promise<Settled | null> {
  const { rows } = await sql<{ readonly taken: boolean }>`
    select pg_try_advisory_xact_lock(${sql.raw(lockOfKey("id"))}) as taken
    from (select ${id}::text as id) as wanted`.execute(db);
  const found = await db
    .selectFrom("idempotency")
    .select(["fingerprint", "order_id", "revision", "answer"])
    .where("id", "=", id)
    .executeTakeFirst();
  if (found !== undefined) return settledBy(key, found);
  return only(rows).taken ? null : { kind: "in-progress" };
}

/** What is recorded of several keys, without taking any; one that is not in the map is not known. */
export async function lookUp(
  { db }: Context,
  keys: readonly IdempotencyKey[],
): Promise<ReadonlyMap<IdempotencyKey, Settled>> {
  if (keys.length === 0) return new Map();
  const byId = new Map(keys.map((key) => [idOf(key), key]));
  const rows = await db
    .selectFrom("idempotency")
    .selectAll()
    .where(sql<boolean>`id = any(${[...byId.keys()]}::text[])`)
    .execute();
  return new Map(
    rows.flatMap((row): [IdempotencyKey, Settled][] => {
      const key = byId.get(row.id);
      return key === undefined ? [] : [[key, settledBy(key, row)]];
    }),
  );
}

function settledBy(key: IdempotencyKey, found: Found): Settled {
  if (found.fingerprint !== key.fingerprint) return { kind: "reused" };
  return { kind: "replayed", key, record: recordOf(found) };
}

/**
 * Needs the key.
 * @throws {Conflict} when the key's first request ended between the transaction's look at the record and at the lock
 */
export async function insertRecord(
  context: Context,
  key: IdempotencyKey,
  { orderId, revision, answer }: IdempotencyRecord,
): Promise<void> {
  const row = await context.db
    .insertInto("idempotency")
    .values({
      ...{ id: idOf(key), fingerprint: key.fingerprint, order_id: orderId, revision },
      ...{ answer: JSON.stringify(answer), created_at: sql<string>`${context.instant()}` },
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  if (row === undefined) throw new Conflict("the key was taken by another transaction");
}

/** Rows that another server is deleting are left to it. */
export async function forgetRecords(
  moving: Context,
  olderThanMs: number,
  limit: number,
): Promise<number> {
  const context = await stilled(moving);
  const { db, isDistributed } = context;
  const old = db
    .selectFrom("idempotency")
    .select("id")
    .where(sql<boolean>`created_at < ${fromNow(context, -olderThanMs)}`)
    .orderBy("created_at")
    .limit(limit);
  const ids = isDistributed ? (await old.execute()).map(({ id }) => id) : null;
  if (ids?.length === 0) return 0;
  const { numDeletedRows } = await db
    .deleteFrom("idempotency")
    .where("id", "in", ids ?? old.forUpdate().skipLocked())
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Records that are looked at by one statement. */
const LOOKED_AT = 10_000;

/** Keys stay known: their requests take no effect again. @returns how many answers were taken away */
export async function eraseRecords({ db }: Context, orderIds: readonly string[]): Promise<number> {
  const erased: RecordedAnswer = { kind: "erased" };
  let count = 0;
  // Nothing finds a record by its order: an index would cost every request, and this is done seldom.
  for (let after: string | null = ""; after !== null;) {
    const page: ErasedPage = only(
      (
        await sql<ErasedPage>`
      with page as materialized (
        select id, order_id, answer from idempotency where id > ${after} order by id limit ${LOOKED_AT}
      ), gone as (
        update idempotency set answer = ${JSON.stringify(erased)}
        where id in (
          select id from page
          where (order_id = any(${[...orderIds]}::text[]) and answer like '{"kind":"refused"%')
            or (answer like '{"kind":"text"%' and answer like ${`%${PERSONAL}}`})
        )
        returning 1
      )
      select max(id) as last, (select count(*) from gone)::integer as erased from page`.execute(db)
      ).rows,
    );
    count += page.erased;
    after = page.last;
  }
  return count;
}

interface ErasedPage {
  /** Null: there was nothing to look at. */
  readonly last: string | null;
  readonly erased: number;
}

/** How an answer's text ends that may hold a person's values: what is sealed holds no quotes. */
const PERSONAL = '"personal":true';

/** A length goes before the caller, so that no two pairs make one text. */
export function idOf({ caller, key }: IdempotencyKey): string {
  return createHash("sha256").update(`${caller.length}:${caller}${key}`).digest("hex");
}

/**
 * 64 bits of the id: two keys that share them only make each other wait.
 * @param id an SQL expression
 */
export function lockOfKey(id: string): string {
  return `('x' || left(${id}, 16))::bit(64)::bigint`;
}

function recordOf({ order_id, revision, answer }: Found): IdempotencyRecord {
  return { orderId: order_id, revision, answer: answerOf(answer) };
}

/** @throws when the text is none that the store wrote */
function answerOf(text: string): RecordedAnswer {
  const found = parseObject(text);
  const { kind, status, failedJobs, created, sealed, judgedAt } = found;
  if (kind === "erased") return { kind };
  if (kind === "text" && typeof sealed === "string") return { kind, sealed };
  if (kind === "refused" && typeof sealed === "string") {
    return { kind, sealed, judgedAt: typeof judgedAt === "number" ? judgedAt : null };
  }
  if (kind === "order" && isStatus(status) && isTexts(failedJobs)) {
    return { kind, created: created === true, status, failedJobs };
  }
  throw new Error(`expected a recorded answer, found ${text}`);
}

function isStatus(value: Json | undefined): value is "active" | "done" | "incident" {
  return value === "active" || value === "done" || value === "incident";
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return isJsonArray(value) && value.every((each) => typeof each === "string");
}
