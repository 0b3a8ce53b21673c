/** Ends jobs whose last attempt's worker never came back: by the document's `onError`, or in an incident. */

import type { JobLease } from "../store/contracts/jobs.ts";
import { LeaseLost, StoreBusy, StoreUnavailable } from "../store/errors.ts";
import { failing } from "./job-failure.ts";
import { inLanes } from "./lanes.ts";
import { applyOwn, reportDefect, type Workshop } from "./own-event.ts";

const ROUND_JOBS = 100;
const LANES = 8;

/** Over any number of servers each of them ends once: its lease is held while it is ended. */
export async function failExhausted(workshop: Workshop, signal: AbortSignal): Promise<void> {
  const exhausted = await workshop.store.jobs.exhausted(ROUND_JOBS);
  await inLanes(exhausted, LANES, signal, (lease) => failOrReport(workshop, lease));
}

async function failOrReport(workshop: Workshop, lease: JobLease): Promise<void> {
  const { log } = workshop;
  const { orderId, id } = lease;
  try {
    const outcome = await applyOwn<"gone">(workshop, orderId, ({ snapshot }) => {
      const job = snapshot.jobs.find((open) => open.id === id);
      if (job === undefined) return { kind: "skip", why: "gone" };
      return { kind: "event", ...failing(job, WORKER_LOST), lease };
    });
    if (outcome !== "gone") log.warn({ orderId, job: id }, "a job's last worker was lost");
  } catch (err) {
    if (err instanceof StoreUnavailable) throw err;
    // Another server was faster, or a person; or it comes again in the next round.
    if (err instanceof LeaseLost || err instanceof StoreBusy) return;
    log.error({ err, orderId, job: id }, "a job whose last worker was lost could not be ended");
    await reportDefect(workshop, orderId, "job", id, lease);
  }
}

const WORKER_LOST = {
  code: "retries-exhausted",
  message:
    "Every attempt failed; in the last one the worker did not come back before its lease ended.",
};
