/**
 * The orders that this server moved last, each with how far its checkpoint lags behind. Whether one is still as it is kept
 * here, the write itself asks: it names the revision.
 */

import { getHeapStatistics } from "node:v8";

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

export interface HotOrdersPorts {
  /** Milliseconds. */
  readonly elapsed: () => number;
  /** Gets an order that made room while its checkpoint lagged. */
  readonly onEvicted: (order: StoredOrder) => void;
  /** Bytes of memory; beyond them, the order used longest ago makes room. */
  readonly roomBytes: number;
}

/**
 * What an order takes: its snapshot as text, as a value of many small objects, and the parts of the text that the next
 * one is made of. Measured with data of 80 to 3,000 characters: 5 to 7.5.
 */
const BYTES_PER_CHARACTER = 8;
const BYTES_PER_ORDER = 1_000;
/** Of the heap: a miss costs a read and a replay, but what is kept is walked by each full collection. */
const HEAP_SHARE = 1 / 8;

/** A share of what Node may take, by its container's memory or by `--max-old-space-size`. */
export function roomInHeap(): number {
  return getHeapStatistics().heap_size_limit * HEAP_SHARE;
}

export function createHotOrders({ elapsed, onEvicted, roomBytes }: HotOrdersPorts): HotOrders {
  // Maps keep the order of insertion: their first keys are those set longest ago.
  const kept = new Map<string, HotOrder>();
  const lagging = new Map<string, number>();
  let bytes = 0;

  const drop = (orderId: string): HotOrder | null => {
    const hot = kept.get(orderId);
    if (hot === undefined) return null;
    kept.delete(orderId);
    bytes -= bytesOf(hot);
    return hot;
  };

  const evict = (): void => {
    for (const orderId of kept.keys()) {
      if (bytes <= roomBytes) return;
      const hot = drop(orderId);
      if (lagging.delete(orderId) && hot !== null) onEvicted(hot.order);
    }
  };

  const keep = (hot: HotOrder): void => {
    const { id } = hot.order;
    drop(id);
    kept.set(id, hot);
    bytes += bytesOf(hot);
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
      bytes = 0;
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

function bytesOf({ order }: HotOrder): number {
  return BYTES_PER_ORDER + order.snapshot.text.length * BYTES_PER_CHARACTER;
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
