/** Incidents as callers see them: what is stuck, and the request to try it again. */

import { formatInstant } from "../../machines/time/instant.ts";
import type { Incident as StoredIncident } from "../store/contracts/incidents.ts";
import type { Store } from "../store/store.ts";
import { scopeOf } from "./caller.ts";
import type { Incident, Incidents } from "./engine.ts";
import { refused } from "./refusal.ts";

/** @param wake a timer or job may be due at once */
export function createIncidents(store: Store, wake: () => void): Incidents {
  return {
    list: async (caller, { limit, cursor }) => {
      const filter = { open: true, limit, ...(cursor === undefined ? {} : { cursor }) };
      const page = await store.incidents.list(filter, scopeOf(caller));
      return { kind: "ok", items: page.items.map(answer), nextCursor: page.nextCursor };
    },
    retry: async (caller, id, reason) => {
      const resolution = { by: caller.sub, reason };
      const closed = await store.incidents.close(id, resolution, scopeOf(caller));
      if (closed === null) {
        return refused("not-found", `Expected an open incident, found none with the id "${id}".`);
      }
      wake();
      return { kind: "ok" };
    },
  };
}

function answer({ id, orderId, kind, subject, code, detail, openedAt }: StoredIncident): Incident {
  const source = { kind, id: subject };
  return { id, order: orderId, source, code, detail, openedAt: formatInstant(openedAt) };
}
