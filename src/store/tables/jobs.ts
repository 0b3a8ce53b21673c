/** Table `jobs`: open jobs only, with their leases; a row is deleted in the transaction that closes its job. */

import { sql, type RawBuilder, type Selectable } from "kysely";

import { fromNow, type Context } from "../context.ts";
import type { ClaimedJob, ClaimRequest, JobLease, Jobs } from "../contracts/jobs.ts";
import type { NewJob, StoredJob } from "../contracts/jobs.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { LeaseLost } from "../errors.ts";
import { parseObject } from "../json-text.ts";
import type { EpochMs } from "../store.ts";
import { timestamp } from "../timestamp.ts";

export interface JobsTable {
  readonly order_id: string;
  readonly id: string;
  readonly type: string;
  readonly item: string | null;
  /** JSON text. */
  readonly input: string;
  readonly opened_at: TimestampColumn;
  /** Not offered before; while a lease runs, its end. */
  readonly available_at: TimestampColumn;
  readonly attempts: number;
  readonly worker: string | null;
  readonly lease_token: string | null;
  readonly lease_until: TimestampColumn | null;
  /** An incident on it is open. */
  readonly stuck: boolean;
}

/** 128 bits: nobody guesses another worker's lease. */
const TOKEN_BYTES = 16;

export function jobsOn(context: Context): Jobs {
  const { db } = context;
  return {
    claim: (request) => claim(context, request),
    release: (lease, retryInMs) =>
      touch(context, lease, {
        available_at: sql<string>`${fromNow(context, retryInMs)}`,
        ...{ worker: null, lease_token: null, lease_until: null },
      }),
    extend: (lease, leaseMs) => {
      const until = sql<string>`${fromNow(context, leaseMs)}`;
      return touch(context, lease, { available_at: until, lease_until: until });
    },
    get: async (orderId, id) => {
      const query = db.selectFrom("jobs").selectAll().select(leased(context).as("leased"));
      const row = await query
        .where("order_id", "=", orderId)
        .where("id", "=", id)
        .executeTakeFirst();
      return row === undefined ? null : jobOf(row, row.leased);
    },
  };
}

export async function insertJobs(
  db: Db,
  orderId: string,
  jobs: readonly NewJob[],
  now: EpochMs,
): Promise<void> {
  if (jobs.length === 0) return;
  const at = timestamp(now);
  const rows = jobs.map(({ id, type, item, input }) => ({
    ...{ order_id: orderId, id, type, item, input: JSON.stringify(input) },
    ...{ opened_at: at, available_at: at, attempts: 0, stuck: false },
  }));
  await db.insertInto("jobs").values(rows).execute();
}

/** Jobs with an open incident. */
export async function stuckJobs(db: Db, orderId: string): Promise<readonly string[]> {
  const query = db.selectFrom("jobs").select("id").where("order_id", "=", orderId);
  const rows = await query.where("stuck", "=", true).orderBy("id").execute();
  return rows.map(({ id }) => id);
}

export async function deleteJobs(db: Db, orderId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .deleteFrom("jobs")
    .where("order_id", "=", orderId)
    .where(sql<boolean>`id = any(${[...ids]}::text[])`)
    .execute();
}

/** Holds the lease until the transaction's end. @throws {LeaseLost} when it is no longer the caller's */
export async function holdLease(context: Context, lease: JobLease): Promise<void> {
  if (await touch(context, lease, {})) return;
  throw new LeaseLost(
    `The lease of job ${lease.id} ended or went to another worker: its result was not taken. Claim jobs again.`,
  );
}

/** Stuck or offered again at once, with its attempts counted anew. @returns false when the job is not there (any more) */
export async function markJob(
  context: Context,
  orderId: string,
  id: string,
  stuck: boolean,
): Promise<boolean> {
  const available = { available_at: sql<string>`${context.instant()}`, attempts: 0 };
  const row = await context.db
    .updateTable("jobs")
    .set({
      ...{ stuck, worker: null, lease_token: null, lease_until: null },
      ...(stuck ? {} : available),
    })
    .where("order_id", "=", orderId)
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

async function claim(context: Context, request: ClaimRequest): Promise<readonly ClaimedJob[]> {
  const { types, worker, limit, leaseMs } = request;
  const token = newToken(context);
  const until = fromNow(context, leaseMs);
  const { rows } = await sql<Selectable<JobsTable>>`
    with picked as materialized (
      select order_id, id from jobs
      where type = any(${[...types]}::text[]) and not stuck and available_at <= ${context.instant()}
      order by available_at, order_id, id
      limit ${limit}
      for update skip locked
    )
    update jobs
    set attempts = attempts + 1, worker = ${worker}, lease_token = ${token},
      lease_until = ${until}, available_at = ${until}
    from picked
    where jobs.order_id = picked.order_id and jobs.id = picked.id
    returning jobs.*`.execute(context.db);
  return rows
    .map((row) => ({ ...jobOf(row, true), lease: { orderId: row.order_id, id: row.id, token } }))
    .toSorted((one, other) => one.openedAt - other.openedAt);
}

interface LeaseChange {
  readonly available_at?: RawBuilder<string>;
  readonly worker?: null;
  readonly lease_token?: null;
  readonly lease_until?: RawBuilder<string> | null;
}

/** Changes the job whose lease still runs under this token. @returns false when there is none */
async function touch(context: Context, lease: JobLease, change: LeaseChange): Promise<boolean> {
  const row = await context.db
    .updateTable("jobs")
    .set({ lease_token: lease.token, ...change })
    .where("order_id", "=", lease.orderId)
    .where("id", "=", lease.id)
    .where("lease_token", "=", lease.token)
    .where(leased(context))
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

function leased(context: Context): RawBuilder<boolean> {
  return sql<boolean>`coalesce(lease_until > ${context.instant()}, false)`;
}

function newToken({ ports }: Context): string {
  const bytes = ports.random?.(TOKEN_BYTES) ?? crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return Buffer.from(bytes).toString("base64url");
}

function jobOf(row: Selectable<JobsTable>, isLeased: boolean): StoredJob {
  const { id, type, item, attempts } = row;
  return {
    ...{ orderId: row.order_id, id, type, item, input: parseObject(row.input), attempts },
    state: row.stuck ? "incident" : isLeased ? "leased" : "open",
    ...{ openedAt: row.opened_at, availableAt: row.available_at },
    worker: isLeased ? row.worker : null,
    leaseUntil: isLeased ? row.lease_until : null,
  };
}
