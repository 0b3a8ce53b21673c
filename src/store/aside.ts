/** What a decision does to the work of an order without an entry: what gets stuck, goes back, or is tried again. */

import type { Context } from "./context.ts";
import type { Decision, EpochMs, StoredOrder } from "./store.ts";
import { openIncident, retryIncident } from "./tables/incidents.ts";
import { holdLease, leaseLost, releaseJob } from "./tables/jobs.ts";

export type Aside<T> = Extract<Decision<T>, { readonly kind: "incident" | "release" | "retry" }>;

/** Needs the order's lock. @throws {LeaseLost} @throws {IncidentClosed} */
export async function actAside<T>(
  context: Context,
  { orderId, current, now }: Locked,
  decision: Aside<T>,
): Promise<void> {
  switch (decision.kind) {
    case "release": {
      const { lease, retryInMs } = decision;
      if (!(await releaseJob(context, lease, retryInMs))) throw leaseLost(lease);
      return;
    }
    case "retry":
      await retryIncident(
        context,
        { id: orderId, revision: current?.revision ?? 0 },
        decision.resolution,
        now,
      );
      return;
    case "incident": {
      const { incident, lease } = decision;
      if (lease !== undefined) await holdLease(context, lease);
      const opened = current && (await openIncident(context, current, incident, now));
      if (opened === null) {
        throw new Error(
          `expected order ${orderId} to hold the ${incident.kind} ${incident.subject} of its incident, found none`,
        );
      }
    }
  }
}

interface Locked {
  readonly orderId: string;
  readonly current: StoredOrder | null;
  readonly now: EpochMs;
}
