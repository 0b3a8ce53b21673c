/** Jobs are claimed and leases extended: each call is one transaction at most, and moves no order. */

import { formatInstant } from "../../machines/time/instant.ts";
import type { Claimant, StoredJob } from "../store/contracts/jobs.ts";
import { BUILTIN_TYPES } from "./builtin-jobs.ts";
import { scopeOf } from "./caller.ts";
import type { ExtendJob, JobClaims } from "./contracts/jobs.ts";
import { endOf, endedJob } from "./ended-job.ts";
import type { Caller } from "./engine.ts";
import { claimAnswer, jobNotFound, type JobReading } from "./job-answers.ts";
import { doEveryJob, workersOf } from "./job-contract.ts";
import { parseJobId } from "./job-id.ts";
import { refused, type Refused } from "./refusal.ts";
import { leaseLost } from "./write-order.ts";

const SECOND_MS = 1_000;

export function createJobClaims(reading: JobReading): JobClaims {
  const { store } = reading;
  return {
    claim: async (caller, { types, process, worker, max, leaseSeconds }) => {
      const wanted = types.filter((type) => !BUILTIN_TYPES.includes(type));
      const claimed = await store.jobs.claim({
        ...{ types: wanted, worker: worker ?? caller.sub, limit: max },
        ...{ leaseMs: leaseSeconds * SECOND_MS, claimant: claimantOf(caller) },
        ...(process === undefined ? {} : { process }),
      });
      const items = await Promise.all(claimed.map((job) => claimAnswer(reading, caller, job)));
      return { kind: "ok", items };
    },
    extend: (caller, id, request) => extend(reading, caller, id, request),
  };
}

/** The caller has this role for it, or is told which it would take. */
export function roleRefusal(
  { roles }: Caller,
  type: string,
  contract: { readonly roles: readonly string[] },
): Refused | null {
  const able = workersOf(contract);
  if (roles.some((role) => able.includes(role))) return null;
  return refused(
    "role-not-allowed",
    `Expected one of the roles ${able.join(", ")} to do a job "${type}", found ${roles.join(", ") || "none"}.`,
  );
}

function claimantOf(caller: Caller): Claimant {
  const { sub, roles } = caller;
  return { sub, scope: scopeOf(caller), roles: doEveryJob(roles) ? "*" : roles };
}

async function extend(
  { store }: JobReading,
  caller: Caller,
  id: string,
  { leaseSeconds, leaseToken }: ExtendJob,
): ReturnType<JobClaims["extend"]> {
  const parsed = parseJobId(id);
  const order = parsed && (await store.orders.get(parsed.orderId, scopeOf(caller)));
  if (parsed === null || order === null) return jobNotFound(id);
  const row: StoredJob | null = await store.jobs.get(parsed.orderId, parsed.id);
  if (row === null) return endedJob(await endOf(store, parsed), id);
  const refusal = roleRefusal(caller, row.type, row);
  if (refusal !== null) return refusal;
  const last = await store.jobs.lastClaim(parsed.orderId, parsed.id);
  if (last === null || !isHeld(last, caller, leaseToken)) return leaseLost();
  const until = await store.jobs.extend(last.lease, leaseSeconds * SECOND_MS);
  return until === null ? leaseLost() : { kind: "ok", id, leaseUntil: formatInstant(until) };
}

/** By that very claim where the caller names it, else by any of the caller's. */
export function isHeld(
  last: { readonly by: string | null; readonly lease: { readonly token: string } },
  { sub }: Caller,
  leaseToken: string | undefined,
): boolean {
  return leaseToken === undefined ? last.by === sub : last.lease.token === leaseToken;
}
