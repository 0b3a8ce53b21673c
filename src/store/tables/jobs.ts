/** Table `jobs`: open jobs only, with their leases; a row is deleted in the transaction that closes its job. */

import { sql, type RawBuilder } from "kysely";

import { fromNow, stilled, type Context } from "../context.ts";
import type { JobLease, Jobs, NewJob } from "../contracts/jobs.ts";
import type { Db } from "../database.ts";
import { LeaseLost } from "../errors.ts";
import type { EpochMs } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { claimApart } from "./job-claims-apart.ts";
import { claimJobs, offeredTypes } from "./job-claims.ts";
import { listJobs } from "./job-list.ts";
import { isRunning, jobOf, type JobRow } from "./job-row.ts";

export function jobsOn(context: Context): Jobs {
  const { db } = context;
  return {
    claim: context.isDistributed
      ? (request) => claimApart(context, request)
      : (request) => claimJobs(context, request),
    release: async (lease, retryInMs) => releaseJob(await stilled(context), lease, retryInMs),
    extend: async (lease, leaseMs) => {
      const now = await stilled(context);
      const until = sql<string>`${fromNow(now, leaseMs)}`;
      const row = await touch(now, lease, { available_at: until, lease_until: until });
      return row?.lease_until ?? null;
    },
    get: async (orderId, id) => {
      const row = await one(db, orderId, id)
        .select(isRunning(context).as("leased"))
        .executeTakeFirst();
      return row === undefined ? null : jobOf(row, row.leased);
    },
    lastClaim: async (orderId, id) => {
      const row = await one(db, orderId, id).executeTakeFirst();
      const token = row?.lease_token ?? null;
      if (row === undefined || token === null) return null;
      const { claimed_by: by, attempts } = row;
      return { by, attempts, lease: { orderId, id, token } };
    },
    offered: (types) => offeredTypes(context, types),
    exhausted: async (limit) => {
      const rows = await db
        .selectFrom("jobs")
        .select(["order_id", "id", "lease_token"])
        .where(sql<boolean>`not stuck and attempts > retries`)
        .where(sql<boolean>`lease_until <= (select ${context.instant()})`)
        .orderBy("lease_until")
        .limit(limit)
        .execute();
      return rows.map(({ order_id: orderId, id, lease_token: token }) => ({
        ...{ orderId, id, token: token ?? "", must: "have ended" },
      }));
    },
    list: (filter, scope) => listJobs(context, filter, scope),
  };
}

export async function insertJobs(
  db: Db,
  orderId: string,
  centre: string | null,
  jobs: readonly NewJob[],
  now: EpochMs,
): Promise<void> {
  if (jobs.length === 0) return;
  const at = timestamp(now);
  const rows = jobs.map(({ id, type, item, input, roles = [], retries = null }) => ({
    ...{ order_id: orderId, id, type, item, input: JSON.stringify(input) },
    ...{ opened_at: at, available_at: at, attempts: 0, stuck: false, centre, retries },
    roles: sql<readonly string[]>`${[...roles]}::text[]`,
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
  if ((await touch(context, lease, {})) === undefined) throw leaseLost(lease);
}

export async function releaseJob(
  context: Context,
  lease: JobLease,
  retryInMs: number,
): Promise<boolean> {
  const row = await touch(context, lease, {
    available_at: sql<string>`${fromNow(context, retryInMs)}`,
    ...NOBODYS,
  });
  return row !== undefined;
}

export function leaseLost({ id }: JobLease): LeaseLost {
  return new LeaseLost(
    `The lease of job ${id} ended or went to another worker: its result was not taken. Claim jobs again.`,
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
    .set({ stuck, ...NOBODYS, ...(stuck ? {} : available) })
    .where("order_id", "=", orderId)
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

const NOBODYS = { worker: null, claimed_by: null, lease_token: null, lease_until: null } as const;

interface LeaseChange extends Partial<typeof NOBODYS> {
  readonly available_at?: RawBuilder<string>;
}

/** Changes the job whose lease this is, when it is as it must be. @returns undefined when there is none */
function touch(
  context: Context,
  lease: JobLease,
  change: Omit<LeaseChange, "lease_until"> & { readonly lease_until?: RawBuilder<string> | null },
): Promise<Pick<JobRow, "lease_until"> | undefined> {
  return context.db
    .updateTable("jobs")
    .set({ lease_token: lease.token, ...change })
    .where("order_id", "=", lease.orderId)
    .where("id", "=", lease.id)
    .where("lease_token", "=", lease.token)
    .where(isAsItMust(context, lease))
    .returning("lease_until")
    .executeTakeFirst();
}

function isAsItMust(context: Context, { must = "be running" }: JobLease): RawBuilder<boolean> {
  switch (must) {
    case "be running":
      return isRunning(context);
    case "have ended":
      return sql<boolean>`not ${isRunning(context)}`;
    case "be last":
      return sql<boolean>`true`;
  }
}

function one(db: Db, orderId: string, id: string) {
  return db.selectFrom("jobs").selectAll().where("order_id", "=", orderId).where("id", "=", id);
}
