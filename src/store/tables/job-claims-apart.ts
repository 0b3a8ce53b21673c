/**
 * Claims of jobs whose orders lie on several machines: who looks through all of them locks nothing, and takes each job by
 * itself, if it is still on offer then.
 */

import { sql } from "kysely";

import { fromNow, only, stilled, type Context } from "../context.ts";
import type { ClaimedJob, ClaimRequest } from "../contracts/jobs.ts";
import { isOffered, newToken, ownReach } from "./job-claims.ts";
import { jobOf, jobOrderOf, ORDER_COLUMNS, type JobRow, type OrderedRow } from "./job-row.ts";

export async function claimApart(
  moving: Context,
  request: ClaimRequest,
): Promise<readonly ClaimedJob[]> {
  const { types, process, limit, claimant } = request;
  const token = newToken(moving);
  const context = await stilled(moving);
  const isOfProcess =
    process === undefined
      ? sql<boolean>`true`
      : sql<boolean>`exists (
          select from orders where orders.id = jobs.order_id and orders.process = ${process})`;
  const { rows: offered } = await sql<Pick<JobRow, "order_id" | "id">>`
    select order_id, id from jobs
    where type = any(${[...new Set(types)]}::text[]) and ${ownReach(claimant)}
      and ${isOffered(context)} and ${isOfProcess}
    order by available_at, order_id, id
    limit ${limit}`.execute(context.db);
  const claimed: ClaimedJob[] = [];
  for (const job of offered) {
    const row = await claimOne(context, job, request, token);
    if (row !== null) claimed.push(row);
  }
  return claimed.toSorted((one, other) => one.openedAt - other.openedAt);
}

async function claimOne(
  context: Context,
  { order_id: orderId, id }: Pick<JobRow, "order_id" | "id">,
  { worker, claimant, leaseMs }: ClaimRequest,
  token: string,
): Promise<ClaimedJob | null> {
  const until = fromNow(context, leaseMs);
  const { rows: taken } = await sql`
    update jobs
    set attempts = attempts + 1, worker = ${worker}, claimed_by = ${claimant?.sub ?? null},
      lease_token = ${token}, lease_until = ${until}, available_at = ${until}
    where order_id = ${orderId} and id = ${id} and ${isOffered(context)}
    returning id`.execute(context.db);
  if (taken.length === 0) return null;
  const { rows } = await sql<OrderedRow>`
    select jobs.*, ${ORDER_COLUMNS} from jobs join orders on orders.id = jobs.order_id
    where jobs.order_id = ${orderId} and jobs.id = ${id} and lease_token = ${token}`.execute(
    context.db,
  );
  // Between both, its order may have closed it.
  if (rows.length === 0) return null;
  const row = only(rows);
  return { ...jobOf(row, true), order: jobOrderOf(row), lease: { orderId, id, token } };
}
