/** The door for workers outside: what they may ask of jobs, put together from its parts. */

import type { Bus } from "./bus.ts";
import type { Jobs } from "./contracts/jobs.ts";
import { getJob, listJobs } from "./job-answers.ts";
import { createJobClaims } from "./job-claims.ts";
import { completeJob, failJob, type JobEnding } from "./job-ends.ts";
import { createJobWaits } from "./job-waits.ts";
import type { Clock, Log } from "./ports.ts";

export interface JobPorts extends JobEnding {
  readonly bus: Pick<Bus, "subscribe">;
  readonly clock: Clock;
  readonly log: Log;
}

export function createJobs(ports: JobPorts): Jobs {
  return {
    ...createJobClaims(ports),
    waiting: createJobWaits(ports),
    complete: (caller, id, request, options = {}) =>
      completeJob(ports, { caller, id, options }, request),
    fail: (caller, id, request, options = {}) => failJob(ports, { caller, id, options }, request),
    get: (caller, id) => getJob(ports, caller, id),
    list: (caller, filter, page) => listJobs(ports, caller, filter, page),
  };
}
