/** What the engine promises about jobs to workers outside: claimed by one at a time, ended once, and never lost. */

import type { JsonObject } from "../../../machines/json.ts";
import type { Instant } from "../../../machines/order.ts";
import type { Caller, ListResult, OrderResult, Page, WriteOptions } from "../engine.ts";
import type { Refused } from "../refusal.ts";

/** The order that a job is of, when it was claimed or read. */
export interface OrderOfJob {
  readonly id: string;
  readonly process: string;
  readonly version: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
  readonly revision: number;
}

interface Described {
  readonly id: string;
  readonly type: string;
  readonly order: OrderOfJob;
  /** `collection/id` of the item that it is for. */
  readonly item?: string;
  /** Persons' values are in clear for whoever takes part. */
  readonly input: JsonObject;
}

export interface ClaimedJob extends Described {
  /** Counted from 1, and anew after an incident was retried. */
  readonly attempt: number;
  /** Attempts that are left when this one fails. */
  readonly retriesLeft: number;
  readonly leaseUntil: Instant;
  /** Secret to the claim; names it wherever the job is ended or extended. */
  readonly leaseToken: string;
}

export interface Job extends Described {
  /** `failed`: an incident on it is open. */
  readonly state: "open" | "leased" | "failed";
  readonly attempts: number;
  readonly openedAt: Instant;
  /** Not offered before. */
  readonly availableAt: Instant;
  /** Who has it, as the worker calls itself. */
  readonly worker: string | null;
  readonly leaseUntil: Instant | null;
}

export interface ClaimJobs {
  readonly types: readonly string[];
  /** Only jobs of its orders: another process may have jobs of the same type. Absent: of every process. */
  readonly process?: string;
  /** What the worker calls itself; absent: by its `sub`. */
  readonly worker?: string;
  readonly max: number;
  readonly leaseSeconds: number;
}

/** Without a token, the claim must be one of the caller's `sub`; with it, that very claim. */
export interface Holding {
  readonly leaseToken?: string;
}

export interface CompleteJob extends Holding {
  /** Absent: an empty object. */
  readonly output?: JsonObject;
}

export interface FailJob extends Holding {
  readonly error: { readonly code: string; readonly message: string };
  /** False: trying again would give the same. */
  readonly retryable: boolean;
  /** Absent: the document's back-off. */
  readonly retryAfterSeconds?: number;
}

export interface ExtendJob extends Holding {
  readonly leaseSeconds: number;
}

export interface JobFilter {
  readonly type?: string;
  readonly state?: Job["state"];
  /** Id of the order. */
  readonly order?: string;
  readonly process?: string;
}

export interface JobClaims {
  /** Oldest first; what the caller may not do, or does not reach, is not offered. */
  readonly claim: (
    caller: Caller,
    request: ClaimJobs,
  ) => Promise<{ readonly kind: "ok"; readonly items: readonly ClaimedJob[] }>;
  /** Lets the lease end that many seconds from now. A lease that has ended is lost to whoever claims next. */
  readonly extend: (
    caller: Caller,
    id: string,
    request: ExtendJob,
  ) => Promise<
    { readonly kind: "ok"; readonly id: string; readonly leaseUntil: Instant } | Refused
  >;
}

/** How a claim waits. @see Jobs.waiting */
export interface ClaimWait extends Pick<ClaimJobs, "types" | "process"> {
  readonly waitMs: number;
  /** Any of them ends the wait; what is claimed at that moment is still the caller's. */
  readonly signals: readonly AbortSignal[];
}

export interface Jobs extends JobClaims {
  /**
   * Claims as soon as there may be something: at once, and whenever a job of these types is offered, first come first
   * served. `claim` is asked again and again until it gives something; it must claim for this caller.
   * @returns null when nothing came in time; `full`: too many wait already
   */
  readonly waiting: <Claimed extends object>(
    caller: Caller,
    wait: ClaimWait,
    claim: () => Promise<Claimed | null>,
  ) => Promise<Claimed | "full" | null>;
  /** The very same again, by the same claim, answers the order again. */
  readonly complete: (
    caller: Caller,
    id: string,
    request: CompleteJob,
    options?: WriteOptions,
  ) => Promise<OrderResult>;
  /** Tried again later, or for good: the document's `onError`, else an incident. */
  readonly fail: (
    caller: Caller,
    id: string,
    request: FailJob,
    options?: WriteOptions,
  ) => Promise<OrderResult>;
  readonly get: (
    caller: Caller,
    id: string,
  ) => Promise<{ readonly kind: "ok"; readonly job: Job } | Refused>;
  /** Of workers outside, newest first. */
  readonly list: (caller: Caller, filter: JobFilter, page: Page) => Promise<ListResult<Job>>;
}
