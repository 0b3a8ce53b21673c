/** What the engine promises about incidents: what could not go on by itself, and the person who decides how it does. */

import type { JsonObject } from "../../../machines/json.ts";
import type { Instant } from "../../../machines/order.ts";
import type { Caller, ListResult, OrderResult, Page, WriteOptions } from "../engine.ts";
import type { Refused } from "../refusal.ts";

export interface Incident {
  readonly id: string;
  /** Id of the order. */
  readonly order: string;
  readonly process: string;
  readonly version: string;
  readonly centre: string | null;
  /** Of the order when it got stuck. */
  readonly revision: number;
  readonly status: "open" | "closed";
  /** The timer or the job that could not go on. */
  readonly source: { readonly kind: "timer" | "job"; readonly id: string };
  readonly code: string;
  readonly detail: string;
  /** JSON Pointer into the definition, of what failed. */
  readonly pointer: string | null;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
  /** Who retried or resolved it; null: a later step of the order took its timer or job away. */
  readonly closedBy: string | null;
  readonly reason: string | null;
}

export interface IncidentFilter {
  readonly status?: "open" | "closed";
  /** Id of the order. */
  readonly order?: string;
  readonly process?: string;
  readonly centre?: string;
}

export interface ResolveRequest {
  /** It stands in the history, and for a job as much as for a timer. */
  readonly reason: string;
  /** Of the job, in place of a worker's; absent: an empty object. A timer has none. */
  readonly output?: JsonObject;
}

/** Only an admin's or a manager's request may reach `retry` and `resolve`. */
export interface Incidents {
  /** Newest first. */
  readonly list: (
    caller: Caller,
    filter: IncidentFilter,
    page: Page,
  ) => Promise<ListResult<Incident>>;
  readonly get: (
    caller: Caller,
    id: string,
  ) => Promise<{ readonly kind: "ok"; readonly incident: Incident } | Refused>;
  /** Tries the timer or the job again at once, with all its attempts. */
  readonly retry: (
    caller: Caller,
    id: string,
    reason: string,
    options?: WriteOptions,
  ) => Promise<OrderResult>;
  /** Goes on without it: a job is completed with the output, a timer is given up; both are entries of the person's. */
  readonly resolve: (
    caller: Caller,
    id: string,
    request: ResolveRequest,
    options?: WriteOptions,
  ) => Promise<OrderResult>;
}
