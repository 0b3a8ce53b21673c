/** Built-in jobs: done outside any transaction, at least once, under a lease; their end goes the one path like any event. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Job, Order, Rejected } from "../../machines/order.ts";
import type { ClaimedJob } from "../store/contracts/jobs.ts";
import { LeaseLost, StoreBusy, StoreUnavailable } from "../store/errors.ts";
import { orderOf } from "./apply.ts";
import { BUILTIN_TYPES, runBuiltin, undoBuiltin, type WorkResult } from "./builtin-jobs.ts";
import { failExhausted } from "./exhausted-jobs.ts";
import { backoffMs, jobContract } from "./job-contract.ts";
import { failing, incidentOf } from "./job-failure.ts";
import { inLanes } from "./lanes.ts";
import { MAX_PAUSE_MS } from "./loop.ts";
import { applyOwn, reportDefect, type Prepared, type Workshop } from "./own-event.ts";

const ROUND_JOBS = 128;
/** About half of them hold a connection, the others wait for what is written in common. */
const LANES = 12;
/** How long a job rests whose end found no room. */
const BUSY_MS = 1_000;
/** A built-in takes one or two statements; a server that holds one for longer is taken for dead. */
const LEASE_MS = 30_000;

/**
 * One round over the jobs that are offered, after those that nobody will be offered again.
 * @returns the milliseconds until the next one is worth a look
 */
export async function runOfferedJobs(
  workshop: Workshop,
  worker: string,
  signal: AbortSignal,
): Promise<number> {
  await failExhausted(workshop, signal);
  const request = { types: BUILTIN_TYPES, worker, limit: ROUND_JOBS, leaseMs: LEASE_MS };
  const claimed = await workshop.store.jobs.claim(request);
  await inLanes(claimed, LANES, signal, (job) => runOrReport(workshop, job));
  return claimed.length > 0 ? 0 : MAX_PAUSE_MS;
}

async function runOrReport(workshop: Workshop, claimed: ClaimedJob): Promise<void> {
  const { orderId, id, lease } = claimed;
  const { log } = workshop;
  try {
    await runJob(workshop, claimed);
  } catch (err) {
    if (err instanceof StoreUnavailable) throw err;
    if (err instanceof StoreBusy) {
      await workshop.store.jobs.release(lease, BUSY_MS);
      return;
    }
    if (err instanceof LeaseLost) {
      log.warn(
        { orderId, job: id },
        "a job took longer than its lease, or was withdrawn; its end was not taken",
      );
      return;
    }
    log.error({ err, orderId, job: id }, "a job failed");
    await reportDefect(workshop, orderId, "job", id, lease);
  }
}

/** What the work came to; `accident`: it threw, and may go well at the next attempt. */
type End = WorkResult | { readonly kind: "accident" };

async function runJob(workshop: Workshop, claimed: ClaimedJob): Promise<void> {
  const { store, log } = workshop;
  const { orderId, id, attempts } = claimed;
  const stored = await store.orders.get(orderId, { centres: "*" });
  if (stored === null || jobIn(orderOf(stored), id) === undefined) return;
  const end = await work(workshop, claimed, stored.centre);
  let retryInMs = 0;
  const outcome = await applyOwn<"gone" | "again">(workshop, orderId, (order, executable) => {
    const job = jobIn(order, id);
    if (job === undefined) return { kind: "skip", why: "gone" };
    const contract = jobContract(executable, job.type);
    if (end.kind === "accident" && attempts <= contract.retries) {
      retryInMs = backoffMs(contract, attempts);
      return { kind: "skip", why: "again" };
    }
    return { ...ending(executable, job, end), lease: claimed.lease };
  });
  if (outcome === "incident") log.warn({ orderId, job: id }, "a job opened an incident");
  if (outcome === "again") await store.jobs.release(claimed.lease, retryInMs);
}

async function work(workshop: Workshop, claimed: ClaimedJob, centre: string | null): Promise<End> {
  const { store, keyring, log } = workshop;
  const { orderId, id: job, type, input, lease } = claimed;
  const { digest } = claimed.order;
  const builtin = { store, keyring, orderId, digest, centre, job, input, lease };
  try {
    return await runBuiltin(type, builtin);
  } catch (err) {
    if (err instanceof LeaseLost) throw err;
    log.warn({ err, orderId, job }, "an attempt at a job failed");
    await undoBuiltin(type, builtin);
    return { kind: "accident" };
  }
}

/** A document that declares no output gets none. */
function ending(executable: Executable, job: Job, end: End): Prepared<never> {
  const { id } = job;
  if (end.kind === "done") {
    const output =
      jobContract(executable, job.type).declaration.output === undefined ? {} : end.output;
    const incident = (rejected: Rejected) => incidentOf(job, rejected);
    return { kind: "event", type: "job.completed", payload: { job: id, output }, incident };
  }
  return { kind: "event", ...failing(job, end.kind === "failed" ? end : OUT_OF_RETRIES) };
}

const OUT_OF_RETRIES = {
  code: "retries-exhausted",
  message: "Every attempt failed; the server's log says how.",
};

function jobIn({ snapshot }: Order, id: string): Job | undefined {
  return snapshot.jobs.find((job) => job.id === id);
}
