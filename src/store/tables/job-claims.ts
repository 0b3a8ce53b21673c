/** Claims jobs: each goes to one worker at a time, the oldest first, without anybody waiting for anybody. */

import { sql, type RawBuilder } from "kysely";

import { fromNow, stilled, type Context } from "../context.ts";
import type { Claimant, ClaimedJob, ClaimRequest } from "../contracts/jobs.ts";
import { jobOf, jobOrderOf, ORDER_COLUMNS, type OrderedRow } from "./job-row.ts";

/** 128 bits: nobody guesses another worker's lease. */
const TOKEN_BYTES = 16;

/**
 * One scan of the index per type (and centre), each ended by its limit, and the oldest of them all: never a sort of
 * everything that is open. The clock is read once, so that it bounds the scan too.
 */
export async function claimJobs(
  context: Context,
  request: ClaimRequest,
): Promise<readonly ClaimedJob[]> {
  const { types, process, worker, limit, leaseMs, claimant } = request;
  const token = newToken(context);
  const until = fromNow(context, leaseMs);
  const { centres, inReach } = reach(claimant);
  const { rows } = await sql<OrderedRow>`
    with picked as materialized (
      select order_id, id
      from unnest(${[...new Set(types)]}::text[]) as wanted (type) ${centres}
      cross join lateral (
        select order_id, id, available_at from jobs
        where jobs.type = wanted.type and ${inReach}
          and ${isOffered(context)} and ${isOf(process)}
        order by available_at, order_id, id
        limit ${limit}
        for update skip locked
      ) as offered
      order by available_at, order_id, id
      limit ${limit}
    )
    update jobs
    set attempts = attempts + 1, worker = ${worker}, claimed_by = ${claimant?.sub ?? null},
      lease_token = ${token}, lease_until = ${until}, available_at = ${until}
    from picked join orders on orders.id = picked.order_id
    where jobs.order_id = picked.order_id and jobs.id = picked.id
    returning jobs.*, ${ORDER_COLUMNS}`.execute(context.db);
  return rows
    .map((row) => ({
      ...jobOf(row, true),
      order: jobOrderOf(row),
      lease: { orderId: row.order_id, id: row.id, token },
    }))
    .toSorted((one, other) => one.openedAt - other.openedAt);
}

export async function offeredTypes(
  moving: Context,
  types: readonly string[],
): Promise<readonly string[]> {
  const context = await stilled(moving);
  if (context.isDistributed) {
    const { rows } = await sql<{ readonly type: string }>`
      select distinct type from jobs
      where type = any(${[...new Set(types)]}::text[]) and ${isOffered(context)}`.execute(
      context.db,
    );
    return rows.map(({ type }) => type);
  }
  const { rows } = await sql<{ readonly type: string }>`
    select wanted.type from unnest(${[...new Set(types)]}::text[]) as wanted (type)
    where exists (select from jobs where jobs.type = wanted.type and ${isOffered(context)})`.execute(
    context.db,
  );
  return rows.map(({ type }) => type);
}

export function isOffered(context: Context): RawBuilder<boolean> {
  return sql<boolean>`not stuck and available_at <= (select ${context.instant()})
    and (retries is null or attempts <= retries)`;
}

/**
 * Asked row by row, so that the scan stays the index's: a join would sort all that is open. Passing over a job of another
 * process costs 8 us: 0.4 s where 50,000 of the same type are open before the first of this one.
 */
function isOf(process: string | undefined): RawBuilder<boolean> {
  if (process === undefined) return sql<boolean>`true`;
  return sql<boolean>`(select process from orders where orders.id = jobs.order_id) = ${process}`;
}

interface Reach {
  /** What the scan of each type is repeated for. */
  readonly centres: RawBuilder<unknown>;
  readonly inReach: RawBuilder<boolean>;
}

function reach(claimant: Claimant | undefined): Reach {
  if (claimant === undefined) return { centres: sql``, inReach: sql<boolean>`true` };
  const { scope, roles } = claimant;
  const asked = roles === "*" ? sql<boolean>`true` : sql<boolean>`roles && ${[...roles]}::text[]`;
  if (scope.centres === "*") return { centres: sql``, inReach: asked };
  const own = sql`${[...new Set(scope.centres)]}::text[]`;
  // Jobs that a server of the release before opened name no centre: theirs is their order's.
  return {
    centres: sql`cross join unnest(${own} || '{""}') as reached (centre)`,
    inReach: sql<boolean>`jobs.centre = reached.centre and ${asked}
      and (reached.centre <> '' or exists (
        select from orders where orders.id = jobs.order_id and orders.centre = any(${own})))`,
  };
}

/** The same asked of each job by itself. */
export function ownReach(claimant: Claimant | undefined): RawBuilder<boolean> {
  if (claimant === undefined) return sql<boolean>`true`;
  const { scope, roles } = claimant;
  const asked = roles === "*" ? sql<boolean>`true` : sql<boolean>`roles && ${[...roles]}::text[]`;
  if (scope.centres === "*") return asked;
  const own = sql`${[...new Set(scope.centres)]}::text[]`;
  return sql<boolean>`(${asked} and (jobs.centre = any(${own}) or (jobs.centre = '' and exists (
    select from orders where orders.id = jobs.order_id and orders.centre = any(${own})))))`;
}

export function newToken({ ports }: Context): string {
  const bytes = ports.random?.(TOKEN_BYTES) ?? crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return Buffer.from(bytes).toString("base64url");
}
