/**
 * The orders that this server moved last, each with how far its checkpoint lags behind. Whether one is still as it is kept
 * here, the write itself asks: it names the revision.
 */

import type { Snapshot } from "../../audit/snapshot.ts";
import type { StoredOrder } from "../store.ts";

export interface HotOrder {
  readonly order: StoredOrder;
  /** Revision of its checkpoint; 0: it has none. */
  readonly checkpoint: number;
}

export interface HotOrders {
  /** Counts as a use. */
  readonly get: (orderId: string) => HotOrder | null;
  readonly peek: (orderId: string) => HotOrder | null;
  readonly set: (hot: HotOrder) => void;
  readonly drop: (orderId: string) => void;
  readonly clear: () => void;
  /** Null: not as of this very entry. */
  readonly snapshot: (orderId: string, lastHash: string) => Snapshot | null;
  readonly isAnyLagging: () => boolean;
  /** Those whose checkpoint lags and that were not moved for so long, oldest first; they count as caught up from now on. */
  readonly takeIdle: (idleMs: number, limit: number) => readonly StoredOrder[];
}

/** Beyond either, the order used longest ago makes room. Snapshots in characters; as values they take some times that. */
const MAX_ORDERS = 20_000;
const MAX_CHARACTERS = 24_000_000;

/**
 * @param elapsed milliseconds
 * @param onEvicted gets an order that made room while its checkpoint lagged
 */
export function createHotOrders(
  elapsed: () => number,
  onEvicted: (order: StoredOrder) => void,
): HotOrders {
  // Maps keep the order of insertion: their first keys are those set longest ago.
  const kept = new Map<string, HotOrder>();
  const lagging = new Map<string, number>();
  let characters = 0;

  const drop = (orderId: string): HotOrder | null => {
    const hot = kept.get(orderId);
    if (hot === undefined) return null;
    kept.delete(orderId);
    characters -= hot.order.snapshot.text.length;
    return hot;
  };

  const evict = (): void => {
    for (const orderId of kept.keys()) {
      if (kept.size <= MAX_ORDERS && characters <= MAX_CHARACTERS) return;
      const hot = drop(orderId);
      if (lagging.delete(orderId) && hot !== null) onEvicted(hot.order);
    }
  };

  const keep = (hot: HotOrder): void => {
    const { id, snapshot } = hot.order;
    drop(id);
    kept.set(id, hot);
    characters += snapshot.text.length;
  };

  return {
    get: (orderId) => {
      const hot = kept.get(orderId);
      if (hot === undefined) return null;
      kept.delete(orderId);
      kept.set(orderId, hot);
      return hot;
    },
    peek: (orderId) => kept.get(orderId) ?? null,
    set: (hot) => {
      const { id, revision } = hot.order;
      keep(hot);
      lagging.delete(id);
      if (hot.checkpoint < revision) lagging.set(id, elapsed());
      evict();
    },
    drop: (orderId) => {
      drop(orderId);
      lagging.delete(orderId);
    },
    clear: () => {
      kept.clear();
      lagging.clear();
      characters = 0;
    },
    snapshot: (orderId, lastHash) => {
      const hot = kept.get(orderId);
      return hot?.order.lastHash === lastHash ? hot.order.snapshot : null;
    },
    isAnyLagging: () => lagging.size > 0,
    takeIdle: (idleMs, limit) => {
      const before = elapsed() - idleMs;
      return idleSince(lagging, before, limit).flatMap((orderId) => {
        lagging.delete(orderId);
        const hot = kept.get(orderId);
        if (hot === undefined) return [];
        kept.set(orderId, { ...hot, checkpoint: hot.order.revision });
        return [hot.order];
      });
    },
  };
}

function idleSince(
  lagging: ReadonlyMap<string, number>,
  before: number,
  limit: number,
): readonly string[] {
  const idle: string[] = [];
  for (const [orderId, since] of lagging) {
    if (idle.length >= limit || since > before) break;
    idle.push(orderId);
  }
  return idle;
}
