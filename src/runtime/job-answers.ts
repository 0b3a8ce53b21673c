/** Jobs as they are answered to a worker or a reader, persons' data by leave. */

import { unseal } from "../../machines/schema/tokens.ts";
import type { JsonObject } from "../../machines/json.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import type {
  ClaimedJob as StoredClaim,
  JobFilter as StoredFilter,
  JobOrder,
  OrderedJob,
  StoredJob,
} from "../store/contracts/jobs.ts";
import type { Store } from "../store/store.ts";
import { orderOf } from "./apply.ts";
import { BUILTIN_TYPES } from "./builtin-jobs.ts";
import { scopeOf } from "./caller.ts";
import type { ClaimedJob, Job, JobFilter, Jobs, OrderOfJob } from "./contracts/jobs.ts";
import type { Library } from "./definitions.ts";
import type { Caller, Page } from "./engine.ts";
import { jobContract } from "./job-contract.ts";
import { parseJobId, publicJobId } from "./job-id.ts";
import type { Keyring } from "./keyring.ts";
import { personsIn } from "./persons.ts";
import { refused, type Refused } from "./refusal.ts";

export interface JobReading {
  readonly store: Store;
  readonly library: Library;
  readonly keyring: Pick<Keyring, "read">;
}

export async function listJobs(
  reading: JobReading,
  caller: Caller,
  { state, order, ...filter }: JobFilter,
  page: Page,
): ReturnType<Jobs["list"]> {
  const wanted: StoredFilter = {
    ...{ ...filter, ...page, without: BUILTIN_TYPES },
    ...(state === undefined ? {} : { state: state === "failed" ? "incident" : state }),
    ...(order === undefined ? {} : { orderId: order }),
  };
  const found = await reading.store.jobs.list(wanted, scopeOf(caller));
  const items = await Promise.all(
    found.items.map(async (job) => {
      const input = await inputFor(reading, caller, job);
      return jobAnswer({ ...job, input }, job.order);
    }),
  );
  return { kind: "ok", items, nextCursor: found.nextCursor };
}

/** The engine's own jobs too: a work order names them. */
export async function getJob(
  reading: JobReading,
  caller: Caller,
  id: string,
): ReturnType<Jobs["get"]> {
  const { store } = reading;
  const parsed = parseJobId(id);
  if (parsed === null) return jobNotFound(id);
  const stored = await store.orders.get(parsed.orderId, scopeOf(caller));
  const named = stored && orderOf(stored).snapshot.jobs.find((open) => open.id === parsed.id);
  const row = named && (await store.jobs.get(parsed.orderId, parsed.id));
  if (stored === null || !named || !row) return jobNotFound(id);
  const ordered = { ...row, type: named.type, order: stored };
  const input = await inputFor(reading, caller, ordered);
  return { kind: "ok", job: jobAnswer({ ...ordered, input }, stored) };
}

export async function claimAnswer(
  reading: JobReading,
  caller: Caller,
  claimed: StoredClaim,
): Promise<ClaimedJob> {
  const { order, attempts, leaseUntil, lease } = claimed;
  const executable = await reading.library.load(order.digest);
  if (executable === null) throw new Error(`Expected the definition ${order.digest}, found none.`);
  const { retries } = jobContract(executable, claimed.type);
  const input = await inputFor(reading, caller, claimed);
  return {
    ...described({ ...claimed, input }, order),
    attempt: attempts,
    retriesLeft: Math.max(0, retries + 1 - attempts),
    leaseUntil: formatInstant(leaseUntil ?? 0),
    leaseToken: lease.token,
  };
}

export function jobNotFound(id: string): Refused {
  return refused("not-found", `Expected an open job, found none with the id "${id}".`);
}

async function inputFor(
  { store, library, keyring }: JobReading,
  caller: Caller,
  { order, input }: Pick<OrderedJob, "input"> & { readonly order: Pick<JobOrder, "id" | "digest"> },
): Promise<JsonObject> {
  const executable = await library.load(order.digest);
  if (executable === null) throw new Error(`Expected the definition ${order.digest}, found none.`);
  const vault = { store, keyring, orderId: order.id, fresh: [] };
  return unseal(input, await personsIn(input, executable, caller, vault));
}

function jobAnswer(job: StoredJob, order: OrderOfJob): Job {
  const { state, attempts, openedAt, availableAt, worker, leaseUntil } = job;
  return {
    ...described(job, order),
    state: state === "incident" ? "failed" : state,
    ...{ attempts, openedAt: formatInstant(openedAt), availableAt: formatInstant(availableAt) },
    ...{ worker, leaseUntil: leaseUntil === null ? null : formatInstant(leaseUntil) },
  };
}

function described({ orderId, id, type, item, input }: StoredJob, order: OrderOfJob) {
  const { process, version, businessKey, centre, revision } = order;
  return {
    ...{ id: publicJobId(orderId, id), type },
    order: { id: orderId, process, version, businessKey, centre, revision },
    ...(item === null ? {} : { item }),
    input,
  };
}
