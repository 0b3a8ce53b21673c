/** Open jobs and their leases: a job is offered to one worker at a time, for as long as its lease lasts. */

import type { JsonObject } from "../../../machines/json.ts";
import type { EpochMs, Page, Scope } from "../store.ts";

export interface NewJob {
  /** Unique in the order for ever: it carries the revision that opened it. */
  readonly id: string;
  readonly type: string;
  readonly item: string | null;
  readonly input: JsonObject;
  /** Who may do it beside those who may do every job; absent: nobody. */
  readonly roles?: readonly string[];
  /** Claims after the first before it is exhausted; absent: it never is. */
  readonly retries?: number;
}

export interface StoredJob extends NewJob {
  readonly orderId: string;
  readonly roles: readonly string[];
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
  /**
   * What the lease has to be for it to count: `running` (absent), `last`: it may have ended, as long as nobody claimed
   * after it, or `ended`.
   */
  readonly must?: "be running" | "be last" | "have ended";
}

/** What a job's order is, for whoever does the job. */
export interface JobOrder {
  readonly id: string;
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
  readonly revision: number;
}

export interface OrderedJob extends StoredJob {
  readonly order: JobOrder;
}

export interface ClaimedJob extends OrderedJob {
  readonly lease: JobLease;
}

export interface ClaimRequest {
  readonly types: readonly string[];
  /** Only jobs of its orders; absent: of every process. */
  readonly process?: string;
  readonly worker: string;
  readonly limit: number;
  readonly leaseMs: number;
  /** Absent: the engine itself, which does every job. */
  readonly claimant?: Claimant;
}

export interface Claimant {
  readonly sub: string;
  readonly scope: Scope;
  /** `"*"`: may do every job; else only those that name one of these roles. */
  readonly roles: readonly string[] | "*";
}

export interface LastClaim {
  /** The `sub` that it was made under; null: the engine's own. */
  readonly by: string | null;
  readonly attempts: number;
  readonly lease: JobLease;
}

export interface JobFilter {
  readonly type?: string;
  readonly state?: StoredJob["state"];
  readonly orderId?: string;
  readonly process?: string;
  /** Jobs of these types are left out. */
  readonly without?: readonly string[];
  readonly limit: number;
  readonly cursor?: string;
}

export interface Jobs {
  /**
   * Oldest first; a job with a running lease or an open incident, or one that is exhausted, is not offered. Counts an
   * attempt.
   */
  readonly claim: (request: ClaimRequest) => Promise<readonly ClaimedJob[]>;
  /** Gives the job back, to be offered again after `retryInMs`. @returns false when the lease is no longer the caller's */
  readonly release: (lease: JobLease, retryInMs: number) => Promise<boolean>;
  /** Lets the lease end `leaseMs` from now. @returns when, null when the lease is no longer the caller's */
  readonly extend: (lease: JobLease, leaseMs: number) => Promise<EpochMs | null>;
  /** @returns null when the job is closed or never was */
  readonly get: (orderId: string, id: string) => Promise<StoredJob | null>;
  /** The last claim, while nobody gave it back: whose it is, and its lease, which may have ended. */
  readonly lastClaim: (orderId: string, id: string) => Promise<LastClaim | null>;
  /** Those of the types of which a job may be claimed now, by whom it is for. */
  readonly offered: (types: readonly string[]) => Promise<readonly string[]>;
  /** Jobs whose last attempt's lease ended; each lease is such as counts only while that is so. */
  readonly exhausted: (limit: number) => Promise<readonly JobLease[]>;
  /** Newest first. */
  readonly list: (filter: JobFilter, scope: Scope) => Promise<Page<OrderedJob>>;
}
