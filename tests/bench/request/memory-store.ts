/** A store whose orders change in memory, at once: what is left of a request is what the server itself computes. */

import type { EpochMs, OrderWrite, Store, StoredOrder } from "../../../src/store/store.ts";

/** All but `change` is the given store's. */
export function inMemory(store: Store): Store {
  const orders = new Map<string, StoredOrder>();
  return {
    ...store,
    change: async (orderId, decide) => {
      const current = orders.get(orderId) ?? null;
      const now = Math.max(Date.now(), current?.at ?? 0);
      const decision = decide(current, now);
      if (decision.kind === "write") {
        orders.set(orderId, written(orderId, current, decision.write, now));
      }
      return decision.result;
    },
  };
}

function written(
  id: string,
  current: StoredOrder | null,
  { order: { tags: _tags, ...head }, entry }: OrderWrite,
  now: EpochMs,
): StoredOrder {
  return {
    ...{ id, ...head, revision: entry.revision, lastHash: entry.hash, at: entry.at },
    ...{ createdAt: current?.createdAt ?? now, updatedAt: now, testClock: null, subject: null },
  };
}
