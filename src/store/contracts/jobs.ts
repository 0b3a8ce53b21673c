/** Open jobs and their leases: a job is offered to one worker at a time, for as long as its lease lasts. */

import type { JsonObject } from "../../../machines/json.ts";
import type { EpochMs } from "../store.ts";

export interface NewJob {
  /** Unique in the order for ever: it carries the revision that opened it. */
  readonly id: string;
  readonly type: string;
  readonly item: string | null;
  readonly input: JsonObject;
}

export interface StoredJob extends NewJob {
  readonly orderId: string;
  readonly state: "open" | "leased" | "incident";
  /** How often it was claimed. */
  readonly attempts: number;
  readonly openedAt: EpochMs;
  /** Not offered before. */
  readonly availableAt: EpochMs;
  readonly worker: string | null;
  readonly leaseUntil: EpochMs | null;
}

/** Names one claim of one job; the token is secret to the worker that claimed. */
export interface JobLease {
  readonly orderId: string;
  readonly id: string;
  readonly token: string;
}

export interface ClaimedJob extends StoredJob {
  readonly lease: JobLease;
}

export interface ClaimRequest {
  readonly types: readonly string[];
  readonly worker: string;
  readonly limit: number;
  readonly leaseMs: number;
}

export interface Jobs {
  /** Oldest first; a job with a running lease or an open incident is not offered. Counts an attempt. */
  readonly claim: (request: ClaimRequest) => Promise<readonly ClaimedJob[]>;
  /** Gives the job back, to be offered again after `retryInMs`. @returns false when the lease is no longer the caller's */
  readonly release: (lease: JobLease, retryInMs: number) => Promise<boolean>;
  /** Lets the lease end `leaseMs` from now. @returns false when the lease is no longer the caller's */
  readonly extend: (lease: JobLease, leaseMs: number) => Promise<boolean>;
  /** @returns null when the job is closed or never was */
  readonly get: (orderId: string, id: string) => Promise<StoredJob | null>;
}
