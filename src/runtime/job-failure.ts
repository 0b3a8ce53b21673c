/** A job's failure as an event, and the incident that it is where the document has no `onError` for it. */

import type { JsonObject } from "../../machines/json.ts";
import type { Job, Rejected } from "../../machines/order.ts";
import type { NewIncident } from "../store/contracts/incidents.ts";

export interface JobError {
  readonly code: string;
  readonly message: string;
}

export interface JobFailing {
  readonly type: "job.failed";
  readonly payload: JsonObject;
  readonly incident: (rejected: Rejected) => NewIncident;
}

/** @param more what the event says beside it */
export function failing(job: Job, { code, message }: JobError, more: JsonObject = {}): JobFailing {
  const { id } = job;
  return {
    type: "job.failed",
    payload: { job: id, error: { code, message }, ...more },
    // Without an `onError` that applies, it is the job's own failure that a person has to look at.
    incident: (rejected) =>
      rejected.code === "event-not-enabled"
        ? { kind: "job", subject: id, code, detail: message, pointer: null }
        : incidentOf(job, rejected),
  };
}

/** What the order itself could not take. */
export function incidentOf({ id }: Job, { code, detail, pointer }: Rejected): NewIncident {
  return { kind: "job", subject: id, code, detail, pointer: pointer ?? null };
}
