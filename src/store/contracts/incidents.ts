/** Incidents: an order that is stuck, stored and visible until a person or a later step resolves it. */

import type { EpochMs, Page, Scope } from "../store.ts";
import type { JobLease } from "./jobs.ts";

export interface NewIncident {
  readonly kind: "timer" | "job";
  /** Id of the timer or job that is stuck. */
  readonly subject: string;
  /** Kebab-case code of what failed, such as `expression-failed`. */
  readonly code: string;
  readonly detail: string;
  /** JSON Pointer into the definition, of what failed. */
  readonly pointer: string | null;
}

export interface Incident extends NewIncident {
  /** `<order id>.<number>`, counted in the order from 1. */
  readonly id: string;
  readonly orderId: string;
  readonly number: number;
  readonly process: string;
  readonly version: string;
  readonly centre: string | null;
  /** Revision of the order that got stuck. */
  readonly revision: number;
  readonly openedAt: EpochMs;
  readonly closedAt: EpochMs | null;
  /** Who closed it; null: a later step of the order took its subject away. */
  readonly closedBy: string | null;
  readonly reason: string | null;
  /** The tag of whose data the order holds; null: its own. */
  readonly holder: string | null;
  /** Whether the person's data are restricted at this moment. */
  readonly isRestricted: boolean;
}

/** Who closes an incident of an order, and why. */
export interface Resolution {
  /** Its number in the order. */
  readonly number: number;
  readonly by: string;
  readonly reason: string;
}

export interface IncidentFilter {
  readonly open?: boolean;
  readonly orderId?: string;
  readonly process?: string;
  readonly centre?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export interface Incidents {
  readonly get: (id: string, scope: Scope) => Promise<Incident | null>;
  /** Newest first. */
  readonly list: (filter: IncidentFilter, scope: Scope) => Promise<Page<Incident>>;
  /**
   * Opens one on an order, as the decision `incident` of `Store.change` does; one that is open for the same subject is
   * brought up to date instead. @returns null when the order, or its timer or job, is not there (any more)
   * @throws {LeaseLost} when the lease that came along is no longer the caller's
   */
  readonly open: (
    orderId: string,
    incident: NewIncident,
    lease?: JobLease,
  ) => Promise<Incident | null>;
}
